"""A mail log tells the same in whatever envelope, language and order its lines come."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from formats_util import staged

from smtpauth_kit.base.facts import SignIn, Submission
from smtpauth_kit.formats.log_envelope import instant, peeled
from smtpauth_kit.formats.log_json import lines_in

NEAR = dt.date(2026, 11, 28)
EIGHT = dt.datetime(2026, 11, 16, 8)
TEXTS = (
    ("submission/smtpd", "2256", "connect from unknown[192.0.2.25]"),
    ("submission/smtpd", "2256", "Anonymous TLS connection established from unknown[192.0.2.25]: TLSv1.2 with cipher X (256/256 bits)"),
    ("submission/smtpd", "2256", "AE4A43A178F: client=unknown[192.0.2.25], sasl_method=PLAIN, sasl_username=scanner@contoso.com"),
    ("cleanup", "2260", "AE4A43A178F: message-id=<1@scan>"),
    ("qmgr", "900", "AE4A43A178F: from=<scanner@contoso.com>, size=2048, nrcpt=1 (queue active)"),
    ("submission/smtpd", "2256", "disconnect from unknown[192.0.2.25] ehlo=2 auth=1 commands=8"),
    ("smtp", "2262", "AE4A43A178F: to=<bob@fabrikam.com>, relay=mx[198.51.100.5]:25, delay=1, dsn=2.0.0, status=sent (250 ok)"),
    ("qmgr", "900", "AE4A43A178F: removed"),
    ("submission/smtpd", "2300", "warning: unknown[203.0.113.66]: SASL LOGIN authentication failed: x, sasl_username=eve@contoso.com"),
)  # fmt: skip


def log(line: str, name: str = "postfix/") -> list[str]:
    """Write the log's lines; in `line` s is the second, p the program, n its process, t the text."""
    return [
        line.format(s=f"{n:02}", p=name + program, n=process, t=text)
        for n, (program, process, text) in enumerate(TEXTS)
    ]


BSD = "Nov 16 08:00:{s} mx1 {p}[{n}]: {t}"
ENVELOPES = {
    "BSD": BSD,
    "BSD with its severity": "<22>" + BSD,
    "a year first": "2026 " + BSD,
    "a year behind the day": "Nov 16 2026 08:00:{s} mx1 {p}[{n}]: {t}",
    "a year last": "Nov 16 08:00:{s} 2026 mx1 {p}[{n}]: {t}",
    "a weekday": "Mon " + BSD,
    "the day first": "16 Nov 2026 08:00:{s} mx1 {p}[{n}]: {t}",
    "RFC 5424": "<22>1 2026-11-16T08:00:{s}.123Z mx1 {p} {n} - - {t}",
    "RFC 5424 with data": '<22>1 2026-11-16T08:00:{s}Z mx1 {p} {n} ID4 [a@1 b="c]d" e="\\"f"][g] \ufeff{t}',
    "RFC 5424 without its severity": "1 2026-11-16T08:00:{s}.1+00:00 mx1 {p} {n} - - {t}",
    "RFC 5424 without its version": "2026-11-16T08:00:{s}Z mx1 {p} {n} - - {t}",
    "ISO with a space": "2026-11-16 08:00:{s} mx1 {p}[{n}]: {t}",
    "ISO with a comma": "2026-11-16 08:00:{s},123 mx1 {p}[{n}]: {t}",
    "ISO with a zone behind a space": "2026-11-16 09:00:{s} +0100 mx1 {p}[{n}]: {t}",
    "high precision": "2026-11-16T09:00:{s}.123456+01:00 mx1 {p}[{n}]: {t}",
    "FreeBSD": "Nov 16 08:00:{s} <mail.info> mx1 {p}[{n}]: {t}",
    "OpenWrt": "Mon Nov 16 08:00:{s} 2026 mail.info {p}[{n}]: {t}",
    "Solaris": "Nov 16 08:00:{s} mx1 {p}[{n}]: [ID 197553 mail.info] {t}",
    "journald precise": "Nov 16 08:00:{s}.123456 mx1 {p}[{n}]: {t}",
    "journald full": "Mon 2026-11-16 09:00:{s} CET mx1 {p}[{n}]: {t}",
    "journald iso": "2026-11-16T09:00:{s}+0100 mx1 {p}[{n}]: {t}",
    "journald unix": "17948160{s}.123456 mx1 {p}[{n}]: {t}",
    "docker compose": "mail-1  | " + BSD,
    "docker compose in colour": "\x1b[36mmail-1  |\x1b[0m " + BSD,
    "docker compose with times": "mail-1  | 2026-11-16T08:00:{s}.123456789Z " + BSD,
    "docker with times": "2026-11-16T08:00:{s}.123456789Z " + BSD,
    "a container without syslog": "2026-11-16T08:00:{s}.123456789Z {p}[{n}]: {t}",
    "Kubernetes": "2026-11-16T08:00:{s}.123456789Z stderr F " + BSD,
    "kubectl": "[pod/mail-0/postfix] " + BSD,
    "grep -n": "12:" + BSD,
    "grep -H": "/var/log/mail.log.1:" + BSD,
    "grep -Hn": "mail.log:7:2026-11-16T08:00:{s}Z mx1 {p}[{n}]: {t}",
    "numbered": "    12\t" + BSD,
    "Greek": "Νοε 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "French": "nov. 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "Polish": "lis 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "Finnish": "marras 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "Turkish": "Kas 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "Russian": "ноя 16 08:00:{s} mx1 {p}[{n}]: {t}",
    "Chinese": "11月 16 08:00:{s} mx1 {p}[{n}]: {t}",
}  # fmt: skip


