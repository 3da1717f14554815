"""The canonical columns, as Parquet, CSV or JSON: what one store or cluster gives another.

The rows of a file are of one source and one tenant: figures of two sources are never added, so a
file of several is refused. What another store knew to be superseded is not counted here either.
"""

from __future__ import annotations

import datetime as dt

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.facts import Submission
from smtpauth_kit.base.names import (
    AUTH_PROTOCOLS,
    SOURCES,
    SUBMISSION_SOURCES,
    TLS_VERSIONS,
)
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.formats.sign_in import sign_in
from smtpauth_kit.formats.submission_log import (
    bare_id,
    bare_network_id,
    key_without_id,
    recipients_in,
    subject_in,
)
from smtpauth_kit.values import addresses, counts, times
from smtpauth_kit.values.cells import Decisions, Unfit
from smtpauth_kit.values.times import Moment

NO_ID = Sentence(
    "{n:has|have} no id, so {n:it is|they are} known again only in this form: do not load the "
    "export {n:it|they} came from, too"
)
RESULTS = ("success", "failure")
_TRUE = ("true", "1")


def check_origin(context: Context, source: str, tenant: str) -> None:
    """See that a row is of the file's source and of the tenant that is being loaded.

    Raises
    ------
    FileRefused
        It is of another one.
    """
    if source.strip() not in ("", context.layout.format.source):
        raise FileRefused(
            "{file} holds rows of the sources {source} and {other}; they may tell of the same "
            "messages. Expected one of {known} in a file. Write one file for each, with where "
            "source = …, and load them all.",
            file=context.path,
            source=context.layout.format.source,
            other=repr(source.strip()[:40]),
            known=SOURCES,
        )
    # A file without the column says nothing of it, as no other export does.
    if context.has("tenant") and tenant.strip() != context.tenant:
        raise FileRefused(
            "{file} holds rows of the tenant {other}; being loaded is {tenant}. "
            "Say --tenant NAME as the file has it, one file for each.",
            file=context.path,
            other=repr(tenant.strip()[:60]),
            tenant=repr(context.tenant),
        )


def one_of(text: str, known: tuple[str, ...], what: str) -> str:
    """Return a word of the kit as it is; these columns hold no other spelling.

    Examples
    --------
    >>> one_of("1.2", TLS_VERSIONS, "TLS version")
    '1.2'
    """
    if text.strip() not in known:
        raise Unfit(
            "the {column} {text} is none of {known}",
            column=what,
            text=repr(text.strip()[:40]),
            known=known,
        )
    return text.strip()


def _days(at: Moment | None, start: str, end: str, decisions: Decisions) -> tuple[dt.date, dt.date]:
    first, last = (times.moment(text, decisions).day for text in (start, end))
    if first > last:
        raise Unfit("the period {start} to {end} ends before it starts", start=first, end=last)
    if at and (at.at is None or (at.day, at.day) != (first, last)):
        raise Unfit("the day of sent_at is not the one of its period")
    return first, last


def _submissions(context: Context) -> Converter:
    pick = context.picker(
        "sent_at", "period_start", "period_end", "sender_address", "sender_derived", "account",
        "tls_version", "auth_protocol", "client_ip", "recipients", "recipient_count", "message_id",
        "network_message_id", "message_count", "tls_derived", "superseded_by", "source", "tenant",
        "tls_cipher", "message_subject",
    )  # fmt: skip
    tally, decisions = context.tally, context.decisions

    def convert(line: int, cells: Cells) -> Ends:
        (sent, start, end, address, sender_derived, who, tls, auth, ip, to, to_count, message_id,
         network_id, number, tls_derived, superseded, source, tenant,
         cipher, subject) = pick(cells)  # fmt: skip
        check_origin(context, source, tenant)
        sender, account = addresses.sender_address(address), addresses.account(who)
        at = times.moment(sent, decisions) if sent.strip() else None
        first, last = _days(at, start, end, decisions)
        recipients, count = recipients_in(to), counts.count(number, decisions)
        if superseded.strip():
            tally[
                Sentence(
                    "{n:was|were} superseded where {n:it comes|they come} from, and {n:does|do} "
                    "not count"
                )
            ] += 1
            return []
        row = Submission(
            line=line,
            sent_at=at.at if at else None,
            period_start=first,
            period_end=last,
            sender_address=sender.shown,
            sender_derived=sender_derived.strip().lower() in _TRUE,
            account=account.shown,
            tls_version=one_of(tls, TLS_VERSIONS, "TLS version"),
            auth_protocol=one_of(auth, AUTH_PROTOCOLS, "authentication protocol"),
            client_ip=addresses.client_ip(ip),
            recipients=recipients,
            recipient_count=max(_recipients(to_count), len(recipients)),
            message_id=bare_id(message_id),
            network_message_id=bare_network_id(network_id),
            message_count=count,
            tls_derived=tls_derived.strip().lower() in _TRUE,
            tls_cipher=cipher.strip(),
            message_subject=subject_in(subject),
        )
        if row.message_id or row.network_message_id:
            return [row]
        tally[NO_ID] += 1
        moment, more = at or Moment(None, first), [] if first == last else [last]
        key = key_without_id(row, moment, sender.key, account.key, *more)
        return [row._replace(row_key=key)]

    return convert


