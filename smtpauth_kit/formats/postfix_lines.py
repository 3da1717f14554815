"""The texts of Postfix that tell of a connection, a sign-in or a message: one pattern each.

What stands in a text may come from a client, so each pattern is the whole text, from end to end.
"""

from __future__ import annotations

import re
from typing import Final

_QUEUE_ID = r"([0-9A-F]{5,20}|[0-9A-Za-z]{10,30})"
_CLIENT = r"(\S{1,255})\[([0-9A-Fa-f.:]{1,60}|unknown)\](?::\d{1,5})?"
PROGRAM: Final = re.compile(r"[\w./@-]{0,80}/([a-z]{1,20})", re.ASCII)
"""What writes the texts: Postfix calls it what its `syslog_name` says, then `/smtpd`."""
SERVICES: Final = frozenset(
    {"smtpd", "qmgr", "cleanup", "smtp", "lmtp", "local", "virtual", "pipe", "pickup", "bounce"}
    | {"error", "discard", "anvil", "postscreen", "master", "tlsmgr", "scache", "verify"}
    | {"proxymap", "postlogd", "relay"}
)
UNIT: Final = re.compile(r"smtpd|qmgr|cleanup|postfix[\w@.-]{0,60}", re.ASCII)
"""The same where only the name of a service is told (journald with its units)."""
TLS: Final = re.compile(
    rf"(?:(?:Anonymous|Untrusted|Trusted|Verified) )?TLS connection established from {_CLIENT}: "
    r"(TLSv1(?:\.\d)?|SSLv\d) with cipher .{1,300}"
)
CONNECT: Final = re.compile(rf"(dis)?connect from {_CLIENT}(?: .*)?")
SUBMITTED: Final = re.compile(
    rf"(?:{_QUEUE_ID}|NOQUEUE): client={_CLIENT}, sasl_method=([\w-]{{1,30}}), "
    # Each part ends where the next one's name is first found, and is not tried again.
    r"sasl_username=(?>(.{0,320}?)(?=, sasl_sender=|, orig_queue_id=|, orig_client=|\Z))"
    r"(?:, sasl_sender=(?>.{0,400}?(?=, orig_queue_id=|, orig_client=|\Z)))?"
    r"(?:, orig_queue_id=\w{1,30}+)?(?:, orig_client=.{0,400}+)?"
)
BEGUN: Final = re.compile(rf"{_QUEUE_ID}: (?:client={_CLIENT}(?:, orig_.{{0,400}})?|uid=\d.*)")
"""A message that nobody signed in for."""
NAMES_SIGN_IN: Final = re.compile(rf"(?:{_QUEUE_ID}|NOQUEUE): client=")
PROXIED: Final = re.compile(
    r"proxy-accept: END-OF-MESSAGE: 250 .{0,1000} queued as ([0-9A-F]{5,20}|[0-9A-Za-z]{10,30})"
    r"\b.{0,1000}?; from=<([^>]{0,1000})> .*"
)
"""What a filter before the queue said at the end of a message, and its queue id behind it."""
UNPROXIED: Final = re.compile(r"proxy-(?:accept|reject): .*")
FROM: Final = re.compile(
    rf"{_QUEUE_ID}: from=<([^>]{{0,1000}})>, size=\d+, nrcpt=(\d{{1,9}}) \(queue active\)"
)
MESSAGE_ID: Final = re.compile(rf"{_QUEUE_ID}: (?:resent-)?message-id=(.{{0,2000}})")
TO: Final = re.compile(
    rf"{_QUEUE_ID}: to=<([^>]{{0,1000}})>, (?:orig_to=<[^>]{{0,1000}}>, )?relay=.*status=\w+ .*"
)
PASSED_ON: Final = re.compile(
    rf" relay=\S{{0,255}}\[(?:127\.[0-9.]{{1,11}}|::1)\]:\d{{1,5}}, .* queued as {_QUEUE_ID}\)\Z"
)
"""A filter behind the queue took a message on this machine, and handed it in again."""
REMOVED: Final = re.compile(rf"{_QUEUE_ID}: removed")
REFUSED: Final = re.compile(rf"(?:{_QUEUE_ID}|NOQUEUE): (?:milter-)?reject: .*")
FAILED: Final = re.compile(rf"warning: {_CLIENT}: SASL ([\w-]{{1,30}}) authentication failed:?(.*)")
_FAILED_FOR: Final = ", sasl_username="
_MAX_USER: Final = 320
_LIKE_SIGN_IN = re.compile(r"sasl_(?:username|method)=|[Aa]uthentication failed|\bAUTH\b")
# Mail that was turned away names who had signed in; the sign-in itself is told elsewhere.
_TURNED_AWAY = re.compile(
    rf"(?:{_QUEUE_ID}|NOQUEUE): (?:reject|milter-reject|filter|hold|discard|redirect|warn|info)"
    r"(?:_warning)?: .*|proxy-reject: .*"
)


def looks_like_sign_in(text: str) -> bool:
    """Tell whether a text that no pattern knows may tell of a sign-in all the same.

    Examples
    --------
    >>> looks_like_sign_in("client x used AUTH"), looks_like_sign_in("connect from x[192.0.2.1]")
    (True, False)
    """
    return bool(_LIKE_SIGN_IN.search(text)) and not _TURNED_AWAY.fullmatch(text)


def account_at_end(why: str) -> str:
    """Return whom a line names at its end; what a client says may look like such an end, too.

    Examples
    --------
    >>> account_at_end(" UGFzc3dvcmQ6, sasl_username=scan@contoso.com")
    'scan@contoso.com'
    """
    at = why.find(_FAILED_FOR, max(len(why) - len(_FAILED_FOR) - _MAX_USER, 0))
    return why[at + len(_FAILED_FOR) :] if at >= 0 else ""