def written(tmp_path: Path, lines: list[str]) -> Path:
    path = tmp_path / "mail.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def told(path: Path, **options) -> list[tuple]:
    facts, rejected, _, layout = staged(path, period=(NEAR, NEAR), **options)
    assert layout.format.name == "mail-log" and rejected == []
    return [
        (f.sender_address, f.tls_version, f.client_ip, f.recipients, f.message_id, f.sent_at.replace(microsecond=0))
        if isinstance(f, Submission)
        else (f.account, f.result, f.auth_protocol, f.signed_in_at.replace(microsecond=0))
        for f in sorted(facts, key=lambda f: isinstance(f, SignIn))
    ]  # fmt: skip


def seconds(n: int) -> dt.datetime:
    return EIGHT + dt.timedelta(seconds=n)


RIGHT = [
    ("scanner@contoso.com", "1.2", "192.0.2.25", ("bob@fabrikam.com",), "1@scan", seconds(2)),
    ("eve@contoso.com", "failure", "basic", seconds(8)),
]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_log_tells_the_same_in_any_envelope(tmp_path, envelope):
    assert told(written(tmp_path, log(ENVELOPES[envelope]))) == RIGHT


def test_envelopes_may_change_from_line_to_line_and_stand_under_what_a_tool_says(tmp_path):
    shapes = [BSD, *(ENVELOPES[name] for name in ("RFC 5424", "grep -n", "journald full"))]
    mixed = [log(shapes[n % 4])[n] for n in range(len(TEXTS))]
    said = "-- Journal begins at Sun 2026-11-01 00:00:01 CET, ends at Mon 2026-11-16. --"
    lines = [said, *mixed[:4], "-- Boot 1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d --", *mixed[4:], "--"]
    path = written(tmp_path, [*lines, "-- No entries --"])
    assert told(path) == RIGHT
    assert staged(path, period=(NEAR, NEAR))[2].read == len(TEXTS)


@pytest.mark.parametrize("name", ["submission/", "postfix-mx/", "mta/out/", "postfix/smtps/"])
def test_the_name_that_syslog_knows_postfix_by_may_be_anything(tmp_path, name):
    assert told(written(tmp_path, log(BSD, name))) == RIGHT


def test_a_unit_of_systemd_is_known_by_its_texts(tmp_path):
    lines = [
        line.replace("UNIT", "postfix" + "@-.service")
        for line in log("Nov 16 08:00:{s} mx1 UNIT[{n}]: {t}")
    ]
    assert told(written(tmp_path, [log(BSD)[0], *lines])) == RIGHT  # fmt: skip


@pytest.mark.parametrize("shape", [BSD, ENVELOPES["high precision"]])
def test_a_log_with_its_newest_line_first_is_read_from_its_end(tmp_path, shape):
    path = written(tmp_path, log(shape)[::-1])
    assert told(path) == RIGHT
    _, _, counts, _ = staged(path, period=(NEAR, NEAR))
    assert [str(w) for w in counts.warnings] == [
        "9 rows stand newest first; they were read from the last to the first"
    ]


def journal(n: int, **more: object) -> dict[str, object]:
    program, process, text = TEXTS[n]
    return {
        "__REALTIME_TIMESTAMP": str((1794816000 + n) * 10**6), "_HOSTNAME": "mx1", "_PID": process,
        "SYSLOG_IDENTIFIER": "postfix/" + program, "MESSAGE": text, **more,
    }  # fmt: skip


def bytes_of(n: int) -> dict[str, object]:
    return journal(n, MESSAGE=list(TEXTS[n][2].encode()))


