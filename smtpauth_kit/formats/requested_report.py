"""The requested report of SMTP AUTH clients (`SmtpCSReport`): one row a message, and all of it.

*Request report* in the Exchange admin center, or `Start-HistoricalSearch -ReportType SmtpCSReport`,
mails a link to it. No other export tells of a message its authentication, client IP, TLS version,
cipher and id together. The names of its columns are public, their order and cells are not: what a
cell may be is read in every form that is known of Microsoft's other exports, and what was assumed
is counted and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from smtpauth_kit.base.facts import Submission
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.formats.submission_log import bare_id, key_without_id
from smtpauth_kit.values import addresses, counts, protocols, spellings, times
from smtpauth_kit.values.cells import Unfit

LOCAL_PART = Sentence(
    "{n:names|name} the sender without its domain: the column senderDomain was put behind it"
)
DISPLAY_NAME = Sentence(
    "{n:names|name} the sender by a display name, which tells no address; {n:it is|they are} "
    "rejected"
)
_LOCAL_PART = re.compile(r"[^\s@,;:<>()\[\]\\\"]+")
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+@[^<>]+)>")


class _Names(NamedTuple):
    """How many senders without an @ could be local parts, and how many are display names."""

    local_parts: int
    display_names: int

    @property
    def are_displayed(self) -> bool:
        """More than two thirds are display names: then a single word is one, too."""
        return self.display_names > 2 * self.local_parts


def _survey(context: Context) -> tuple[Callable[[Cells], None], Callable[[], _Names]]:
    pick = context.picker("sender_name")
    seen = [0, 0]

    def look(cells: Cells) -> None:
        name = pick(cells)[0].strip()
        if name and "@" not in name:
            seen[_LOCAL_PART.fullmatch(name) is None] += 1

    return look, lambda: _Names(*seen)


def _sender(context: Context) -> Callable[[str, str], addresses.Address]:
    """Return what makes the sender's address of the two cells that tell of it."""
    tally, names = context.tally, context.facts_of_file

    def sender(name: str, domain: str) -> addresses.Address:
        bare = name.strip()
        if "@" in bare:
            in_brackets = _IN_BRACKETS.fullmatch(bare)
            return addresses.sender_address(in_brackets[1] if in_brackets else bare)
        if bare and (names.are_displayed or not _LOCAL_PART.fullmatch(bare)):
            tally[DISPLAY_NAME] += 1
            raise Unfit(
                "the sender is the display name {text}, and its address is not told",
                text=repr(bare[:60]),
            )
        if not bare or not (host := domain.strip().lstrip("@")):
            return addresses.sender_address(bare)
        address = addresses.sender_address(f"{bare}@{host}")
        tally[LOCAL_PART] += 1
        return address

    return sender


def _converter(context: Context) -> Converter:
    pick = context.picker(
        "date", "sender_name", "sender_domain", "auth_method", "client_ip", "tls_version",
        "tls_cipher", "message_count", "message_id",
    )  # fmt: skip
    decisions, zone, sender_of = context.decisions, context.layout.zone, _sender(context)

    def convert(line: int, cells: Cells) -> Ends:
        date, name, domain, auth, ip, tls, cipher, number, message_id = pick(cells)
        sender, moment = sender_of(name, domain), times.moment(date, decisions, zone)
        count = counts.count(number, decisions) if number.strip() else 1
        if count == 0:
            raise Unfit("the count is 0, and each row is a message")
        row = Submission(
            line=line,
            sent_at=moment.at,
            period_start=moment.day,
            period_end=moment.day,
            sender_address=sender.shown,
            tls_version=protocols.tls_version(tls),
            tls_cipher=cipher_in(cipher),
            auth_protocol=protocols.auth_protocol(auth),
            client_ip=addresses.client_ip(ip),
            message_id=bare_id(message_id),
            message_count=count,
        )
        if row.message_id:
            return [row]
        return [row._replace(row_key=key_without_id(row, moment, sender.key, "", row.tls_cipher))]

    return convert


def cipher_in(text: str) -> str:
    """Return the cipher that a cell names; empty where it names none.

    Examples
    --------
    >>> cipher_in(" TLS_AES_256_GCM_SHA384 "), cipher_in("None")
    ('TLS_AES_256_GCM_SHA384', '')
    """
    return "" if spellings.is_nothing(text) else text.strip()[:100]


FORMAT = ExportFormat(
    name="requested-report",
    title=Sentence("requested report of SMTP AUTH clients"),
    source="requested_report",
    fields=(
        Field("date", ("date", "date_utc", "date_time_utc"), required=True),
        Field("sender_name", ("senderName",), required=True),
        Field("sender_domain", ("senderDomain",)),
        Field("auth_method", ("authMethod",), required=True),
        Field("client_ip", ("original_client_ip",)),
        Field("tls_version", ("tls_version",)),
        Field("tls_cipher", ("tls_cipher",)),
        Field("message_count", ("message_count",)),
        Field("message_id", ("message_id",), required=True),
    ),
    converter=_converter,
    cannot_tell=phrases("recipients", "the account that signed in", "failed sign-ins"),
    times=("date",),
    counts=("message_count",),
    survey=_survey,
)
