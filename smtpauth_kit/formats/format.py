"""What an export format is: how it is recognised, what its columns mean, what it cannot tell."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import Any

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats.languages import in_all_languages
from smtpauth_kit.formats.rows import ByColumns, Cells, Converter, Ends, Rows
from smtpauth_kit.values import times
from smtpauth_kit.values.cells import Decisions
from smtpauth_kit.values.times import Moment


@dataclass(frozen=True)
class Field:
    """A column that a format knows, under every name it has been seen with."""

    name: str
    labels: tuple[str, ...]
    required: bool = False
    ranked: bool = False
    """Its labels are different columns of one export, of which the first that is there counts.
    Else two of them in one file are a contradiction."""


@dataclass(frozen=True)
class Layout:
    """Where a file keeps the fields of its format."""

    format: ExportFormat
    keys: Mapping[str, Any]
    """Field name to column: a position in a text table, a dotted name in JSON."""
    labels: Mapping[str, str]
    """Field name to the header as it came."""
    unknown: tuple[str, ...]
    """Headers that the format does not know."""
    doubled: tuple[str, ...]
    """Labels of required fields that stand twice."""
    zone: dt.tzinfo
    """Time zone the header names, else UTC."""
    zone_said: str = ""
    """What the header says of the zone, as it came; empty where it says nothing."""
    header: tuple[str, ...] = ()
    header_line: int = 0
    delimiter: str | None = ","
    """None: a log, whose lines have no columns."""
    has_comments: bool = False
    """Lines that start with # are no data: the header came behind `#Fields:`."""
    mapped: Mapping[str, str] = field(default_factory=dict)
    """Field to column, where a person said so."""
    mapped_on: dt.date | None = None
    """The day they said it; None: just now."""

    @property
    def cannot_tell(self) -> tuple[Sentence, ...]:
        """What the file does not say: what its format cannot, but for what its columns tell."""
        told = {phrase for name, phrase in self.format.told_by.items() if name in self.keys}
        return tuple(phrase for phrase in self.format.cannot_tell if phrase not in told)

    @property
    def language_mark(self) -> str:
        """The decimal mark of the file's language: its headers' or its delimiter's."""
        dutch = any(label.split()[:1] in (["adres"], ["datum/tijd"]) for label in self._lower)
        return "," if dutch or self.delimiter == ";" else "."

    @property
    def _lower(self) -> list[str]:
        return [label.lower() for label in self.labels.values()]


@dataclass
class Context:
    """What a converter needs beside the row: the layout, decisions, and what the user said."""

    layout: Layout
    decisions: Decisions
    period: tuple[dt.date, dt.date] | None = None
    path: str = ""
    """The file as an error names it."""
    tenant: str = ""
    file_day: dt.date = dt.date(1970, 1, 1)
    tally: Counter[Sentence] = field(default_factory=Counter)
    """Sentences about the file with how often they hold; they become its warnings."""
    notes: list[Sentence] = field(default_factory=list)
    """What else a converter has to say of the file when it has ended; they become warnings."""
    facts_of_file: Any = None
    """What the format's `survey` found over all rows."""
    is_joined: bool = False
    """The rows are lines of several files put together; no other file tells more of them."""
    at_end: list[Callable[[], Ends]] = field(default_factory=list)
    """What a converter has still to say when the file ends; it adds a function here."""

    def picker(self, *names: str) -> Callable[[Cells], Sequence[str]]:
        """Return a function that takes the named fields out of a row; absent ones are empty."""
        keys = [self.layout.keys.get(name) for name in names]
        if any(isinstance(key, str) for key in keys):
            return lambda cells: ["" if key is None else cells.get(key, "") for key in keys]  # type: ignore[union-attr]
        if len(keys) > 1 and None not in keys:
            return itemgetter(*keys)
        # An absent field is the empty text put behind the last cell. It is picked once more than
        # asked for, because of one or no name `itemgetter` makes no tuple.
        pick = itemgetter(*(-1 if key is None else key for key in keys), -1, -1)
        return lambda cells: pick((*cells, ""))[:-2]

    def moment(self, text: str) -> Moment:
        """Return the instant a cell names, in the zone and with the decisions of this file."""
        return times.moment(text, self.decisions, self.layout.zone)

    def moments(self, rows: Rows, name: str) -> list[Moment]:
        """Return the instants that the cells of a field name; see :meth:`Rows.each`."""
        usual = None if rows.is_alone else times.moments(rows.texts(name), self.layout.zone)
        return usual or rows.each(self.moment, name)

    def has(self, name: str) -> bool:
        """Tell whether the file has a column for the field."""
        return name in self.layout.keys


