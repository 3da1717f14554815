"""`smtpauth how-to`: the lines to paste elsewhere so that an export is made."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smtpauth_kit.cli.options import AsJson, StoreOption, opened
from smtpauth_kit.cli.printing import print_json

if TYPE_CHECKING:
    from smtpauth_kit.formats.historical_search import Search


class Export(StrEnum):
    """An export that `how-to` knows the way to."""

    REQUESTED_REPORT = "requested-report"


def how_to(
    context: typer.Context,
    export: Annotated[Export, typer.Argument(help="The export you want.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How many days back, 1 to 90.")] = 90,
    messages_per_day: Annotated[
        int | None, typer.Option(min=1, help="Messages of a busy day; else from what is loaded.")
    ] = None,
    to: Annotated[str, typer.Option(help="Who gets the mail with the link.")] = "you@contoso.com",
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Print the PowerShell that makes an export.

    The requested report is cut into searches that stay below its limit of rows.
    """
    from smtpauth_kit.formats.historical_search import searches

    known, assumed = _volume(context, store, messages_per_day)
    found = searches(days, dt.datetime.now(dt.UTC).date(), known)
    lines = [search.command(_quotable(to)) for search in found]
    if as_json:
        print_json(
            {
                "export": export.value,
                "assumed": assumed,
                "searches": [
                    {"start": s.start.isoformat(), "end": s.end.isoformat(), "command": line}
                    for s, line in zip(found, lines, strict=True)
                ],
            }
        )
    else:
        print("\n".join([*_before(found, assumed), *lines, *_after()]))


def _quotable(address: str) -> str:
    """Return an address that can stand between quotes in PowerShell."""
    return "".join(c for c in address if c.isprintable() and c not in '"`$\u201c\u201d\u201e')


def _volume(
    context: typer.Context, store: Path | None, said: int | None
) -> tuple[float | None, str]:
    """Return the messages of a busy day, and in words where the figure is from."""
    from smtpauth_kit.answers.busiest_day import busiest_day

    if said is not None:
        return said, f"{said:,} messages on a busy day, as you said"
    of = opened(context, store)
    if (loaded := busiest_day(of) if of.exists() else None) is not None:
        return loaded, f"{loaded:,.0f} messages on a busy day, from what is loaded in this store"
    return None, (
        "nothing is loaded that tells how many messages a day has, so each search is a week: "
        "enough up to about 11,000 messages a day; say yours with --messages-per-day"
    )


def _before(found: list[Search], assumed: str) -> list[str]:
    from smtpauth_kit.formats.historical_search import MAX_ROWS, MAX_SEARCHES

    lines = [
        f"# The requested report of SMTP AUTH clients (SmtpCSReport), in {len(found)} search(es).",
        "# Whole UTC days up to yesterday; each search ends before its EndDate. Of the 90th day "
        "back a part is too old to be searched, so there are 89 at most.",
        f"# Assumed: {assumed}.",
        f"# A CSV ends at {MAX_ROWS:,} rows: where one has just so many, search shorter ranges.",
    ]
    if len(found) > MAX_SEARCHES:
        lines.append(f"# A tenant may start {MAX_SEARCHES} searches a day: spread them over days.")
    return [*lines, "Connect-ExchangeOnline"]


def _after() -> list[str]:
    return [
        "Get-HistoricalSearch | Where-Object ReportType -eq SmtpCSReport | "
        "Format-Table ReportTitle, Status, Rows, FileUrl",
        "# When Status is Done, open each FileUrl, save its CSV, and load them all:",
        "# smtpauth load SmtpCSReport_*.csv",
    ]
