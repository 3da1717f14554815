"""One message, all that is known of it: whatever tells of it, in any order of loading."""

from __future__ import annotations

from itertools import count, permutations

import pytest
from conftest import LOG_HEADER, WEEK
from depth import some, tries
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smtpauth_kit.loading import loaded_files, loading
from smtpauth_kit.store.store import Store, open_store

TRACE_HEADER = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id,"
    "recipient_address,custom_data,original_client_ip\n"
)
MESSAGES = (
    "select source, sent_at, period_start, period_end, sender_key, account, tls_version,"
    " auth_protocol, client_ip, list_sort(recipients) as recipients, recipient_count, message_id,"
    " network_message_id, message_count, fields_from from all_submissions where superseded_by is null"
)
ROLLUPS = ("select * exclude (sender_address) from all_daily_by_sender", "from all_daily_by_domain")


def log_row(second="30", sender="a", id_="1", to="x", tls="", auth="", ip="") -> str:
    return f"2026-11-16T08:15:{second}Z,{sender}@contoso.com,{to}@fabrikam.com,<{id_}>,{tls},{ip},{auth}\n"


def trace_row(second="30", sender="a", id_="1", to="x", tls="", ip="") -> str:
    custom = f"S:tlsversion=SP_PROT_TLS1_{tls}_SERVER" if tls else ""
    return (
        f"2026-11-16T08:15:{second}Z,SMTP,RECEIVE,EX\\Client Proxy EX,{sender}@contoso.com,<{id_}>,"
        f"{sender.lower()}-{id_},{to}@fabrikam.com,{custom},{ip}\n"
    )


@pytest.fixture
def fill(tmp_path):
    """Return what loads texts into a store of its own, in the order given."""
    numbers = count()

    def fill(*texts: str, period=None) -> Store:
        store = open_store(tmp_path / f"{next(numbers)}.duckdb")
        for text in texts:
            path = tmp_path / f"{hash(text)}.csv"
            path.write_text(text)
            assert not loading.load(store, path, period=period).refused
        return store

    return fill


def told(store: Store) -> list[list[str]]:
    if not store.exists():
        return [[], [], []]
    return [
        sorted(map(str, store.sql(query).astype(str).values.tolist()))
        for query in (MESSAGES, *ROLLUPS)
    ]


def fields(store: Store, source: str, *names: str) -> list[tuple]:
    rows = store.sql(f"select {', '.join(names)} from all_submissions where source = '{source}'")
    return list(rows.itertuples(index=False, name=None))


POOR = LOG_HEADER + log_row("40")
RICH = LOG_HEADER + log_row("35", tls="TLS1.0", auth="Basic", ip="192.0.2.1")


