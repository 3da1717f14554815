"""The forms a report can be written in: one entry for each, read by all that writes or offers one.

Looking at them costs nothing: what makes a form is imported when one is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smtpauth_kit.base import replacing
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.sentences import Sentence

if TYPE_CHECKING:
    from smtpauth_kit.reports.report import Report


@dataclass(frozen=True)
class OutputForm:
    """One form of a report."""

    name: str
    """What `--format` takes, and the ending of its files."""
    title: Sentence
    """What a person chooses, in English; `languages/said` has it in the others."""
    media_type: str
    make: Callable[[Report], str | bytes]
    other_endings: tuple[str, ...] = ()
    """Of file names that mean it too."""
    is_marked: bool = False
    """A file of it begins with the mark by which Excel reads it as UTF-8."""

    tells_findings: bool = True
    """It says what is unusual, too."""
    proves_findings: bool = False
    """It holds the rows that prove it."""

    def content(self, report: Report) -> bytes:
        """Return a report in this form."""
        made = self.make(report)
        return made if isinstance(made, bytes) else made.encode()

    def file(self, report: Report) -> bytes:
        """Return what a file of a report holds."""
        return (b"\xef\xbb\xbf" if self.is_marked else b"") + self.content(report)


def _html(report: Report) -> str:
    from smtpauth_kit.reports import report_page

    return report_page.html(report)


def _pdf(report: Report) -> bytes:
    from smtpauth_kit.reports import report_page

    return report_page.pdf_file(report)


def _xlsx(report: Report) -> bytes:
    from smtpauth_kit.reports import report_sheets

    return report_sheets.xlsx(report)


def _csv(report: Report) -> str:
    from smtpauth_kit.reports import report_sheets

    return report_sheets.senders_csv(report)


def _markdown(report: Report) -> str:
    from smtpauth_kit.reports import report_markdown

    return report_markdown.markdown(report)


FORMS: Final = (
    OutputForm(
        "html",
        title=Sentence("Web page that works offline (.html)"),
        media_type="text/html",
        make=_html,
        other_endings=("htm",),
        proves_findings=True,
    ),
    OutputForm(
        "xlsx",
        title=Sentence("Excel workbook (.xlsx)"),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        make=_xlsx,
        proves_findings=True,
    ),
    OutputForm(
        "csv",
        title=Sentence("Table of senders (.csv)"),
        media_type="text/csv",
        make=_csv,
        is_marked=True,
        tells_findings=False,
    ),
    OutputForm(
        "md",
        title=Sentence("Text (.md)"),
        media_type="text/markdown",
        make=_markdown,
    ),
    OutputForm(
        "pdf",
        title=Sentence("Document to print (.pdf)"),
        media_type="application/pdf",
        make=_pdf,
        proves_findings=True,
    ),
)

SCOPES: Final = ("everything", "selection")
"""What a page may hold of the days asked for: every domain, or those of the filters."""

USUAL: Final = ("html", "xlsx")
"""What is attached where nobody chose."""


def listed(before: str = "", last: str = " or ") -> str:
    """Return the names as a sentence lists them, each after `before`.

    >>> listed("."), listed()
    ('.html, .xlsx, .csv, .md or .pdf', 'html, xlsx, csv, md or pdf')
    """
    *first, end = (before + form.name for form in FORMS)
    return f"{', '.join(first)}{last}{end}"


def form_named(name: str) -> OutputForm:
    """Return a form by its name.

    Raises
    ------
    UsageError
        There is no such form.
    """
    for form in FORMS:
        if form.name == name:
            return form
    raise UsageError(
        "There is no format {format}. Expected {known}.",
        format=repr(name),
        known=[form.name for form in FORMS],
    )


def save(report: Report, path: Path) -> None:
    """Write a report as the ending of the path says; what was there stays until it is whole.

    Raises
    ------
    KitError
        There is no such form, or the file cannot be written.
    """
    write_file(path, form_of(path).file(report))


def form_of(path: Path) -> OutputForm:
    """Return the form that the ending of a path says.

    Raises
    ------
    UsageError
        There is no such form.

    Examples
    --------
    >>> form_of(Path("report.HTM")).name
    'html'
    """
    ending = path.suffix.lower().removeprefix(".")
    for form in FORMS:
        if ending in (form.name, *form.other_endings):
            return form
    raise UsageError(
        'A report is written as {known}; "{file}" is none of these.',
        known=[f".{form.name}" for form in FORMS],
        file=path.name,
    )


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    KitError
        It cannot be written; what was there is as it was.
    """
    try:
        replacing.write(path, content)
    except OSError as error:
        raise KitError(
            '"{file}" cannot be written: {system}.', file=str(path), system=str(error.strerror)
        ) from error
