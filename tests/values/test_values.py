"""What one cell means: every spelling LOADING.md names, and what must be refused."""

from __future__ import annotations

import contextlib
import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick import quick

from smtpauth_kit.values import addresses, counts, protocols, times
from smtpauth_kit.values.cells import Decisions, NeedsDecision, Unfit

UTC = dt.UTC


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("TLS1.2", "1.2"), ("TLS 1.2", "1.2"), ("TLSv1.2", "1.2"), ("TLS1_2", "1.2"),
        ("SP_PROT_TLS1_2_SERVER", "1.2"), ("1.2", "1.2"), ("tls 1,0", "1.0"), ("TLSv1", "1.0"),
        ("SP_PROT_TLS1_3_SERVER", "1.3"), ("TLS 1.1", "1.1"), ("No TLS", "none"), ("none", "none"),
        ("SSL 3.0", "unknown"), ("SSLv3", "unknown"), ("TLS", "unknown"), ("", "unknown"),
        ("1", "unknown"), ("TLS 1.4", "unknown"), ("1.2.3", "unknown"), ("TLS1.2 or so", "unknown"),
    ],
)  # fmt: skip
def test_a_tls_version_is_read_in_any_spelling_and_never_guessed(text, version):
    assert protocols.tls_version(text) == version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-16T08:15:30Z", dt.datetime(2026, 11, 16, 8, 15, 30)),
        ("2026-11-16T08:15:30.4906758Z", dt.datetime(2026, 11, 16, 8, 15, 30, 490675)),
        ("2026-11-16 08:15", dt.datetime(2026, 11, 16, 8, 15)),
        ("2026-11-16T00:30:00+01:00", dt.datetime(2026, 11, 15, 23, 30)),
        ("9/19/2023, 1:45:17.287 PM", dt.datetime(2023, 9, 19, 13, 45, 17, 287000)),
        ("16.11.2026 08:15:30", dt.datetime(2026, 11, 16, 8, 15, 30)),
        ("05.11.2026 08:15:30", dt.datetime(2026, 11, 5, 8, 15, 30)),
        ("Nov 16, 2026 9:15:30 AM", dt.datetime(2026, 11, 16, 9, 15, 30)),
        ("16 Nov 2026 12:00:00 AM", dt.datetime(2026, 11, 16)),
        ("Mon, 16 Nov 2026 08:15:30 +0100", dt.datetime(2026, 11, 16, 7, 15, 30)),
        ("1794816930", dt.datetime(2026, 11, 16, 8, 15, 30)),
        ("1794816930123", dt.datetime(2026, 11, 16, 8, 15, 30, 123000)),
        ("46342.344097", dt.datetime(2026, 11, 16, 8, 15, 30)),
        ("11/11/2026 10:00:00 am", dt.datetime(2026, 11, 11, 10)),
    ],
)  # fmt: skip
def test_a_time_is_an_instant_in_utc(text, expected):
    moment = times.moment(text, Decisions(date_order="mdy" if "/19/" in text else None))
    assert moment.at == expected


def test_a_day_without_a_time_is_only_a_day():
    assert times.moment("2026-11-16") == (None, dt.date(2026, 11, 16))
    assert times.moment("46342") == (None, dt.date(2026, 11, 16))


def test_the_zone_of_the_header_applies_where_the_cell_names_none():
    zone = times.zone_in_brackets("UTC-07:00")
    assert times.moment("2026-11-16 18:00:00", zone=zone).at == dt.datetime(2026, 11, 17, 1)
    assert times.moment("2026-11-16T18:00:00Z", zone=zone).at == dt.datetime(2026, 11, 16, 18)
    amsterdam = times.zone_in_brackets("Europe/Amsterdam")
    assert times.moment("2026-07-01 12:00:00", zone=amsterdam).at == dt.datetime(2026, 7, 1, 10)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "31.02.2026 10:00", "1999-12-31", "2100-01-01", "2026-13-01T00:00Z",
     "2026-11-16T25:00:00Z", "13/13/2026", "13:00 PM", "1/2/3", "9999999999999999"],
)  # fmt: skip
def test_what_is_no_date_of_this_century_is_unfit(text):
    with pytest.raises(Unfit):
        times.moment(text, Decisions(date_order="dmy"))


def test_a_date_that_can_be_read_in_two_ways_asks_for_a_decision():
    with pytest.raises(NeedsDecision):
        times.moment("11/05/2026 8:15:30 AM")
    assert times.moment("11/05/2026", Decisions(date_order="dmy")).day == dt.date(2026, 5, 11)
    assert times.moment("11/05/2026", Decisions(date_order="mdy")).day == dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("text", "mark", "count"),
    [("472", ".", 472), ("5,280", ".", 5280), ("5.280", ",", 5280), ("1 520", ".", 1520),
     ("1\u00a0520", ",", 1520), ("1\u202f520", ",", 1520), ("12.0", ".", 12), ("12,00", ",", 12),
     ("1,234,567", ".", 1234567), ("9223372036854775807", ".", 2**63 - 1), ("0", ".", 0)],
)  # fmt: skip
def test_a_count_is_read_with_the_marks_of_its_file(text, mark, count):
    assert counts.count(text, Decisions(decimal_mark=mark)) == count


