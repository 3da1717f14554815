"""The list in a screen's top bar that chooses the tenant its figures are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as W

from smtpauth_kit.views.filter_words import tenant_title
from smtpauth_kit.words.words import Words

_ALL: tuple[str, ...] = ()


class TenantSwitch(W.Dropdown):  # type: ignore[misc]
    """A list of tenants; hidden while there is one alone. A letter that is typed leads to a name.

    `pick` hears what filters become: of another tenant, with no sender domain and no sender, which
    the other tenant does not have.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> heard = []
    >>> switch = TenantSwitch(speak("en"), lambda chosen: heard.append(chosen))
    >>> switch.follow(("", "contoso"), ())
    >>> switch.value = ("contoso",)
    >>> heard
    [{'tenants': ('contoso',), 'domains': (), 'sender': None}]
    """

    def __init__(self, words: Words, pick: Callable[[dict[str, Any]], None]) -> None:
        self._following, self._words = True, words
        self._offered: list[tuple[str, tuple[str, ...]]] = []
        super().__init__(
            description=words("Tenant"), style={"description_width": "initial"}, options=[]
        )
        self.add_class("smtpauth-tenant")
        self.layout.display = "none"
        self._following = False
        self.observe(lambda change: self._picked(change, pick), "value")

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._offered)

    def follow(self, tenants: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer the tenants that are loaded, and show the ones that are chosen."""
        self._following = True
        try:
            offered = self._choices(tenants, tuple(chosen)) if len(tenants) > 1 or chosen else []
            if offered != self._offered:
                self._offered = self.options = offered
            self.value = tuple(chosen) if offered else None
            self.layout.display = None if offered else "none"
        finally:
            self._following = False

    def _choices(
        self, tenants: Sequence[str], chosen: tuple[str, ...]
    ) -> list[tuple[str, tuple[str, ...]]]:
        each = [(tenant_title(name, self._words), (name,)) for name in tenants]
        offered = [(self._words("All tenants"), _ALL), *each]
        if chosen not in [value for _, value in offered]:
            # Several, which only a cell can choose, or one that is no longer loaded.
            named = ", ".join(tenant_title(name, self._words) for name in chosen)
            offered.append((named, chosen))
        return offered

    def _picked(self, change: Any, pick: Callable[[dict[str, Any]], None]) -> None:
        if not self._following and change["new"] is not None:
            pick({"tenants": change["new"], "domains": (), "sender": None})
