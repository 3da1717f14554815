"""What a cell of a notebook calls to show a screen; loading from a cell is in `load_in_cell`."""

from __future__ import annotations

from contextlib import suppress

from smtpauth_kit.answers.volume import busiest_sender
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.screens.findings_screen import FindingsScreen
from smtpauth_kit.screens.insight_screen import InsightScreen
from smtpauth_kit.screens.last_choice import last_language
from smtpauth_kit.screens.readiness_screen import ReadinessScreen
from smtpauth_kit.screens.reconciliation_screen import ReconciliationScreen
from smtpauth_kit.screens.report_screen import ReportScreen
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.store.engine import Engine


def insight(
    store: Engine, filters: Filters | None = None, language: str | None = None
) -> InsightScreen:
    """Show the insight card: accounts of the last 7 days, and the way to the report."""
    return InsightScreen(store, filters, language or last_language(store))


def report(
    store: Engine,
    filters: Filters | None = None,
    language: str | None = None,
    *,
    remember: bool = True,
) -> ReportScreen:
    """Show the report: by sender domain, sending volume or TLS usage, chart or details table.

    Where no filters are given it opens as it was last left for this store, and where no language
    is, in the last one chosen; with `remember=False` it neither recalls nor keeps anything.
    """
    return ReportScreen(store, filters, language, remember=remember)


def findings(
    store: Engine, filters: Filters | None = None, language: str | None = None
) -> FindingsScreen:
    """Show unusual activity in all days loaded, as incidents, the one to look at first, first."""
    return FindingsScreen(store, filters, language or last_language(store))


def readiness(
    store: Engine, filters: Filters | None = None, language: str | None = None
) -> ReadinessScreen:
    """Show who stops when Basic auth or old TLS goes, the hardest first, and the weeks."""
    return ReadinessScreen(store, filters, language or last_language(store))


def reconciliation(
    store: Engine, filters: Filters | None = None, language: str | None = None
) -> ReconciliationScreen:
    """Show what each source counts of each sender and period, and why they differ."""
    return ReconciliationScreen(store, filters, language or last_language(store))


def sender(
    store: Engine,
    address: str | None = None,
    filters: Filters | None = None,
    language: str | None = None,
) -> SenderScreen:
    """Show everything known of one sender; without an address, of the busiest one."""
    return SenderScreen(
        store, address or _busiest(store, filters), filters, language or last_language(store)
    )


def _busiest(store: Engine, filters: Filters | None) -> str:
    """Return whom a screen is about when nobody says; where nothing is loaded it says that."""
    with suppress(KitError):
        return busiest_sender(store, filters or ALL)
    return ""
