"""What Dovecot's submission login tells: who signed in, and who failed to."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LOGIN: Final = "submission-login"
_PROGRAM = re.compile(r"submission-login(?:\([^\s:]{0,100}\))?")
_SEVERITY = re.compile(r"(?:Info|Warning|Error|Debug): ")
_FIELDS = re.compile(r"(?::|,) (?=user=<|method=|rip=)")
_USER = re.compile(r"user=<(.{0,320})>(?=, (?:method|rip)=)", re.DOTALL)
_METHOD = re.compile(r"(?:^|, )method=([\w-]{1,30})(?=, )")
_ADDRESS = re.compile(r".*(?:^|, )rip=([0-9A-Fa-f.:]{1,60})(?=,|$)", re.DOTALL)
_SESSION = re.compile(r".*, session=<([^>]{1,60})>", re.DOTALL)
_ATTEMPTS = re.compile(r"auth failed, (\d{1,6}) attempts")
# What ends without anybody having tried a password.
_NO_TRY = ("no auth attempts", "didn't finish SASL auth", "disallowed plaintext auth")


class Told(NamedTuple):
    """What one line tells of a sign-in."""

    result: str
    account: str
    mechanism: str
    client_ip: str
    session: str
    attempts: int


def login_in(program: str, text: str) -> str | None:
    """Return what the submission login says; None where the line is of another service.

    Dovecot's own log has no `dovecot:` before it, and a word for how grave the line is.

    Examples
    --------
    >>> login_in("dovecot", "submission-login: Login: x"), login_in("submission-login", "Info: x")
    ('Login: x', 'x')
    """
    if program == "dovecot":
        name, found, text = text.partition(": ")
        if not found or not _PROGRAM.fullmatch(name):
            return None
    elif not program.startswith(_LOGIN) or not _PROGRAM.fullmatch(program):
        return None
    return _SEVERITY.sub("", text, count=1)


def told_of(login: str) -> Told | None:
    """Return the sign-in that a line tells of, in whatever words; None where it tells of none.

    The words stand before the fields; a client's own words stand in `user=` only.

    Examples
    --------
    >>> told_of("Remote closed connection (auth failed, 2 attempts in 2 secs): rip=192.0.2.1, TLS")
    Told(result='failure', account='', mechanism='', client_ip='192.0.2.1', session='', attempts=2)
    """
    at = _FIELDS.search(login)
    if at is None:
        return None
    words, fields = login[: at.start()], login[at.end() :]
    is_failure = "auth failed" in words or "auth_failed" in words
    if not is_failure and words.partition(" (")[0] not in ("Login", "Logged in"):
        return None
    user, address = _USER.search(fields), _ADDRESS.match(fields)
    if address is None:
        return None
    rest = fields[user.end() :] if user else fields
    method, session = _METHOD.search(rest), _SESSION.match(rest)
    attempts = _ATTEMPTS.search(words)
    return Told(
        "failure" if is_failure else "success",
        user[1] if user else "",
        method[1] if method else "",
        address[1],
        session[1] if session else "",
        int(attempts[1]) if attempts else 1,
    )


def is_no_try(login: str) -> bool:
    """Tell whether a line says that nobody tried to sign in.

    Examples
    --------
    >>> is_no_try("Disconnected (no auth attempts in 0 secs): user=<>, rip=192.0.2.1")
    True
    """
    return any(words in login for words in _NO_TRY)
