"""Every screen of one tenant is that of a store that holds it alone; a list chooses the tenant."""

from __future__ import annotations

import html
import json

import pytest
from markupsafe import escape
from tenant_worlds import BETA, SCANNER, TENANTS

from smtpauth_kit.base.filters import Filters
from smtpauth_kit.screens.findings_screen import FindingsScreen
from smtpauth_kit.screens.insight_screen import InsightScreen
from smtpauth_kit.screens.readiness_screen import ReadinessScreen
from smtpauth_kit.screens.reconciliation_screen import ReconciliationScreen
from smtpauth_kit.screens.report_screen import ReportScreen
from smtpauth_kit.screens.sender_screen import SenderScreen
from smtpauth_kit.views.filter_words import active
from smtpauth_kit.words.words import speak

SCREENS = {
    "insight": InsightScreen,
    "findings": FindingsScreen,
    "readiness": ReadinessScreen,
    "reconciliation": ReconciliationScreen,
    "sender": lambda store, filters: SenderScreen(store, SCANNER, filters),
    "report": lambda store, filters: ReportScreen(store, filters, remember=False),
}
OWN = ("about", "base", "number", "chips")
"""What a screen shows that names the question, the state of the store, or the turn."""


def told(screen):
    """Return all that a screen shows, with what comes a moment later.

    That it is of a tenant is said wherever filters are; it is left out here.
    """
    if isinstance(screen, ReportScreen):
        shown = {**screen._now().shown, "senders": screen.senders.to_json()}
        shown["below"] = screen._view.more
    else:
        shown = {**screen._shown, "more": screen._view.more}
    text, said = json.dumps(shown, default=str), active(screen.filters, speak("en"))
    for each in (json.dumps(w)[1:-1] for t in said[:1] for w in written(t)):
        text = text.replace(f"Filters: {each}; ", "Filters: ").replace(f'"Filters: {each}.", ', "")
        text = text.replace(f"<li>Filters: {each}.</li>\\n", "")
    shown = json.loads(text)
    for part in (shown, shown.get("below") or {}):
        for name in OWN:
            part.pop(name, None)
    return shown


def written(text):
    """Yield a text as JSON and as the two ways of HTML have it."""
    return text, html.escape(text), str(escape(text))


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_of_one_tenant_is_that_of_a_store_that_holds_it_alone(tenant_stores, name):
    every, alone = tenant_stores
    make, all_told = SCREENS[name], []
    for tenant in TENANTS:
        own = told(make(alone[tenant], Filters()))
        assert told(make(every, Filters(tenants=(tenant,)))) == own, tenant
        all_told.append(json.dumps(own))
    assert len(set(all_told)) == len(TENANTS)


@pytest.mark.parametrize("name", SCREENS)
def test_a_list_chooses_the_tenant_where_there_are_several(tenant_stores, name):
    every, alone = tenant_stores
    screen = SCREENS[name](every, Filters(domains=("nobody.example",)))
    told(screen)
    switch = screen._controls.tenant if name == "report" else screen._tenants
    shown = BETA.replace("\n", "[U+000A]")
    assert [label for label, _ in switch.options] == ["All tenants", "no tenant", "alpha", shown]
    assert switch.value == () and switch.layout.display is None
    assert switch in walk(screen) and "smtpauth-tenant" in switch._dom_classes
    switch.value = ("alpha",)
    assert (screen.filters.tenants, screen.filters.domains) == (("alpha",), ())
    told(screen)
    assert switch.value == ("alpha",)
    one = SCREENS[name](alone["alpha"], Filters())
    told(one)
    hidden = one._controls.tenant if name == "report" else one._tenants
    assert hidden.layout.display == "none"


def walk(widget):
    for child in getattr(widget, "children", ()):
        yield child
        yield from walk(child)


def test_a_tenant_that_is_gone_is_said_and_another_can_be_chosen(tenant_stores):
    every, _ = tenant_stores
    screen = FindingsScreen(every, Filters(tenants=("gone",)))
    assert screen.status.startswith("No file is loaded with the tenant 'gone'.")
    assert [label for label, _ in screen._tenants.options] == ["All tenants", "gone"]
    screen._tenants.value = ()
    assert screen.filters.tenants == () and "gone" not in screen.status