@pytest.mark.parametrize(
    "text",
    ["", "-3", "12.5", "NaN", "inf", "1e3", "0x10", "9223372036854775808", "1,23", "١٢", "5,28,0",
     "twelve", "9" * 5000, "--5", "+"],
)  # fmt: skip
def test_what_is_no_whole_number_of_messages_is_unfit(text):
    with pytest.raises(Unfit):
        counts.count(text, Decisions(decimal_mark="."))


def test_marks_are_decided_over_the_whole_column():
    assert counts.decide_decimal_mark(["1.234", "5.280"], ",") == ","
    assert counts.decide_decimal_mark(["1.234", "1.234.567"], ".") == ","
    assert counts.decide_decimal_mark(["1,234", "12,345,678"], ",") == "."
    assert counts.decide_decimal_mark(["1.234", "12.5"], ",") == "."


@given(
    st.integers(0, 10**15),
    st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=5),
)
def test_counts_from_percentages_always_add_up_to_the_total(total, percents):
    parts = counts.split_by_share(total, [Fraction(p) for p in percents])
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert len(parts) == len(percents) + 1


def test_what_is_missing_to_a_hundred_percent_is_unknown():
    assert counts.split_by_share(1000, [Fraction(50), Fraction(30)]) == [500, 300, 200]


def test_addresses_are_compared_without_case_and_in_nfc():
    decomposed, composed = "cafe\u0301@contoso.com", "caf\u00e9@CONTOSO.com"
    assert addresses.sender_address(decomposed).key == addresses.sender_address(composed).key


def test_both_forms_of_an_international_domain_are_one_and_look_alikes_are_not():
    assert addresses.domain_key("bücher.example") == addresses.domain_key("XN--BCHER-KVA.example")
    assert addresses.domain_key("cont\u043eso.com") != addresses.domain_key("contoso.com")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "scanner", "a\x00b@contoso.com", "a\nb@contoso.com", "@contoso.com", "x@",
     "a" * 320 + "@contoso.com"],
)  # fmt: skip
def test_a_sender_address_that_cannot_be_one_is_unfit(text):
    with pytest.raises(Unfit):
        addresses.sender_address(text)


@pytest.mark.parametrize("text", ["<script>@contoso.com", "=cmd|x@contoso.com", "a b@contoso.com"])
def test_any_other_sender_address_is_data(text):
    assert addresses.sender_address(text).shown == text


@given(st.text(max_size=40))
def test_no_text_makes_a_cell_fail_in_another_way(text):
    for read in (
        times.moment,
        counts.count,
        counts.share,
        addresses.sender_address,
        addresses.account,
    ):
        with contextlib.suppress(Unfit, NeedsDecision):
            read(text)
    assert protocols.tls_version(text) in ("none", "1.0", "1.1", "1.2", "1.3", "unknown")
    addresses.client_ip(text)
    times.zone_in_brackets(text)
    addresses.domain_key(text)


def test_texts_of_a_million_signs_are_unfit_in_no_time():
    accents = "a" + "\u0300\u0327" * 20_000
    for read in (addresses.sender_address, addresses.account, times.moment):
        for text in (accents + "@contoso.com", "Mon " + "1 " * 100_000):
            with quick(0.5), pytest.raises(Unfit, match=r"longer than|cannot be read"):
                read(text)


@pytest.mark.parametrize(
    "text", ["", " ", "nobody", "@contoso.com", "a@", "a\x07@x.example", "a" * 321]
)
def test_what_is_no_sender_address_is_unfit(text):
    with pytest.raises(Unfit):
        addresses.sender_address(text)


DIGITS = st.sampled_from("0123456789")
WRITTEN = st.builds(
    lambda at, sign, fraction, zone: f"{at:%Y-%m-%d}{sign}{at:%H:%M:%S}{fraction}{zone}",
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2110, 1, 1)),
    st.sampled_from("T "),
    st.just("") | st.lists(DIGITS, min_size=1, max_size=9).map(lambda each: "." + "".join(each)),
    st.sampled_from(("", "Z", "+01:00", " Z")),
)
ODD = st.sampled_from(
    ("2026-02-30T08:15:30Z", "2026-11-16T24:00:00Z", "2026-11-16T08:15:61Z", "2026-11-16", "",
     "2026-11-16T08:15:30Z\n2026-11-16T08:15:30Z", "2026-11-16T08:15:30ZZ", "\u0662026-11-16T08:15:30"),
)  # fmt: skip


def read(text: str) -> object:
    try:
        return times.moment(text)
    except Unfit as unfit:
        return str(unfit)


@given(WRITTEN | ODD)
def test_what_python_reads_of_a_time_is_what_it_means(text):
    quick = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "_USUAL", times.re.compile("never"))
        assert read(text) == quick


@given(st.lists(WRITTEN, max_size=4) | st.lists(WRITTEN | ODD, max_size=4))
def test_times_that_are_read_together_are_what_each_is(texts):
    assert times.moments(texts) in (None, [read(text) for text in texts])


def test_times_of_the_usual_form_are_read_together_and_only_those_of_a_zone_known():
    usual = ["2026-11-16T08:15:30Z", "2026-11-16 08:15:30.123", "2026-11-16T08:15:30.1234567Z"]
    assert times.moments(usual) == [times.moment(text) for text in usual]
    assert times.moments(usual, dt.timezone(dt.timedelta(hours=1))) is None