@dataclass(frozen=True)
class ExportFormat:
    """One export format. Adding one: a file beside this, its line in the registry, a sample."""

    name: str
    """The word `--format` knows it by."""
    title: Sentence
    source: str
    fields: tuple[Field, ...]
    converter: Callable[[Context], Converter] | None = None
    """Says what one row means."""
    by_columns: Callable[[Context], ByColumns] | None = None
    """In the place of a converter: says what many rows mean at once."""
    only_with: str = ""
    """A word, in capitals, that stands in every row that gives a fact, in any case: rows without it
    are counted and nothing more."""
    cannot_tell: tuple[Sentence, ...] = ()
    told_by: Mapping[str, Sentence] = field(default_factory=dict)
    """Fields that tell one of these all the same, in a file that has them."""
    known: tuple[str, ...] = ()
    """Headers of the real export that the kit has no use for."""
    excluded: tuple[str, ...] = ()
    """Headers that show that a file is of another format."""
    needs_period: bool = False
    times: tuple[str, ...] = ()
    """Fields whose day and month order is decided over the file."""
    counts: tuple[str, ...] = ()
    """Fields whose thousands and decimal marks are decided over the file."""
    survey: Callable[[Context], tuple[Callable[[Cells], None], Callable[[], Any]]] | None = None
    """For a rule that needs all rows first: a function for each row, one for the finding."""
    is_total: Callable[[Context], Callable[[Cells], bool]] | None = None
    """Recognises a row of totals, which is no data."""
    source_field: str = ""
    """For a table that says itself which source its rows are of; `source` is what it is if not."""
    sources: tuple[str, ...] = ()
    """What it may say."""
    line: Callable[[str], bool] | None = None
    """For a log without columns: tells whether a line is one that only this log has."""
    lines_in_json: Callable[[Mapping[str, str]], Sequence[str]] | None = None
    """The lines of such a log in a JSON record, where it may come as JSON."""
    open_header: tuple[str, ...] = ()
    """For a log that leaves lines open for other files: the columns of such a line, which tabs
    separate."""
    open_rank: Callable[[str], int] = lambda _: 0
    """What an open line tells first within a second; files that are cut inside one need it."""
    by_row: bool = False
    """A row of it means what it says, whatever stands in others: a large file is read in pieces."""
    headless: Callable[[str], bool] | None = None
    """For a log with columns: tells whether a line is a row of it, whatever its header."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made, for another process: by its name, as it is mostly functions.

        >>> import pickle
        >>> from smtpauth_kit.formats import FORMATS
        >>> pickle.loads(pickle.dumps(FORMATS[0])) is FORMATS[0]
        True
        """
        return _named, (self.name, self.source)

    def lay_out(
        self, header: Sequence[str], keys: Sequence[Any], mapped: Mapping[str, str]
    ) -> Layout:
        """Match a header with the fields; required ones may be missing (see `missing`)."""
        normal = _normal_headers(tuple(header))
        # PowerShell writes a date as an object: its value, and how it is shown.
        objects = [(i, _of_value(name)) for i, name in enumerate(normal) if _of_value(name)]
        found: dict[str, int] = {}
        doubled: list[str] = []
        for wanted in self.fields if mapped or self.knows_any(header) else ():
            names = self._names_of(wanted, mapped)
            at = [i for i, name in enumerate(normal) if name in names]
            if wanted.ranked and at:
                best = next(name for name in names if name in normal)
                at = [i for i in at if normal[i] == best]
            at = at or [i for i, name in objects if name in names]
            if at:
                found[wanted.name] = at[0]
            if len(at) > 1 and wanted.required:
                doubled.append(header[at[0]].strip())
        used, known = set(found.values()), _normal_known(self.known)
        known |= {_of_value(normal[i]) + end for i in used for end in (".datetime", ".displayhint")}
        zone_said = _zone_said([header[found[name]] for name in self.times if name in found])
        return Layout(
            format=self,
            keys={name: keys[i] for name, i in found.items()},
            labels={name: header[i].strip() for name, i in found.items()},
            unknown=tuple(
                header[i].strip()
                for i, name in enumerate(normal)
                if i not in used and name and name not in known
            ),
            doubled=tuple(doubled),
            zone=times.zone_in_brackets(zone_said) or dt.UTC,
            zone_said=zone_said,
        )

    def knows_any(self, header: Sequence[str]) -> bool:
        """Tell whether a header has a column of this format: most rows that may be one have none.

        >>> from smtpauth_kit.formats import FORMATS
        >>> [fmt.name for fmt in FORMATS if fmt.knows_any(["2026-11-16", "a@contoso.com"])]
        []
        """
        normal = _normal_headers(tuple(header))
        return any(name in self._names or _of_value(name) in self._names for name in normal)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Every name that a field may stand under in a header."""
        return frozenset(name for wanted in self.fields for name in _normal_names(wanted))

    def _names_of(self, wanted: Field, mapped: Mapping[str, str]) -> dict[str, None]:
        """Return every name a field may stand under, in order of preference."""
        names = _normal_names(wanted)
        for named, column in mapped.items():
            if normal_header(named) in names:
                return {normal_header(column): None}
        return names

    def mapped_fields(self, layout: Layout, keys: Sequence[Any]) -> dict[str, str]:
        """Return the fields that have their column only because a person said so."""
        plain = self.lay_out(layout.header, keys, {}).labels
        return {
            f.labels[0]: layout.labels[f.name]
            for f in self.fields
            if layout.labels.get(f.name) not in (None, plain.get(f.name))
        }

    def missing(self, layout: Layout) -> list[str]:
        """Return the first label of each required field that the layout lacks."""
        return [f.labels[0] for f in self.fields if f.required and f.name not in layout.keys]

    def excludes(self, header: Sequence[str]) -> bool:
        """Tell whether a header belongs to another format."""
        return not _normal_known(self.excluded).isdisjoint(_normal_headers(tuple(header)))


def _named(name: str, source: str) -> ExportFormat:
    from smtpauth_kit.formats import FORMATS

    found = next(each for each in FORMATS if each.name == name)
    return found if found.source == source else replace(found, source=source)


def _of_value(name: str) -> str:
    """Return the name of the object whose value this is; empty where it is none's."""
    return name.removesuffix(".value") if name.endswith(".value") else ""


