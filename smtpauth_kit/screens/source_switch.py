"""The switch in a screen's top bar that chooses the source of its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smtpauth_kit.screens.top_bar_list import TopBarList
from smtpauth_kit.words.words import Words


class SourceSwitch(TopBarList):
    """A list of sources; hidden while there is nothing to choose.

    `pick` hears what is chosen, "auto" or the name of a source.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> heard = []
    >>> switch = SourceSwitch(speak("en"), heard.append)
    >>> switch.follow([("Automatic", "auto"), ("report", "report")], "auto")
    >>> switch.value = "report"
    >>> heard
    ['report']
    """

    def __init__(self, words: Words, pick: Callable[[str], None]) -> None:
        super().__init__(words("Source"), "smtpauth-source", pick)

    def follow(self, choices: Sequence[Sequence[str]], chosen: str) -> None:
        """Offer the choices of an answer, and show the one that is chosen."""
        self.offer([(text, source) for text, source in choices], chosen)
