"""Rows that are read together, by columns, say what each says alone: facts, rejects, warnings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from row_way import ROW_WAYS
from test_in_pieces import OPTIONS, WATCH, put_together, rows_of

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.formats import FORMATS, ExportFormat
from smtpauth_kit.loading import ahead, batches, in_pieces
from smtpauth_kit.loading.options import Options
from smtpauth_kit.reading import lines, passing
from smtpauth_kit.reading.containers import find_exports
from smtpauth_kit.store import staged_rows
from smtpauth_kit.store.parts import PartsMaker

TOGETHER = {fmt.name: fmt for fmt in FORMATS if fmt.by_columns}
ADDRESSES = (
    "a@contoso.com", "B@Contoso.com", " a@contoso.com ", "<c@x.example>", "bücher@bücher.example",
    "no address", "", "@x.example", "a\x01b@x.example", "a@x.example" * 60,
)  # fmt: skip
CELLS: dict[str, tuple[str, ...]] = {
    "date": (
        "2026-11-16T08:15:30Z", "2026-11-16T08:15:30.1234567Z", "2026-11-16 08:15:30",
        "2026-11-16T08:15:30+01:00", "2026-11-16T08:15", "2026-11-16", " 2026-11-17T01:02:03Z ",
        "2026-02-30T08:15:30Z", "2026-11-16T24:00:00Z", "1999-11-16T08:15:30Z", "16/11/2026 08:15",
        "11/05/2026 8:15:30 AM", "1763280930", "45977.5", "Mon, 16 Nov 2026 08:15:30 +0100", "", "?",
        "2060-01-01T00:00:00Z", "2026-11-16T08:15:30.5Z", "2026-11-16T08:15:30,123Z",
    ),
    "sender_address": ADDRESSES,
    "account": (*ADDRESSES, "Microsoft.Graph.PowerShell.Models.X"),
    "recipient": ADDRESSES,
    "recipients": ("b@x.example", "b@x.example;c@x.example; ", "{b@x.example, c@x.example}", ""),
    "recipient_count": ("1", "2", "", "x", "²", "999999999"),
    "source": ("SMTP", "SMTP", "SMTP", "smtp ", "STOREDRIVER", ""),
    "event": ("RECEIVE", "RECEIVE", "Receive", "rece\u0131ve", "DELIVER", "AGENTINFO", ""),
    "connector": ("X\\Client Proxy X", "client frontend X", "Inbound", ""),
    "custom_data": (
        "S:tlsversion=SP_PROT_TLS1_2_SERVER;S:tlscipher=CALG_AES_256",
        "S:ProxiedClientIPAddress=192.0.2.25", "S:x=RECEIVE", "",
    ),
    "directionality": ("Originating", "2", "Incoming", ""),
    "message_id": ("<1@a>", "1@a", " <2@a> ", "<3@a>", "", "<>"),
    "network_message_id": ("1341AC7B-13fb-42ab-4d44-08cf7f55890f", "n1", ""),
    "client_ip": ("192.0.2.25", "[2001:DB8::1]:25", "::ffff:192.0.2.25", "none", ""),
    "original_client_ip": ("192.0.2.26", ""),
    "tls_version": ("TLS1.2", "No TLS", "SSL 3.0", ""),
    "auth_protocol": ("Basic", "OAuth 2.0", ""),
    "message_count": ("1", "2", "1", "1.234", "-1", "x", ""),
    "subject": ("Scan from HQ", " Scan, page 2 ", ""),
    "status": ("Delivered", "Success", "Failure", '{"errorCode":50126}', "@{errorCode=0}", "", "0"),
    "recipient_status": (
        "b@x.example##Receive, Send;c@x.example##Receive", "b@x.example##Deliver", "",
        "b@x.example;a\x01b@x.example", "no##", ";".join(["b@x.example##Send"] * 5_001),
    ),
    "data": (
        '<root><MEP Name="ConnectorId" String="X\\Client Proxy X"/><MEP Name="CustomData" '
        'Blob="S:tlsversion=SP_PROT_TLS1_2_SERVER;S:ProxiedClientIPAddress=192.0.2.25"/></root>',
        '<root><MEP Name="ClientIP" String="192.0.2.25"/><MEP Name="Cust', "<root", "",
    ),
    "error_code": ("0", "50126", "0.0", ""),
    "client_app": ("Authenticated SMTP", "Authenticated SMTP", "SMTP", "Other clients", "Browser", ""),
    "user_agent": ("BAV2ROPC", "", "Mozilla"),
    "location": ("Oslo, Oslo, NO", '{"city":"Lagos","countryOrRegion":"NG"}', ""),
}  # fmt: skip
WILD = st.text('aé@.;,"|<> \t\r\n\0\u00a0\u2028\x1f=1İ#', max_size=6)


def written_cell(cell: str, quote: int) -> str:
    """Return a cell as programs write it; one in many as none should."""
    is_needed = any(sign in cell for sign in ',;\t"\r\n')
    doubled = '"' + cell.replace('"', '""') + '"'
    return [doubled if is_needed else cell, doubled, cell, f' "{cell}"'][quote]


@st.composite
def row(draw: st.DrawFn, fmt: ExportFormat) -> str:
    """Draw a row: mostly plain, and whole."""
    usual = draw(st.integers(0, 3)) > 0
    quotes = st.sampled_from([0] * 8 + ([] if usual else [1, 1, 2, 3]))
    cells = []
    for each in fmt.fields:
        known = CELLS.get(each.name, ("", "x"))
        first = known[:2] if usual else known
        cell = draw(st.sampled_from(first) if usual or draw(st.integers(0, 5)) else WILD)
        cells.append(written_cell(cell, draw(quotes)))
    return ",".join(cells)


def odd_lines(header: str) -> list[str]:
    """Return lines that are no row, or none that can be read."""
    width = header.count(",")
    return [
        header, header.upper(), "", "  ", "," * width, " ," * width, "#TYPE X", "# comment", "too,few",
        "These rows are confidential", "2026-11-16 is the day of this export", '"', 'a"b', '"a"b,',
        "2026-11-16T08:15:30Z" + "," * (width + 3), "2026-11-16T08:15:30Z" + "," * width,
        "\ufeff2026-11-16T08:15:30Z" + "," * width, "1" + "," * width + "RECEIVE",
    ]  # fmt: skip


@st.composite
def export_of(draw: st.DrawFn, name: str) -> bytes:
    """Draw an export of a format, as text in some encoding."""
    fmt = TOGETHER[name]
    header = ",".join(field.labels[0] for field in fmt.fields)
    preamble = draw(st.sampled_from([[]] * 4 + [["An export", ""], ["1 preamble"]]))
    # Formats are known by their header, and by some rows.
    rows = st.sampled_from([row(fmt)] * 5 + [st.sampled_from(odd_lines(header))]).flatmap(
        lambda each: each
    )
    drawn = draw(st.lists(rows, min_size=1, max_size=14))
    ends = st.sampled_from(
        draw(st.sampled_from([["\n"], ["\r\n"], ["\n"], ["\r"], ["\n", "\r\n", "\r"]]))
    )
    text = "".join(line + draw(ends) for line in [*preamble, header, *drawn])
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]
    return text.encode(draw(st.sampled_from(encodings)), "replace")


@contextmanager
def sizes(rows: int, block: int) -> Iterator[None]:
    """Have batches of so many rows, blocks of so many characters, and no way of few of either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_ROWS", rows)
        patch.setattr(staged_rows, "FEW", 0)
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(passing, "SMALL", 1)
        yield


