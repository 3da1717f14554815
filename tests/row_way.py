"""What a row of some exports means, said in plain words, a row at a time: what reading them by
columns is held to.
"""

from __future__ import annotations

from collections.abc import Callable

from smtpauth_kit.base.facts import MailContext, SignIn, Submission
from smtpauth_kit.formats import message_trace
from smtpauth_kit.formats.entra_sign_ins import (
    OTHER_CLIENTS,
    POSSIBLE,
    _other_apps,
    code_in,
    is_smtp,
    place_of,
    result_of,
)
from smtpauth_kit.formats.extended_trace import (
    NO_RULE,
    _recognised_by,
    cipher_in,
    proxied_ip,
    recipients_told,
    submission_rule,
    tls_in,
)
from smtpauth_kit.formats.format import Context
from smtpauth_kit.formats.message_trace import recipients_with_status
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.formats.submission_log import (
    bare_id,
    bare_network_id,
    key_of_columns,
    recipients_in,
    subject_in,
)
from smtpauth_kit.values import addresses, counts, object_text, protocols, times
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.values.times import Moment


def of_trace(context: Context) -> Converter:
    """Return what reads a row of an extended trace or a tracking log."""
    pick = context.picker(
        "source", "event", "date", "connector", "custom_data", "directionality", "sender_address",
        "message_id", "network_message_id", "recipients", "recipient_count", "original_client_ip",
        "subject",
    )  # fmt: skip

    def convert(line: int, cells: Cells) -> Ends:
        (source, event, date, connector, custom, direction, address, message_id, network_id, to,
         to_count, original_ip, subject) = pick(cells)  # fmt: skip
        if source.strip().upper() != "SMTP" or event.strip().upper() != "RECEIVE":
            return []
        rule = submission_rule(connector, custom, direction)
        if not rule:
            context.tally[NO_RULE] += 1
            return []
        sender = addresses.sender_address(address)
        moment = times.moment(date, context.decisions, context.layout.zone)
        context.tally[_recognised_by(rule)] += 1
        recipients = recipients_told(to)
        is_count = to_count.isascii() and to_count.isdigit() and len(to_count) < 9
        known, network = bare_id(message_id), bare_network_id(network_id)
        if context.layout.format.source == "server_log" and known:
            network = ""
        row = Submission(
            line=line, sent_at=moment.at, period_start=moment.day, period_end=moment.day,
            sender_address=sender.shown, tls_version=tls_in(custom), tls_cipher=cipher_in(custom),
            client_ip=addresses.client_ip(proxied_ip(custom) or original_ip),
            recipients=recipients,
            recipient_count=int(to_count) if is_count else len(recipients),
            message_id=known, network_message_id=network, message_subject=subject_in(subject),
        )  # fmt: skip
        if network or known:
            return [row]
        key = key_of_columns(row.sent_at, sender.key, recipients, row.tls_version, row.client_ip)
        return [row._replace(row_key=key)]

    return convert


def of_log(context: Context) -> Converter:
    """Return what reads a row of a plain submission log."""
    pick = context.picker(
        "date", "sender_address", "recipients", "message_id", "tls_version", "client_ip",
        "auth_protocol", "message_count", "account",
    )  # fmt: skip
    counted = context.has("message_count")

    def convert(line: int, cells: Cells) -> Ends:
        date, address, to, message_id, tls, ip, auth, number, who = pick(cells)
        sender, account = addresses.sender_address(address), addresses.account(who)
        moment = times.moment(date, context.decisions, context.layout.zone)
        count = counts.count(number, context.decisions) if counted else 1
        recipients = recipients_in(to)
        row = Submission(
            line=line, sent_at=moment.at if count == 1 else None,
            period_start=moment.day, period_end=moment.day,
            sender_address=sender.shown, account=account.shown,
            tls_version=protocols.tls_version(tls), auth_protocol=protocols.auth_protocol(auth),
            client_ip=addresses.client_ip(ip), recipients=recipients,
            recipient_count=len(recipients), message_id=bare_id(message_id), message_count=count,
        )  # fmt: skip
        if row.message_id:
            return [row]
        key = key_of_columns(
            moment, row.sent_at, sender.key, row.recipients, row.tls_version, row.client_ip,
            row.auth_protocol, row.message_count, account.key,
        )  # fmt: skip
        return [row._replace(row_key=key)]

    return convert


def of_message_trace(context: Context) -> Converter:
    """Return what reads a row of a message trace, or of EmailEvents."""
    pick = context.picker(
        "date", "sender_address", "recipient", "status", "message_id", "network_message_id",
        "client_ip", "connector", "subject",
    )  # fmt: skip

    def convert(line: int, cells: Cells) -> Ends:
        date, sender, recipient, status, message_id, network_id, ip, connector, subject = pick(
            cells
        )
        if not recipient.strip():
            raise Unfit("the recipient address is empty")
        at = times.moment(date, context.decisions, context.layout.zone)
        ids = message_id, network_id
        return [of_recipient(line, at, sender, recipient, status, ip, connector, ids, subject)]

    return convert


