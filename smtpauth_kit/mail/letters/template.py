"""The text of a letter: names in braces become values, and a part is repeated for each sender.

A value stands where its name stood and is never read again: nothing in it is a name, a line of the
template or a header. A template holds no code, so one from somebody else can do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from smtpauth_kit.base.errors import KitError, UsageError
from smtpauth_kit.words.inert import show_invisible

EACH: Final = "--- each sender"
END: Final = "--- end"
"""The lines around what is repeated for each sender."""

OF_LETTER: Final = (
    "owner", "sender_count", "senders", "retirement_date", "ways", "first_day", "last_day",
    "sources",
)  # fmt: skip
OF_SENDER: Final = (
    "sender", "breaks", "message_count", "first_seen", "last_seen", "active_days", "days",
    "rhythm", "next_expected", "authentication", "tls", "client_ips", "way_out", "owner", "state",
    "due_date", "note",
)  # fmt: skip
"""The names that a letter, and what is repeated in it, can have in braces; `senders` and `days` are
a number with its word."""

_MOST_BYTES: Final = 200_000
_NAME: Final = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Template:
    """A letter to be filled in."""

    subject: str
    before: str
    each: str
    after: str

    def filled(
        self, letter: Mapping[str, str], senders: Sequence[Mapping[str, str]]
    ) -> tuple[str, str]:
        r"""Return the subject and the text, with these values in the place of their names.

        Characters that hide or steer are written as their code; of a value of several lines, as
        `ways` may be, the lines stay in the text, and none of it can reach the subject's end.

        Examples
        --------
        >>> text = "Subject: For {owner}\n\nHello\n--- each sender\n* {sender}\n--- end\nBye"
        >>> read(text).filled({"owner": "A\nBcc: b@x.example"}, [{"sender": "{owner}"}])
        ('For A[U+000A]Bcc: b@x.example', 'Hello\n* {owner}\nBye\n')
        """
        parts = [_filled(self.before, letter), *(_filled(self.each, each) for each in senders)]
        text = "".join([*parts, _filled(self.after, letter)])
        return show_invisible(_filled(self.subject, letter, lines=False)), f"{text.strip()}\n"


def _filled(text: str, values: Mapping[str, str], *, lines: bool = True) -> str:
    def value(match: re.Match[str]) -> str:
        shown = values.get(match[1], match[0])
        told = shown.split("\n") if lines else [shown]
        return "\n".join(map(show_invisible, told))

    return _NAME.sub(value, text)


def read(text: str, place: str = "the template") -> Template:
    """Return the template that a text is; `place` is what an error calls it.

    Raises
    ------
    UsageError
        Its first line is no subject, it lacks the part for each sender, or has a name that there
        is not.

    Examples
    --------
    >>> read("Hello {owner}")
    Traceback (most recent call last):
    ...
    smtpauth_kit.base.errors.UsageError: the template has no subject. ...
    """
    head, _, body = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    name, colon, subject = head.partition(":")
    if name.strip().lower() != "subject" or not colon or not subject.strip():
        raise UsageError(
            '{file} has no subject. Expected "Subject: …" in its first line.', file=place
        )
    before, each, rest = body.partition(f"{EACH}\n")
    part, end, after = rest.partition(f"{END}\n") if f"{END}\n" in rest else rest.partition(END)
    if not each or not end:
        raise UsageError(
            "{file} has no part that is repeated for each sender. Expected a line {each}, and "
            "after it a line {end}.",
            file=place,
            each=EACH,
            end=END,
        )
    _check(f"{subject}\n{before}\n{after}", OF_LETTER, place)
    _check(part, OF_SENDER, place)
    return Template(subject.strip(), before, part, after)


def _check(text: str, known: Sequence[str], place: str) -> None:
    for name in _NAME.findall(text):
        if name not in known:
            raise UsageError(
                "{file} has {name}, which has no value there. The names there are: {known}.",
                file=place,
                name=f"{{{name}}}",
                known=[f"{{{each}}}" for each in known],
            )


def read_file(path: Path) -> Template:
    """Return the template in a file of the user's.

    Raises
    ------
    KitError
        It cannot be read, is no text in UTF-8, or no template (see :func:`read`).
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KitError(
            '"{file}" cannot be read: {system}.', file=str(path), system=str(error.strerror)
        ) from None
    if len(content) > _MOST_BYTES:
        raise KitError("{file} is too long for a letter.", file=f'"{path}"')
    try:
        return read(content.decode("utf-8"), f'"{path}"')
    except UnicodeDecodeError:
        raise KitError('"{file}" is no text in UTF-8. Save it as UTF-8.', file=str(path)) from None


@cache
def usual_text(language: str) -> str:
    """Return the kit's own template in a language; in English where it has none.

    Examples
    --------
    >>> usual_text("nl").splitlines()[2]
    'Beste {owner},'
    """
    folder = files("smtpauth_kit.mail.letters")
    file = folder / f"{language}.txt"
    return (file if file.is_file() else folder / "en.txt").read_text("utf-8")