def check(
    folder: Path,
    content: bytes,
    options: Options,
    *,
    rows: int = 5,
    block: int = 100,
    piece: int = 200,
) -> str:
    """Hold what rows say together to what each says alone; return the format, if it is known."""
    path = folder / "export.csv"
    path.write_bytes(content)
    (export,) = find_exports([path])
    maker = PartsMaker(folder, "part")
    try:
        found, _ = ahead.recognised(export, options, (), WATCH)
        fmt = found.layout.format
        if fmt.name not in ROW_WAYS:
            return ""
        alone = replace(fmt, converter=ROW_WAYS[fmt.name], by_columns=None, only_with="")
        maker.begin("alone")
        row_way = replace(found, layout=replace(found.layout, format=alone))
        one_by_one = ahead.staged(export, row_way, options, maker, WATCH)
        with sizes(rows, block):
            maker.begin("together")
            together = ahead.staged(export, found, options, maker, WATCH)
            cut = in_pieces.cut(export, found, options, piece) if options == OPTIONS else None
            pieces = cut and put_together(folder, export, cut)
    except FileRefused:
        return ""
    finally:
        maker.close()
    assert str(together.refusal) == str(one_by_one.refusal)
    for staged in (together, pieces) if pieces else (together,):
        assert rows_of(staged) == rows_of(one_by_one)
        assert staged.counts == one_by_one.counts
    return fmt.name


SAID = st.sampled_from([OPTIONS, Options(date_order="dmy"), Options(date_order="mdy")])


def test_every_format_that_is_read_by_columns_is_held_to_the_row_way():
    assert set(TOGETHER) == set(ROW_WAYS)


@pytest.mark.parametrize("name", TOGETHER)
def test_any_rows_say_together_what_each_says_alone(tmp_path_factory, name):
    known = []

    @settings(max_examples=tries(12), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        content=export_of(name), options=SAID, rows=st.integers(2, 9), block=st.integers(20, 2_000)
    )  # fmt: skip
    def try_one(content, options, rows, block):
        folder = tmp_path_factory.mktemp("t")
        known.append(check(folder, content, options, rows=rows, block=block))

    try_one()
    assert name in known


