"""The flyout of an incident on a screen: its proofs, who else was there, what was found out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.base.errors import Cancelled, KitError, StoreError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.asking import Asker
from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.screens.findings_answer import incident_told, proved, who_told
from smtpauth_kit.screens.findings_form import read_said
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.views import finding_proof
from smtpauth_kit.views.findings import Found
from smtpauth_kit.words.words import Words


class IncidentFlyout:
    """What a screen's browser asks of the incidents that it lists: `incident_flyout.js` draws it.

    `again` is called when something was kept of a finding: the list has to be asked anew.
    """

    def __init__(
        self, store: Engine, view: BrowserView, words: Words, again: Callable[[], None]
    ) -> None:
        self._store, self._view, self._words, self._again = store, view, words, again
        self._asker = Asker(store)
        self._open: tuple[Incident, Found] | None = None
        """The incident on screen; it stays there when the filters no longer choose it."""
        self._found: Found | None = None
        self._filters = Filters()

    def follow(self, found: Found | None, filters: Filters) -> None:
        """Take the incidents that are listed now, and the filters that chose them."""
        self._found, self._filters = found, filters

    def hear(self, message: dict[str, Any]) -> None:
        """Do what the browser asks; whatever else arrives does no harm."""
        match message:
            case {"open": str(incident_id)}:
                self._open_incident(incident_id)
            case {"prove": str(finding_id)}:
                self._prove(finding_id)
            case {"who": dict(asked)}:
                self._tell_who(asked)
            case {"say": dict(typed)}:
                self._say(typed)

    def cancel(self) -> None:
        """Stop the question under way."""
        self._asker.cancel()

    @property
    def place(self) -> SettingsPlace:
        """Where what is said of findings is kept.

        Raises
        ------
        StoreError
            There is no such place.
        """
        if self._store.settings_place is None:
            raise StoreError("There is no file of settings where this could be kept.")
        return self._store.settings_place

    def _ask(self, ask: Callable[[Engine], Any], name: str) -> None:
        """Ask on another thread what the open flyout shows, and send it under a name."""

        def tell(done: Future[Any]) -> None:
            self._view.rests()
            try:
                self._view.send({name: done.result()})
            except Cancelled:
                return
            except KitError as error:
                self._view.send({"failed": self._words.sentence(error)})

        self._asker.ask(ask, tell, self._view.works, self._view.works_on)

    def _open_incident(self, incident_id: str) -> None:
        found = self._found
        for incident in found.incidents if found else ():
            if found and incident.incident_id == incident_id:
                self._tell_incident(incident, found)

    def _tell_incident(self, incident: Incident, found: Found) -> None:
        self._open = incident, found
        filters, words = self._filters, self._words

        def ask(engine: Engine) -> dict[str, Any]:
            told = incident_told(engine, incident, found, filters, words)
            return {**told, **self._form(incident)}

        self._ask(ask, "flyout")

    def _form(self, incident: Incident) -> dict[str, Any]:
        """Return what the form of an incident needs: whether anything can be kept, and of what."""
        own = [finding.finding_id for finding in incident.findings]
        return {"own": own, "can_save": self._store.settings_place is not None}

    def _prove(self, finding_id: str) -> None:
        if self._open is None:
            return
        incident, _ = self._open
        filters, words = self._filters, self._words
        for finding in incident.story:
            if finding.finding_id == finding_id:
                self._ask(partial(proved, incident, finding, filters, words), "proof")

    def _tell_who(self, asked: dict[str, Any]) -> None:
        filters, words = self._filters, self._words
        self._ask(lambda engine: who_told(engine, asked, filters, words), "there")

    def _say(self, typed: dict[str, Any]) -> None:
        """Keep what somebody found out of the open incident, and show it so."""
        if self._open is None:
            return
        incident, found = self._open
        said = read_said(typed, incident, self._words)
        if said.errors:
            self._view.send({"errors": said.errors})
            return
        try:
            said.keep(self.place)
        except KitError as error:
            self._view.send({"failed": self._words.sentence(error)})
            return
        self._again()
        now = {**found.states, **states.states(self._store, incident.story)}
        found = replace(found, states=now)
        self._open = incident, found
        told = finding_proof.told(incident, found, [], self._words, said.shown)
        self._view.send({"flyout": {**told, **self._form(incident), "said": said.text}})
