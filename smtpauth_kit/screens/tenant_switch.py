"""The list in a screen's top bar that chooses the tenant its figures are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from smtpauth_kit.screens.top_bar_list import TopBarList
from smtpauth_kit.views.filter_words import tenant_title
from smtpauth_kit.words.words import Words

_ALL: tuple[str, ...] = ()


class TenantSwitch(TopBarList):
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
        self._words = words
        super().__init__(
            words("Tenant"), "smtpauth-tenant",
            lambda chosen: pick({"tenants": chosen, "domains": (), "sender": None}),
        )  # fmt: skip

    def follow(self, tenants: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer the tenants that are loaded, and show the ones that are chosen."""
        named = tuple(chosen)
        self.offer(self._choices(tenants, named) if len(tenants) > 1 or named else [], named)

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