@settings(max_examples=tries(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["entra-sign-ins", "extended-trace", "message-trace"]), data=st.data(),
    options=SAID,
)  # fmt: skip
def test_records_of_json_say_together_what_each_says_alone(tmp_path_factory, name, data, options):
    fields = TOGETHER[name].fields
    records = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {f.labels[0]: st.sampled_from(CELLS.get(f.name, ("", "x"))) for f in fields if f.required},
                optional={
                    f.labels[0]: st.sampled_from(CELLS.get(f.name, ("", "x"))) | st.none()
                    for f in fields if not f.required
                },
            ),
            min_size=1, max_size=12,
        )
    )  # fmt: skip
    check(tmp_path_factory.mktemp("j"), json.dumps(records).encode(), options)


def test_rows_of_a_trace_that_tell_of_nothing_handed_in_are_counted_and_not_taken_apart(tmp_path):
    fields = [field.labels[0] for field in TOGETHER["extended-trace"].fields]
    cells = {
        name: CELLS.get(name, ("",))[0]
        for name in (f.name for f in TOGETHER["extended-trace"].fields)
    }
    handed_in = ",".join(cells.values())
    delivered = ",".join((cells | {"source": "STOREDRIVER", "event": "DELIVER"}).values())
    text = "\n".join([",".join(fields), *([delivered] * 40 + [handed_in]) * 5, ""])
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        add = batches.Batches.add
        patch.setattr(
            batches.Batches,
            "add",
            lambda self, record: seen.append(record.line) or add(self, record),
        )
        for block in (300, 1 << 18):
            seen.clear()
            assert check(tmp_path, text.encode(), OPTIONS, block=block, piece=6_000)
            # The row way sees each row; then they are read together, whole and in pieces.
            assert seen[205 : 205 + 5] == [42 + 41 * n for n in range(5)]


HEADER = "date_time_utc,source,event_id,sender_address,message_id,connector_id"
HANDED_IN = "2026-11-16T08:15:30Z,SMTP,RECEIVE,a@contoso.com,<1@a>,X\\Client Proxy X"
DELIVERED = "2026-11-16T08:15:30Z,STOREDRIVER,DELIVER,a@contoso.com,<1@a>,"
LEFT_OUT = {
    "a quoted cell that goes on over rows": [
        HANDED_IN, '2026-11-16T08:15:30Z,SMTP,RECEIVE,a@contoso.com,"<1@a>', DELIVERED, DELIVERED,
        '2026",Client Proxy', DELIVERED, HANDED_IN,
    ],
    "a quoted cell that goes on in a row left out": [
        '2026-11-16T08:15:30Z,STOREDRIVER,DELIVER,a@contoso.com,"<1@a>', DELIVERED, HANDED_IN,
        '2026",Client Proxy', DELIVERED,
    ],
    "words between rows": ["These rows are confidential", DELIVERED, HANDED_IN],
    "words between rows left out": [HANDED_IN, "These rows are confidential", DELIVERED],
    "words twice": ["Some words", DELIVERED, "Some words", DELIVERED, "Some more", "And more"],
    "words at the end": [HANDED_IN, DELIVERED, "These rows are confidential", ""],
    "a row that cannot be taken apart behind one that is unfit": [
        HANDED_IN.replace("a@contoso.com", "nobody"), "1,2", HANDED_IN, DELIVERED, "3,4",
    ],
    "rows of another width": [DELIVERED + ",", DELIVERED + ",x", DELIVERED[:-1], HANDED_IN],
    "the word in another case": [HANDED_IN.replace("RECEIVE", "receive"), DELIVERED],
    "the word where it means nothing": [DELIVERED + "Receive", DELIVERED + "RECEIVED", HANDED_IN],
    "the header again": [HANDED_IN, HEADER, DELIVERED, HEADER.upper(), DELIVERED],
    "returns": [HANDED_IN, DELIVERED + "\r" + DELIVERED, DELIVERED + "\r", DELIVERED],
}  # fmt: skip


@pytest.mark.parametrize("preamble", ["", "An export\n\n", "1,2,3,4,5,6\n"])
@pytest.mark.parametrize("name", LEFT_OUT)
def test_rows_that_are_left_out_change_nothing_around_them(tmp_path, name, preamble):
    text = preamble + "\n".join([HEADER, *LEFT_OUT[name]])
    for end, block in (("", 1), ("\n", 100), ("\n", 5_000)):
        content = (text + end).encode()
        assert check(tmp_path, content, OPTIONS, rows=2, block=block) == "extended-trace"


def test_a_cell_of_two_dates_is_none(tmp_path):
    rows = [
        '"2026-11-16T08:15:30Z\n2026-11-16T08:15:30Z",a@contoso.com',
        "2026-11-16T08:15:30Z,b@contoso.com",
    ]
    text = "\n".join(["Date,Sender address", *rows])
    assert check(tmp_path, text.encode(), OPTIONS) == "submission-log"