def of_sign_ins(context: Context) -> Converter:
    """Return what reads a row of a sign-in log of Entra."""
    pick = context.picker(
        "date", "id", "account", "client_app", "status", "error_code", "protocol", "user_agent",
        "client_ip", "location", "country", "city", "network", "report_id", "location_details",
    )  # fmt: skip
    note, plain = _other_apps(context), object_text.plain

    def convert(line: int, cells: Cells) -> Ends:
        (date, sign_in_id, who, app, status, code, protocol, agent,
         ip, location, country, city, network, report_id, details) = pick(cells)  # fmt: skip
        note(app, 1)
        if not is_smtp(app):
            is_any = "".join(app.casefold().split()) == OTHER_CLIENTS
            if is_any and agent.strip().casefold().startswith(protocols.BRIDGE_AGENTS):
                context.tally[POSSIBLE] += 1
            return []
        at = times.moment(date, context.decisions, context.layout.zone)
        account = addresses.account(plain(who))
        if not account.shown:
            raise Unfit("the account is empty")
        country, city = place_of(location, country, city, details)
        result = result_of(status, code)
        if at.at is None:
            raise Unfit("the date has no time of day")
        address = addresses.client_ip(plain(ip))
        own = (plain(sign_in_id) or plain(report_id)).strip().lower()
        told = key_of_columns(at.at, account.key, address, result).replace("row:", "same:")
        return [
            SignIn(
                line=line, signed_in_at=at.at, account=account.shown, account_key=account.key,
                result=result, row_key=f"id:{own}" if own else told,
                error_code=code_in(status, code),
                auth_protocol=protocols.sign_in_protocol(protocol, agent), client_ip=address,
                country=country, city=city, network=plain(network), user_agent=plain(agent),
            )
        ]  # fmt: skip

    return convert


def of_recipient(
    line: int, at: Moment, sender: str, recipient: str, status: str, ip: str, connector: str,
    ids: tuple[str, str], subject: str, tls_version: str = "unknown", part: str = "",
) -> MailContext:  # fmt: skip
    """Return one recipient of a message."""
    who, to = addresses.account(sender), addresses.account(recipient)
    message, network = bare_id(ids[0]), bare_network_id(ids[1])
    if network:
        key = f"net:{network}\n{to.key}"
    else:
        key = f"id:{message}\n{who.key}\n{to.key}\n{at.day}"
        key += "" if message else f"\n{at.at or ''}"
    return MailContext(
        line=line, received_at=at.at, sender_address=who.shown, sender_key=who.key,
        sender_domain=who.domain, recipient_address=to.shown,
        row_key=key + (f"\n{part}" if part else ""),
        status=status.strip(), client_ip=addresses.client_ip(ip),
        connector=connector.strip(), tls_version=tls_version, message_id=message,
        network_message_id=network, message_subject=subject_in(subject),
    )  # fmt: skip


def of_enhanced(context: Context) -> Converter:
    """Return what reads a row of an enhanced summary."""
    pick = context.picker(
        "date", "sender_address", "recipient_status", "message_id", "network_message_id",
        "client_ip", "connector", "subject",
    )  # fmt: skip

    def convert(line: int, cells: Cells) -> Ends:
        date, sender, recipients, message_id, network_id, ip, connector, subject = pick(cells)
        at = times.moment(date, context.decisions, context.layout.zone)
        found = list(recipients_with_status(recipients)) or [("", "")]
        if len(found) > message_trace.MAX_RECIPIENTS:
            raise Unfit("it names more than {n} recipients", n=message_trace.MAX_RECIPIENTS)
        told = len(message_id + network_id + connector + ip + subject)
        if len(found) > 1 and len(found) * told > message_trace.MAX_TOLD:
            raise Unfit(
                "it names {n} recipients, each to be kept with {each} characters",
                n=len(found), each=told,
            )  # fmt: skip
        if submission_rule(connector, "", ""):
            context.tally[message_trace.NOT_COUNTED] += 1
        ids = message_id, network_id
        return [
            of_recipient(line, at, sender, recipient, status, ip, connector, ids, subject)
            for recipient, status in found
        ]

    return convert


def of_detail(context: Context) -> Converter:
    """Return what reads a row of a trace's details."""
    pick = context.picker(
        "date", "event", "data", "sender_address", "recipient", "message_id", "network_message_id",
        "subject",
    )  # fmt: skip

    def convert(line: int, cells: Cells) -> Ends:
        date, event, data, sender, recipient, message_id, network_id, subject = pick(cells)
        at = times.moment(date, context.decisions, context.layout.zone)
        known = message_trace.properties_in(data)
        if not known and data.strip():
            context.tally[message_trace.NOT_TAKEN_APART] += 1
        connector, custom = known.get("ConnectorId", ""), known.get("CustomData", "")
        kind = event.strip().casefold()
        if kind == "receive" and (rule := submission_rule(connector, custom)):
            context.tally[message_trace._looks_like_smtp_auth(rule)] += 1
        ip = proxied_ip(custom) or known.get("ClientIP", "")
        return [
            of_recipient(
                line, at, sender, recipient, event, ip, connector, (message_id, network_id),
                subject, tls_in(custom), f"{kind}\n{at.at or at.day}",
            )
        ]  # fmt: skip

    return convert


ROW_WAYS: dict[str, Callable[[Context], Converter]] = {
    "extended-trace": of_trace,
    "message-tracking-log": of_trace,
    "submission-log": of_log,
    "message-trace": of_message_trace,
    "email-events": of_message_trace,
    "enhanced-trace": of_enhanced,
    "message-trace-detail": of_detail,
    "entra-sign-ins": of_sign_ins,
}
"""By the names of formats that are read by columns."""