NANOS = 10**9
JSONS = {
    "journald": lambda: "\n".join(json.dumps(journal(n)) for n in range(9)),
    "journald, spread": lambda: "\n".join(json.dumps(journal(n), indent=4) for n in range(9)),
    "journald, bytes": lambda: "\n".join(json.dumps(bytes_of(n)) for n in range(9)),
    "docker": lambda: "\n".join(
        json.dumps({"log": line + "\n", "stream": "stdout", "time": f"2026-11-16T08:00:{n:02}.5Z"})
        for n, line in enumerate(log(BSD))
    ),
    "rsyslog": lambda: "\n".join(
        json.dumps({"timestamp": f"2026-11-16T08:00:{n:02}Z", "host": "mx1", "app-name": f"postfix/{p}", "procid": i, "msg": t})
        for n, (p, i, t) in enumerate(TEXTS)
    ),
    "Elastic": lambda: json.dumps(
        {"took": 3, "hits": {"total": {"value": 9}, "hits": [
            {"_id": str(n), "_source": {"@timestamp": f"2026-11-16T08:00:{n:02}.000Z", "message": line, "host": {"name": "mx1"}}}
            for n, line in enumerate(log(BSD))
        ]}}
    ),
    "Elastic, a record a line": lambda: "\n".join(
        json.dumps({"@timestamp": f"2026-11-16T08:00:{n:02}.000Z", "message": t, "host": {"name": "mx1"}, "process": {"name": f"postfix/{p}", "pid": int(i)}})
        for n, (p, i, t) in enumerate(TEXTS)
    ),
    "Loki, newest first": lambda: json.dumps(
        {"status": "success", "data": {"resultType": "streams", "result": [
            {"stream": {"job": "mail"}, "values": [
                [str((1794816000 + n) * NANOS), line] for n, line in reversed(list(enumerate(log(BSD))))
            ]}
        ]}}
    ),
    "an array of lines": lambda: json.dumps(
        [{"line": line, "timestamp": str((1794816000 + n) * NANOS)} for n, line in enumerate(log(BSD))]
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", JSONS)
def test_a_log_tells_the_same_as_json(tmp_path, kind):
    path = tmp_path / "log.json"
    path.write_text(JSONS[kind]())
    assert told(path) == RIGHT


def as_table(names: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([names, *rows])
    return out.getvalue()


TABLES = {
    "Splunk": as_table(
        ["_time", "host", "_raw"],
        [[f"2026-11-16T08:00:{n:02}.000+0000", "mx1", t] for n, t in enumerate(log(BSD))],
    ),
    "Graylog": as_table(
        ["timestamp", "source", "message"],
        [
            [f"2026-11-16T08:00:{n:02}.000Z", "mx1", f"postfix/{p}[{i}]: {t}"]
            for n, (p, i, t) in enumerate(TEXTS)
        ],
    ),
    "Kibana, with semicolons": as_table(
        ["@timestamp", "host.name", "process.name", "process.pid", "message"],
        [
            [f"2026-11-16T08:00:{n:02}.000Z", "mx1", f"postfix/{p}", i, t]
            for n, (p, i, t) in enumerate(TEXTS)
        ],
        ";",
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_log_tells_the_same_as_the_table_of_a_search(tmp_path, kind):
    path = tmp_path / "search.csv"
    path.write_text(TABLES[kind])
    assert told(path) == RIGHT


def test_a_record_that_is_no_line_of_a_log_gives_none():
    assert lines_in({"userPrincipalName": "a@contoso.com", "appId": "1", "roles": "[]"}) == []


FAILED = "Nov 16 08:00:{s} mx1 postfix/smtpd[{n}]: warning: x[203.0.113.9]: SASL LOGIN authentication failed: x"
AGAIN = "Nov 16 08:00:09 mx1 postfix/smtpd[7]: message repeated 3 times: [ warning: x[203.0.113.9]: SASL LOGIN authentication failed: x]"
CLIENT = "Nov 16 08:00:02 mx1 postfix/smtpd[7]: AAAAAA1: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=a@contoso.com"


@pytest.mark.parametrize(
    ("lines", "failures"),
    [
        ([FAILED.format(s="01", n=7), AGAIN], 4),
        ([FAILED.format(s="01", n=7), "Nov 16 08:00:05 mx1 last message repeated 2 times"], 3),
        ([FAILED.format(s="01", n=7), AGAIN, "Nov 16 08:00:10 mx1 last message repeated 2 times"], 4),
        ([CLIENT, "Nov 16 08:00:05 mx1 last message repeated 2 times"], 0),
        ([FAILED.format(s="01", n=7), log(BSD)[0], "Nov 16 08:00:05 mx1 last message repeated 2 times"], 1),
        ([FAILED.format(s="01", n=n) for n in (7, 8, 9)], 3),
        ([FAILED.format(s="01", n=7)] * 3, 3),
        ([CLIENT.replace("]: ", "]: message repeated 2 times: [ ", 1) + "]"], 0),
    ],
)  # fmt: skip
def test_each_failure_counts_and_a_repeated_line_as_often_as_it_says(tmp_path, lines, failures):
    facts = staged(written(tmp_path, lines), period=(NEAR, NEAR))[0]
    found = [fact for fact in facts if isinstance(fact, SignIn)]
    assert len({fact.row_key for fact in found}) == len(found) == failures
    assert len(facts) - failures == (lines[0] == CLIENT)


DOVECOT = "user=<a@contoso.com>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.1, TLS, session=<x1>"


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("Login", "success"),
        ("Client has quit the connection (auth failed, 1 attempts in 2 secs)", "failure"),
        ("Disconnected: Inactivity (auth failed, 1 attempts in 180 secs)", "failure"),
        ("Disconnected: Connection closed: read(size=1003) failed: reset (auth failed, 1 attempts)", "failure"),
        ("Login aborted: Connection closed (auth failed, 1 attempts in 16 secs) (auth_failed)", "failure"),
        ("Disconnected (no auth attempts in 0 secs)", None),
        ("Login aborted: Logged out (no auth attempts in 3 secs) (no_auth_attempts)", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "before",
    ["Nov 16 08:00:00 mx1 dovecot: submission-login: ", "Nov 16 08:00:00 mx1 dovecot[459]: submission-login: Info: ",
     "Nov 16 08:00:00 submission-login: Info: ", "2026-11-16 08:00:00 submission-login(12,192.0.2.9): Info: "],
)  # fmt: skip
def test_dovecot_may_say_it_in_any_words_and_in_its_own_log(tmp_path, before, words, result):
    path = written(tmp_path, [f"{before}{words}: {DOVECOT}"])
    facts, rejected, counts, _ = staged(path, period=(NEAR, NEAR))
    found = [(fact.account, fact.result, fact.client_ip) for fact in facts]
    assert found == ([("a@contoso.com", result, "192.0.2.9")] if result else []) and not rejected
    assert not any("look like" in warning for warning in counts.warnings)


def test_what_a_dovecot_client_calls_itself_is_no_field(tmp_path):
    line = "Nov 16 08:00:00 mx1 dovecot: submission-login: Disconnected (auth failed, 1 attempts): "
    user = "user=<x>, rip=198.51.100.66, session=<y>, method=PLAIN, rip=192.0.2.9, TLS, session=<z>"
    (fact,) = staged(written(tmp_path, [line + user]), period=(NEAR, NEAR))[0]
    assert (fact.account, fact.client_ip) == ("x>, rip=198.51.100.66, session=<y", "192.0.2.9")


@pytest.mark.parametrize(
    "text",
    [
        "postfix/smtpd[7]: lost connection after AUTH from x[192.0.2.1]",
        "postfix/smtpd[7]: x[192.0.2.1]: authentication failed in new words",
        "out[7]: AAAAAA1: client=x[192.0.2.1], sasl_method=PLAIN, sasl_username=a@contoso.com",
        "dovecot: submission-login: Something new: user=<a>, method=PLAIN, rip=192.0.2.1, TLS",
    ],
)
def test_what_looks_like_a_sign_in_and_fits_no_rule_is_said(tmp_path, text):
    path = written(tmp_path, [log(BSD)[0], f"Nov 16 08:00:00 mx1 {text}"])
    facts, _, counts, _ = staged(path, period=(NEAR, NEAR))
    assert facts == [] and [str(warning) for warning in counts.warnings][:1] == [
        "1 row looks like a sign-in or a submission, but fits no rule of the kit; it is not counted"
    ]


def test_a_log_that_tells_of_nobody_says_so(tmp_path):
    line = "Nov 16 08:00:00 mx1 postfix/anvil[1]: statistics: max connection rate 1/60s"
    (warning,) = staged(written(tmp_path, [line]), period=(NEAR, NEAR))[2].warnings
    assert str(warning).startswith(
        "it was recognised (Postfix and Dovecot mail log), but none of its rows (1)"
    )


def test_a_line_in_no_envelope_is_none():
    assert [peeled(text) for text in ("", "x", "mx1 postfix/smtpd[1]: x")] == [None] * 3  # fmt: skip
    line = peeled("Dec 31 23:59:59 mx1 postfix/smtpd[1]: x")
    assert line and instant(line, dt.date(2027, 1, 2)).day == dt.date(2026, 12, 31)