def _recipients(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else 0


def _sign_ins(context: Context) -> Converter:
    pick = context.picker(
        "signed_in_at", "account", "result", "error_code", "auth_protocol", "client_ip", "country",
        "city", "network", "user_agent", "sign_in_id", "source", "tenant",
    )  # fmt: skip
    tally, decisions = context.tally, context.decisions

    def convert(line: int, cells: Cells) -> Ends:
        (date, who, result, code, auth, ip, country, city, network, agent, sign_in_id, source,
         tenant) = pick(cells)  # fmt: skip
        check_origin(context, source, tenant)
        at, ended = times.moment(date, decisions), one_of(result, RESULTS, "result")
        if not sign_in_id.strip():
            tally[NO_ID] += 1
        return [
            sign_in(
                line, at, addresses.account(who), ended, ip,
                sign_in_id=sign_in_id,
                error_code=code.strip(),
                auth_protocol=one_of(auth, AUTH_PROTOCOLS, "authentication protocol"),
                country=country.strip(),
                city=city.strip(),
                network=network.strip(),
                user_agent=agent.strip(),
            )
        ]  # fmt: skip

    return convert


SUBMISSIONS = ExportFormat(
    name="submissions",
    title=Sentence("table of submissions in the kit's own columns"),
    source="submission_log",
    source_field="source",
    sources=SUBMISSION_SOURCES,
    fields=(
        Field("sent_at", ("sent_at",)),
        Field("period_start", ("period_start",), required=True),
        Field("period_end", ("period_end",), required=True),
        Field("sender_address", ("sender_address",), required=True),
        Field("message_count", ("message_count",), required=True),
        Field("tls_version", ("tls_version",), required=True),
        Field("auth_protocol", ("auth_protocol",), required=True),
        Field("sender_derived", ("sender_derived",)),
        Field("account", ("account",)),
        Field("client_ip", ("client_ip",)),
        Field("recipients", ("recipients",)),
        Field("recipient_count", ("recipient_count",)),
        Field("message_id", ("message_id",)),
        Field("network_message_id", ("network_message_id",)),
        Field("tls_derived", ("tls_derived",)),
        Field("tls_cipher", ("tls_cipher",)),
        Field("message_subject", ("message_subject",)),
        Field("superseded_by", ("superseded_by",)),
        Field("source", ("source",)),
        Field("tenant", ("tenant",)),
    ),
    converter=_submissions,
    cannot_tell=phrases("failed sign-ins"),
    known=("file_id", "sender_key", "sender_domain", "ahead_of_clock"),
    times=("sent_at", "period_start", "period_end"),
    counts=("message_count",),
)

SIGN_INS = ExportFormat(
    name="sign-ins",
    title=Sentence("table of sign-ins in the kit's own columns"),
    source="sign_in_log",
    source_field="source",
    sources=SOURCES,
    fields=(
        Field("signed_in_at", ("signed_in_at",), required=True),
        Field("account", ("account",), required=True),
        Field("result", ("result",), required=True),
        Field("auth_protocol", ("auth_protocol",), required=True),
        Field("error_code", ("error_code",)),
        Field("client_ip", ("client_ip",)),
        Field("country", ("country",)),
        Field("city", ("city",)),
        Field("network", ("network",)),
        Field("user_agent", ("user_agent",)),
        Field("sign_in_id", ("sign_in_id",)),
        Field("source", ("source",)),
        Field("tenant", ("tenant",)),
    ),
    converter=_sign_ins,
    cannot_tell=phrases("messages", "the TLS version of the SMTP session", "the From address"),
    known=("file_id", "account_key", "ahead_of_clock"),
    times=("signed_in_at",),
)
