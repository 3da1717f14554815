"""From a recognised export to staged rows: what each row says, and what is wrong with it.

Two passes at most: the rows are converted as they are read; a row that could be read in two ways
stops that pass, the whole file is looked at for the decision, and the conversion starts again.
"""

from __future__ import annotations

from collections.abc import Iterator

from smtpauth_kit.base.errors import PeriodNeeded
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context, ExportFormat, Layout
from smtpauth_kit.loading import days_in_names, emptiness, zones
from smtpauth_kit.loading.batches import Batches, Staged
from smtpauth_kit.loading.column_names import quoted_names
from smtpauth_kit.loading.data_rows import data_records
from smtpauth_kit.loading.deciding import decide
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Tick
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.values.cells import Decisions, NeedsDecision
from smtpauth_kit.words.inert import printable


def stage(
    export: Export, content: Content, layout: Layout, options: Options, counts: Counts, tick: Tick
) -> Iterator[Staged | None]:
    """Yield a file's converted rows in batches; None: drop those before, it starts again.

    Fills `counts` as it goes.

    Raises
    ------
    FileRefused
        The period is not known, or day and month could be swapped throughout.
    """
    context = context_of(export, layout, options)
    if layout.format.survey:
        context.decisions = decide(export, content, layout, options, tick)
        look, finding = layout.format.survey(context)
        for record in data_records(export, content, layout, Counts(), tick):
            if not record.problem:
                look(record.cells)
        context.facts_of_file = finding()
    try:
        yield from converted(export, content, context, counts, tick)
    except NeedsDecision:
        yield None
        context.decisions = decide(export, content, layout, options, tick)
        counts.__init__()  # type: ignore[misc]
        context.tally.clear()
        context.at_end.clear()
        context.notes.clear()
        zones.note_of_zone(context, options.source_timezone)
        yield from converted(export, content, context, counts, tick)
    conclude(content, context, counts)


def context_of(export: Export, layout: Layout, options: Options) -> Context:
    """Return what the rows of a file are read with.

    Raises
    ------
    FileRefused
        The period or the time zone is not known.
    """
    _check_period(export, layout.format, options)
    zones.check_zone(export.path, layout, options.source_timezone)
    context = Context(
        layout=layout,
        decisions=Decisions(options.date_order),
        period=options.period if layout.format.needs_period or not layout.format.times else None,
        path=printable(export.path),
        tenant=options.tenant,
        file_day=export.modified.date(),
    )
    zones.note_of_zone(context, options.source_timezone)
    if layout.format.needs_period:
        context.notes.extend(_other_days(export, options))
    return context


def _other_days(export: Export, options: Options) -> Iterator[Sentence]:
    """Say that a file's name holds other days than it was said to be of."""
    named = days_in_names.period_in_name(export.path, export.modified.date())
    if named and options.period and named != options.period:
        yield Sentence(
            "its name holds the days {start} to {end}, and it was loaded for {first} to {last}, as "
            "--period says: where the name is right, unload it and load it with those",
            start=named[0],
            end=named[1],
            first=options.period[0],
            last=options.period[1],
        )


def conclude(content: Content, context: Context, counts: Counts) -> None:
    """Say of a file what only all its rows together tell."""
    _warn(context.layout, context, counts)
    if content.only is None:  # Else other rows of the file went another way.
        counts.warnings.extend(emptiness.warnings(counts, context))


def _check_period(export: Export, fmt: ExportFormat, options: Options) -> None:
    if fmt.needs_period and options.period is None:
        path, modified = printable(export.path), export.modified.date()
        if offered := days_in_names.period_in_name(export.path, modified):
            raise PeriodNeeded(
                "{file} is a {title}: it counts messages for a range of days that only the person "
                "who exported it knows. Its name holds two days; if it was exported for these, "
                "both included, load it with --period {start}:{end}, else with the days it was "
                "exported for.",
                offered=offered,
                file=path,
                title=fmt.title,
                start=offered[0].isoformat(),
                end=offered[1].isoformat(),
            )
        raise PeriodNeeded(
            "{file} is a {title}: it counts messages for a range of days that only the person who "
            "exported it knows. Expected that range; say it with --period START:END, both days "
            "included, for example --period 2026-11-16:2026-11-22.",
            file=path,
            title=fmt.title,
        )


def converted(
    export: Export, content: Content, context: Context, counts: Counts, tick: Tick
) -> Iterator[Staged]:
    """Yield the rows of a file, or of a piece of it, converted, in batches.

    Raises
    ------
    NeedsDecision
        A row can be read in two ways.
    """
    batches = Batches(export, context, counts)
    only_with = context.layout.format.only_with
    for record in data_records(export, content, context.layout, counts, tick, only_with=only_with):
        if full := batches.add(record):
            yield full
    yield batches.last()


def _warn(layout: Layout, context: Context, counts: Counts) -> None:
    for why, number in sorted(context.tally.items()):
        # What is said of rows settles its own words by their number as well.
        told = why.refilled({**why.values, "n": number})
        counts.warnings.append(Sentence("{n} {n:row|rows} {why}", n=number, why=told))
    counts.warnings.extend(context.notes)
    if layout.unknown:
        shown = quoted_names(layout.unknown[:10]) + (" …" if len(layout.unknown) > 10 else "")
        told = Sentence("columns the kit does not know, not loaded: {columns}", columns=shown)
        counts.warnings.append(told)