@pytest.mark.parametrize("texts", [(POOR, RICH), (RICH, POOR)])
def test_two_logs_of_one_message_tell_all_that_either_knows(fill, texts):
    store = fill(*texts)
    names = ("tls_version", "auth_protocol", "client_ip", "sent_at")
    ((tls, auth, ip, at),) = fields(store, "submission_log", *names)
    assert (tls, auth, ip, str(at)) == ("1.0", "basic", "192.0.2.1", "2026-11-16 08:15:35")
    assert store.sql("select tls_version, message_count from daily_by_sender").values.tolist() == [
        ["1.0", 1]
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_earliest_event_decides_the_tls_version_and_the_contradiction_is_said(
    fill, tmp_path, order
):
    texts = [LOG_HEADER + log_row("50", tls="TLS1.2"), LOG_HEADER + log_row("20", tls="TLS1.0")]
    first, second = (texts[n] for n in order)
    store = fill(first)
    (tmp_path / "second.csv").write_text(second)
    (result,) = loading.load(store, tmp_path / "second.csv").files
    assert fields(store, "submission_log", "tls_version") == [("1.0",)]
    assert any("of 1 message another file or source names another" in w for w in result.warnings)


def test_a_message_that_sources_contradict_each_other_about_is_one(fill, tmp_path):
    report = (
        "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,message_count,"
        "message_id\n2026-11-16T08:15:30Z,a@contoso.com,contoso.com,OAuth,192.0.2.1,TLS1.2,1,<1>\n"
    )
    store = fill(RICH)
    (tmp_path / "report.csv").write_text(report)
    (result,) = loading.load(store, tmp_path / "report.csv").files
    assert any("of 1 message another file or source names" in w for w in result.warnings)


def test_what_another_source_says_of_a_message_is_known_of_it_and_named(fill):
    store = fill(TRACE_HEADER + trace_row(to="y"), RICH)
    assert fields(store, "extended_trace", "tls_version", "auth_protocol", "fields_from") == [
        (
            "1.0",
            "basic",
            "tls_version=submission_log auth_protocol=submission_log client_ip=submission_log",
        )
    ]
    ((recipients, whence),) = fields(store, "submission_log", "recipients", "fields_from")
    assert (sorted(recipients), whence) == (["x@fabrikam.com", "y@fabrikam.com"], "")
    report = (
        "date,senderName,senderDomain,authMethod,original_client_ip,tls_version,message_count,"
        "message_id\n2026-11-16T08:15:30Z,a@contoso.com,contoso.com,Basic,192.0.2.1,TLS1.0,1,<1>\n"
    )
    told_of = fields(
        fill(TRACE_HEADER + trace_row(to="y"), report),
        "requested_report",
        "recipients",
        "fields_from",
    )
    assert [(list(to), whence) for to, whence in told_of] == [
        (["y@fabrikam.com"], "recipients=extended_trace")
    ]
    counts = store.sql("select source, sum(message_count) as n from all_submissions group by 1")
    assert sorted(counts.values.tolist()) == [["extended_trace", 1], ["submission_log", 1]]


def test_an_id_that_a_device_gives_to_several_messages_joins_none_of_them_to_another_source(fill):
    repeated = trace_row("30").replace("a-1", "a-2")
    store = fill(TRACE_HEADER + trace_row("20") + repeated, RICH)
    assert fields(store, "extended_trace", "tls_version") == [("unknown",), ("unknown",)]


VERSIONS = st.sampled_from(["", "TLS1.0", "TLS1.2", "No TLS"])
LOG_ROWS = st.builds(
    log_row,
    st.sampled_from(["30", "31"]),
    st.sampled_from("aA"),
    st.sampled_from("12"),
    st.sampled_from("xy"),
    VERSIONS,
    st.sampled_from(["", "Basic", "OAuth"]),
    st.sampled_from(["", "192.0.2.1", "192.0.2.2"]),
)
TRACE_ROWS = st.builds(
    trace_row,
    st.sampled_from(["29", "31"]),
    st.sampled_from("ab"),
    st.sampled_from("12"),
    st.sampled_from("xz"),
    st.sampled_from(["", "0", "2"]),
    st.sampled_from(["", "192.0.2.3"]),
)
TEXTS = st.lists(
    st.one_of(
        st.lists(LOG_ROWS, min_size=1, max_size=3).map(lambda rows: LOG_HEADER + "".join(rows)),
        st.lists(TRACE_ROWS, min_size=1, max_size=3).map(lambda rows: TRACE_HEADER + "".join(rows)),
    ),
    min_size=2,
    max_size=3,
    unique=True,
)


@settings(
    max_examples=tries(3),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # Shrinking takes minutes: each example loads files.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=TEXTS, data=st.data())
def test_no_order_of_loading_and_no_unload_changes_what_is_known(fill, texts, data):
    store = fill(*texts)
    other = data.draw(st.permutations(texts))
    assert told(fill(*other)) == told(store)
    out = data.draw(st.integers(1, len(texts)))
    loaded_files.unload(store, str(out))
    assert told(store) == told(fill(*texts[: out - 1], *texts[out:]))


SENDING = "Sender address,Messages sent\na@contoso.com,10\n"
USAGE = (
    "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\na@contoso.com,40%(4),0%(0),60%(6),10\n"
)
AUTHENTICATED = "Sender address,Authentication protocol,Messages sent\na@contoso.com,Basic,10\n"


@pytest.mark.parametrize("texts", [(SENDING, USAGE), (USAGE, SENDING)])
def test_a_view_of_a_report_that_shows_less_never_unlearns_what_another_showed(
    store, tmp_path, texts
):
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.csv"
        path.write_text(text)
        loading.load(store, path, period=("2026-11-16", "2026-11-22"))
    rows = "select tls_version, message_count from daily_by_sender order by 1"
    assert store.sql(rows).values.tolist() == [["1.0", 4], ["1.2", 6]]


OAUTH_TOO = (
    "Sender address,Authentication protocol,Messages sent\n"
    "a@contoso.com,Basic,7\na@contoso.com,OAuth,3\n"
)
NEWEST_TLS = "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\na@contoso.com,0,0,100,10\n"
OTHER_TOTAL = "Sender address,Authentication protocol,Messages sent\na@contoso.com,Basic,11\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((USAGE, AUTHENTICATED), [["1.0", "basic", 4], ["1.2", "basic", 6]]),
        ((SENDING, USAGE, AUTHENTICATED), [["1.0", "basic", 4], ["1.2", "basic", 6]]),
        ((NEWEST_TLS, OAUTH_TOO), [["1.2", "basic", 7], ["1.2", "oauth", 3]]),
        # Which of the messages over TLS 1.0 were Basic, neither of them tells.
        ((USAGE, OAUTH_TOO), [["1.0", "unknown", 4], ["1.2", "unknown", 6]]),
    ],
)
def test_two_views_of_one_report_tell_together_what_each_knows_in_any_order(fill, texts, expected):
    asked = "select tls_version, auth_protocol, message_count from daily_by_sender order by 1, 2"
    alone = {text: told(fill(text, period=WEEK)) for text in texts}
    orders = [*permutations(texts)]
    for order in some(orders, len(orders) // 2):
        store = fill(*order, period=WEEK)
        assert store.sql(asked).values.tolist() == expected
        for file_id in range(1, len(order)):
            loaded_files.unload(store, str(file_id))
        assert told(store) == alone[order[-1]]


def test_another_total_is_another_figure_and_nothing_is_taken_from_it(fill):
    store = fill(OTHER_TOTAL, USAGE, period=WEEK)
    asked = "select tls_version, auth_protocol, message_count from daily_by_sender order by 1, 2"
    assert store.sql(asked).values.tolist() == [["1.0", "unknown", 4], ["1.2", "unknown", 6]]
    said = [str(warning) for file in loaded_files.stored_files(store) for warning in file.warnings]
    assert any("had other figures for the same period" in text for text in said)
    more = fill(SENDING, USAGE, AUTHENTICATED, period=WEEK)
    assert [file.warnings for file in loaded_files.stored_files(more)] == [()] * 3