@cache
def _normal_names(wanted: Field) -> dict[str, None]:
    labels = [other for label in wanted.labels for other in in_all_languages(label)]
    return dict.fromkeys(normal_header(label) for label in (*labels, wanted.name))


@cache
def _normal_known(headers: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normal_header, headers))


@lru_cache(maxsize=1)
def _normal_headers(header: tuple[str, ...]) -> list[str]:
    """Return a file's header: every format is asked about the same one, and it may be large."""
    return [normal_header(cell) for cell in header]


MAX_HEADER = 300
"""A longer cell is no column's name; looking at it closely would cost more than reading it."""
_BRACKET = re.compile(r"\[(.*)\]\s*$|\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$")
_ZONE_INSIDE = re.compile(r"\s(\((?:UTC|GMT)[^()]{0,10}\).*)$", re.IGNORECASE)
_NO_ZONE = re.compile(
    r"[dmyhst]{1,4}(?:[-/., :][dmyhsta]{1,4})+|date|time|text|string|required|optional",
    re.IGNORECASE,
)
"""What stands in brackets behind a date and is no zone: how it is written, that it must be."""


def _zone_said(headers: Sequence[str]) -> str:
    """Return what the headers of times say in brackets, where that can be a zone.

    Examples
    --------
    >>> [_zone_said([h]) for h in ("Date (UTC+01:00)", "Time [(UTC+01:00) Paris]", "Date (d-m-y)")]
    ['UTC+01:00', '(UTC+01:00) Paris', '']
    """
    for header in headers:
        text = header[-MAX_HEADER:].strip().strip("\"'* ")
        bracket = _BRACKET.search(text) or _ZONE_INSIDE.search(text)
        said = next((group for group in bracket.groups() if group), "") if bracket else ""
        if said.strip() and not _NO_ZONE.fullmatch(said.strip()):
            return said.strip()
    return ""


def normal_header(text: str) -> str:
    """Return a header in the form headers are compared in.

    Examples
    --------
    >>> [normal_header(t) for t in (" TLS1,0% *", "Date (UTC+01:00)", '"Sender_Address"')]
    ['tls1.0%', 'date', 'senderaddress']
    """
    if len(text) > MAX_HEADER:
        return text
    plain = unicodedata.normalize("NFC", "".join(char for char in text if char.isprintable()))
    plain = plain.strip().strip("\"'\ufeff* ")
    plain = _ZONE_INSIDE.sub("", _BRACKET.sub("", plain)).casefold()
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    return re.sub(r"[\s_*-]+", "", plain)


def header_key(header: Sequence[str]) -> str:
    """Return what makes two headers the same: their columns, in any order and case.

    Examples
    --------
    >>> header_key(["Datum", "Afzender"]) == header_key(["afzender ", "DATUM"])
    True
    """
    names = sorted({normal_header(name) for name in header} - {""})
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:32]


def check_mapping(mapped: Mapping[str, str], formats: Sequence[ExportFormat]) -> None:
    """Raise KitError when a mapped field is one that no format has."""
    known = {name for f in formats for w in f.fields for name in f._names_of(w, {})}
    for named in mapped:
        if normal_header(named) not in known:
            labels = sorted({w.labels[0] for f in formats for w in f.fields})
            raise KitError(
                "No export has a field called {field}. The fields are: {fields}.",
                field=repr(named),
                fields=labels,
            )
