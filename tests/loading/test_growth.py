"""Nothing that reads a file takes the square of its size, however the file is made.

Each bound is far above what reading takes, and far below what its square would: these sizes would
keep a quadratic reader busy for minutes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from quick import quick

from smtpauth_kit.formats import (
    audit_log,
    canonical,
    dovecot,
    entra_sign_ins,
    extended_trace,
    format,
    log_envelope,
    log_json,
    mail_log,
    message_trace,
    postfix_lines,
    receive_log,
    report,
    requested_report,
    settings,
    submission_log,
)
from smtpauth_kit.formats.format import normal_header
from smtpauth_kit.formats.rows import Rows
from smtpauth_kit.loading import recognising, staging
from smtpauth_kit.loading.data_rows import STARTS_LIKE_DATA
from smtpauth_kit.loading.days_in_names import period_in_name
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.reading.contents import examine
from smtpauth_kit.reading.json_recovery import EndUnknown
from smtpauth_kit.reading.json_scanner import JsonScanner
from smtpauth_kit.values import addresses, counts, object_text, protocols, spellings, times
from smtpauth_kit.values.cells import Decisions, NeedsDecision, Unfit

LONG = 150_000
LONG_JSON = 20_000
"""It goes through Python sign by sign; its square would still take minutes."""
SECONDS = 5
LINES = 30_000
SIGNS = (
    " ", "1", "(", ")", "[", "]", '"', "'", ".", ",", "@", "%", ":", "\\", "_", "-", "/", "<", "&",
    ";", "=", "\n", "{", "}", "é", "\u0301", "\u00a0", "\ufffe", "🙂", "AM", "PM", "1,", "1 ", "1(",
    "a ", "x@", "12:", "Jan ", ") \n", '\\"', "::", "##", "오전 ", " h ", "&#9;", "S:tlsversion=",
    "\\ Client ", '"city":"', '<MEP Name="a" b="', "status=a ", ", sasl_username=", " for User ",
)  # fmt: skip
"""Each of them, over and over, is a cell."""
DECIDED = Decisions("dmy", ".")


def _context_row(text: str) -> object:
    fields = ("sender_address", "message_id", "network_message_id")
    rows = Rows(dict(zip(fields, range(3), strict=True)), [1], [[text] * 3], is_alone=True)
    at, one = [times.moment("2026-11-16")], [text]
    return message_trace.context_rows(rows, at, one, one, client_ips=one, connectors=one)


def _begins(name: str, start: str) -> Callable[[str], object]:
    """Return a pattern of the mail log at work on a line that begins as it should."""
    pattern = getattr(postfix_lines, name)
    return lambda text: pattern.fullmatch(start + text)


CELLS: dict[str, Callable[[str], object]] = {
    "a sender": addresses.sender_address,
    "an account": addresses.account,
    "a domain": addresses.domain_key,
    "an IP address": addresses.client_ip,
    "a TLS version": protocols.tls_version,
    "a TLS version's end": lambda text: protocols.tls_version(f"tls{text}x"),
    "a protocol": lambda text: protocols.sign_in_protocol(text, text),
    "a count": lambda text: counts.count(text, DECIDED),
    "a count's mark": lambda text: counts.decide_decimal_mark([text], "."),
    "a share": lambda text: counts.share(text, DECIDED),
    "a share's count": lambda text: counts.share(f"1%({text}", DECIDED),
    "a time": lambda text: times.moment(text, DECIDED),
    "an order of dates": times.order_votes,
    "a zone": times.zone_in_brackets,
    "a header": normal_header,
    "audit data": audit_log.details_in,
    "a result": lambda text: entra_sign_ins.result_of(text, text),
    "a city": lambda text: object_text.member(text, "city"),
    "a member of JSON": lambda text: object_text.member('{"city":"' + text, "city"),
    "a member of a printed object": lambda text: object_text.member("@{city=" + text, "city"),
    "a type's name": lambda text: object_text.plain("System." + text),
    "a switch of Excel": spellings.is_yes,
    "a zone with cities": lambda text: times.is_offset_with_cities("(UTC+01:00) " + text),
    "a zone in a header": lambda text: format._zone_said([f"Date ({text}", f"Date [{text}]"]),
    "days in a name": lambda text: period_in_name(text, dt.date(2026, 11, 23)),
    "a sender of a requested report": requested_report._LOCAL_PART.fullmatch,
    "a sender in brackets": lambda text: requested_report._IN_BRACKETS.fullmatch(text + "<a@"),
    "a cipher": requested_report.cipher_in,
    "a place": lambda text: entra_sign_ins.place_of(text, text, text),
    "custom data": extended_trace.tls_in,
    "a rule": lambda text: extended_trace.submission_rule(text, text, text),
    "a status": lambda text: list(message_trace.recipients_with_status(text)),
    "data of a detail": message_trace.properties_in,
    "a context row": _context_row,
    "a total": report._TOTAL.fullmatch,
    "a switch": settings.tri_state,
    "recipients": submission_log.recipients_in,
    "an id": submission_log.bare_id,
    "a word of the kit": lambda text: canonical.one_of(text, ("a",), "word"),
    "a footnote": STARTS_LIKE_DATA.match,
    "a note of a receive log": lambda text: [
        getattr(receive_log, name).match(text)
        for name in ("_TLS", "_PROXIED", "_DENIED", "_XPROXY", "_MAIL", "_RCPT", "_AUTH", "_QUEUED")
    ],
    "a line of a mail log": log_envelope.peeled,
    "a line of a new log": lambda text: log_envelope.peeled(f"1 {text}"),
    "data of a line of a new log": lambda text: log_envelope.peeled(
        f"1 2026-11-16T08:00:00Z h p 1 - [{text}"
    ),
    "the time of a line": log_envelope.clock_of,
    "the start of a mail log": mail_log._looks_like,
    "lines in JSON": lambda text: log_json.lines_in({"message": text, "hits": f"[{text}"}),
    "mail at a filter": _begins("PROXIED", "proxy-accept: END-OF-MESSAGE: 250 "),
    "what looks like a sign-in": postfix_lines.looks_like_sign_in,
    "a submission of a mail log": _begins(
        "SUBMITTED", "ABCDEF12: client=a[1.2.3.4], sasl_method=X, sasl_username="
    ),
    "a failure of a mail log": _begins("FAILED", "warning: a[1.2.3.4]: SASL X authentication "),
    "a recipient of a mail log": _begins("TO", "ABCDEF12: to=<a>, relay="),
    "a sender of a mail log": _begins("FROM", "ABCDEF12: from=<"),
    "a client of a mail log": _begins("CONNECT", "connect from "),
    "a Dovecot line": dovecot.told_of,
}


@pytest.mark.parametrize("what", CELLS)
def test_a_long_cell_of_any_sign_is_read_in_no_time(what: str) -> None:
    for sign in SIGNS:
        with quick(SECONDS, f"{what} of {sign!r}"):
            try:
                CELLS[what]((sign * (LONG // len(sign) + 1))[:LONG])
            except (Unfit, NeedsDecision):
                continue


# --- whole files ---------------------------------------------------------------------------

HEADER = "Date,Sender address,Recipient address,Message ID,TLS version,Client IP"
WIDE = HEADER + "".join(f",x{n}" for n in range(1000))
COUNTS = 'Date,Sender address,Message count\n2026-03-01,a@contoso.example,"1,234"\n'
RECEIVE = (
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
    "event,data,context\n"
)
RECORD = '{"Date": "2026-11-16T08:15:30Z", "Sender address": "a@contoso.example"}'

FILES: dict[str, Callable[[], str]] = {
    "quotes that open again on each line, under a wide header": lambda: (
        f"{WIDE}\n" + 'a","b\n' * LINES
    ),
    "quotes that open once": lambda: f'{HEADER}\nx,"\n' + 'a","b\n' * LINES,
    "a quote on every other line": lambda: f"{WIDE}\n" + ('"a\n' + 'a","b\n') * LINES,
    "counts of brackets": lambda: "".join(
        [COUNTS, '2026-03-01,b@contoso.example,"', ")" * 900_000, '\n.x"\n']
    ),
    "many tiny lines": lambda: f"{HEADER}\n" + "x\n" * LINES,
    "many blank lines": lambda: f"{HEADER}\n" + "\n" * 1_000_000,
    "headers of brackets": lambda: "".join(
        [",".join(["(" * 290] * 1000), "\n"] * 20 + [f"{HEADER}\n2026-11-16,a@contoso.example\n"]
    ),
    "sessions that never end": lambda: (
        RECEIVE
        + "".join(
            f"2026-11-16T08:15:30.000Z,c,{n:016X},0,10.0.0.1:25,192.0.2.1:1,+,,\n"
            for n in range(LINES)
        )
    ),
    "messages that never end": lambda: "".join(
        f"2026-11-16T08:15:30Z h postfix/smtpd[{n}]: {n:010X}: client=a[192.0.2.1], "
        "sasl_method=LOGIN, sasl_username=a@contoso.example\n"
        for n in range(LINES)
    ),
    "broken records, one a line": lambda: f"{RECORD}\n" + '{"a":x}\n' * LINES,
    "objects that only open": lambda: f"{RECORD}\n" + '{"a":\n' * LINES,
    "lists that only open": lambda: f"[{RECORD},\n" + '{"a":[\n' * LINES,
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_of_any_make_is_read_in_a_time_that_grows_with_it(write, what: str) -> None:
    path = write("x.csv", FILES[what]())
    with quick(SECONDS, what):
        (export,) = find_exports([path])
        content = examine(export)
        options, counts = Options(), Counts()
        layout = recognising.recognise(export, content, options)
        rows = 0
        for batch in staging.stage(export, content, layout, options, counts, lambda _: None):
            of_batch = (batch.facts, batch.rejected, *batch.columns) if batch else ()
            rows = sum(map(len, of_batch), rows if batch else 0)
    assert counts.read == counts.used + counts.rejected + counts.other


PIECES = (
    '{"a":x}\n', "{\n", '{"a":\n', '{"a":[\n', "[\n", '[{"a":1,\n', "[,,,", "}", "}\n", "]", '"',
    '{"\\', '\\"', " ", "\n", ",", "{x,", '{"a":1}}\n', "},{", "{},\n", "1,\n", '{"a": 1,\n "b":\n',
    '{\n "a": x\n},\n', "\0", "\ufeff", "}   ", "},  ", '{"value": [', '"value":[\n', '{"a":"\n',
    '{"a":NaN},', "9", "-\n", '{"a":"\\ud8"}\n', "}, {\n", '{"a":{"b":1}\n',
)  # fmt: skip
STARTS = ("", "[\n", '{"a": 1}\n', '[{"a": 1}, ', '{"value": [\n', "}, {\n")


def ends_of(scanner: JsonScanner) -> list[tuple[Any, str, str]]:
    found = []
    with suppress(EndUnknown):
        found += scanner.records()
    return found


@pytest.mark.parametrize("start", ["", '[{"a": 1}, '])
def test_json_of_any_make_is_read_in_a_time_that_grows_with_it(start: str) -> None:
    for piece in PIECES:
        text = start + piece * (LONG_JSON // len(piece))
        with quick(SECONDS, f"{piece!r} behind {start!r}"):
            ends_of(JsonScanner(io.StringIO(text), lambda: None))


@pytest.mark.parametrize("start", STARTS)
def test_broken_json_is_parsed_a_few_times_at_most(start: str) -> None:
    for piece in PIECES:
        text = start + piece * (10_000 // len(piece))
        scanner, parsed = JsonScanner(io.StringIO(text), lambda: None), [0]
        parse = scanner._decoder.raw_decode

        def counted(text: str, parse: Any = parse, parsed: list[int] = parsed) -> Any:
            # A first look at a record is short whatever follows it.
            parsed[0] += len(text) if len(text) > 4096 else 0
            return parse(text)

        scanner._decoder.raw_decode = counted  # type: ignore[method-assign]
        ends_of(scanner)
        assert parsed[0] < 20 * len(text), (piece, parsed[0] / len(text))


def test_openings_above_a_long_text_do_not_each_read_it_again() -> None:
    text = '{"a":[\n' * 300 + "1," * 5_000_000 + "x\n"
    with quick(SECONDS):
        found = ends_of(JsonScanner(io.StringIO(text), lambda: None))
    # The text below belongs to the last of them.
    assert [why for _, _, why in found] == ["is not well-formed JSON (Expecting value)"] * 300
