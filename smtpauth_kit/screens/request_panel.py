"""The Request report panel: days, recipients, scope, formats; by mail, or as files."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from smtpauth_kit import answers
from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.mail import addresses, request
from smtpauth_kit.mail.mail_settings import mail_settings
from smtpauth_kit.reports.forms import FORMS, USUAL
from smtpauth_kit.screens.browser_view import WITH_FORMS, BrowserView
from smtpauth_kit.screens.flyout_form import iso, read_days, read_form
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.filter_words import active
from smtpauth_kit.words.words import Words

_MOST: Final = 50
"""Recipients of one report."""


class RequestPanel(BrowserView):
    """A panel that mails the report of a screen, or writes it into the outbox.

    Set `filters` to what the screen shows; `show()` opens the panel. The report is made on another
    thread: a notebook goes on meanwhile.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> panel = RequestPanel(store, speak("en"))
    >>> panel.show(Filters())
    >>> panel.shown["draft"]["start"], panel.shown["draft"]["formats"]
    ('2026-11-16', ['html', 'xlsx'])
    """

    def __init__(self, store: Engine, words: Words) -> None:
        self._store, self._words = store, words
        self._filters = Filters()
        self._worker = ThreadPoolExecutor(1, "request-report")
        self.making: Future[None] | None = None
        super().__init__("request_panel.js", words, beside=WITH_FORMS)
        self.on_msg(self._hear)

    def show(self, filters: Filters) -> None:
        """Open the panel for a report of these filters."""
        self._filters = filters
        words = self._words
        try:
            scope = answers.settle_scope(self._store, filters)
            way, said = mail_settings().way, ""
        except KitError as error:
            scope, way, said = (
                answers.Scope(filters, None, None, None, None, None, {}),
                "",
                words.sentence(error),
            )
        self.shown = {
            "draft": {
                "start": iso(scope.start), "end": iso(scope.end),
                "to": "", "everything": False, "formats": list(USUAL), "send": way != "outbox",
            },
            "formats": [(form.name, words.sentence(form.title)) for form in FORMS],
            "narrowed": "; ".join(active(filters, words)),
            "can_send": way in ("smtp", "graph"),
            "said": said,
        }  # fmt: skip

    def close_panel(self) -> None:
        """Close it; a report that is being made goes out all the same."""
        self.shown = {}

    def _hear(self, _view: BrowserView, message: dict[str, Any], _buffers: object) -> None:
        if "close" in message:
            self.close_panel()
        elif "check" in message:
            self.send({"errors": read_request(message["check"], self._filters, self._words).errors})
        elif "request" in message:
            self._request(message["request"])

    def _request(self, typed: Any) -> None:
        asked = read_request(typed, self._filters, self._words)
        if asked.errors:
            self.send({"errors": asked.errors, "refused": True})
        elif self.making is None or self.making.done():
            self.send({"working": self._words("The report is being made.")})
            self.making = self._worker.submit(self._make, asked)

    def _make(self, asked: Request) -> None:
        try:
            done = request.request_report(
                self._store, asked.to, asked.filters,
                via=None if asked.send else "outbox",
                formats=asked.formats, language=self._words.language,
            ).text  # fmt: skip
        except KitError as error:
            self.send({"failed": self._words.sentence(error)})
        except Exception as error:  # Whatever it is: somebody waits to hear how it ended.
            self.send({"failed": f"{type(error).__name__}: {error}"})
        else:
            self.send({"done": done})


class Request:
    """What was typed into the form: which report for whom; and what is wrong, by control."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.to: list[str] = []
        self.formats: tuple[str, ...] = ()
        self.send = False
        self.errors: dict[str, str] = {}


def read_request(typed: Any, filters: Filters, words: Words) -> Request:
    """Return what was typed as a request, and in plain words what is wrong, by control.

    `typed` comes from a browser: anything may be in it.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> typed = {"to": "jane@contoso.com, joe", "formats": ["html"]}
    >>> read_request(typed, Filters(), speak("en")).errors
    {'to': 'joe is no mail address. Write it as jane@contoso.com.'}
    """
    typed = read_form(typed)
    asked = Request(filters.of_everyone() if typed.get("everything") else filters)
    start, end = read_days(typed, asked.errors, words)
    asked.filters = asked.filters.changed(start=start, end=end, as_of=None)
    asked.to = _addresses(str(typed.get("to") or ""), asked, words)
    given = typed.get("formats")
    chosen = given if isinstance(given, list) else []
    asked.formats = tuple(form.name for form in FORMS if form.name in chosen)
    if not asked.formats:
        asked.errors["formats"] = words("Choose at least one format.")
    asked.send = bool(typed.get("send"))
    return asked


def _addresses(text: str, asked: Request, words: Words) -> list[str]:
    """Return the addresses of a text: one a line, or with commas or semicolons between."""
    lines = text.replace(";", "\n").replace(",", "\n").splitlines()
    to = [line.strip() for line in lines if line.strip()]
    wrong = [each for each in to if not _is_address(each)]
    if wrong:
        asked.errors["to"] = words(
            "{address} is no mail address. Write it as jane@contoso.com.", address=wrong[0]
        )
    elif not to:
        asked.errors["to"] = words("Write at least one mail address.")
    elif len(to) > _MOST:
        asked.errors["to"] = words("Write at most {n} mail addresses.", n=_MOST)
    return to


def _is_address(text: str) -> bool:
    try:
        addresses.parse_address(text)
    except UsageError:
        return False
    return True
