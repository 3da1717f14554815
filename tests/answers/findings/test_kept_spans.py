"""What a store keeps of days and spans is what a store that counts all at once has, however loaded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from depth import tries
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.judging import judge
from smtpauth_kit.answers.kept_days import KEPT, SIGN_INS_KEPT, SPANS, are_spans_kept
from smtpauth_kit.loading import judging, loaded_files, loading
from smtpauth_kit.store.store import Store, open_store

HEADER = (
    "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
    "Authentication protocol,Account"
)
LAST_DAY = dt.date(2026, 11, 22)
DAYS = 150
"""More than two spans."""

messages = st.lists(
    st.tuples(
        st.integers(0, DAYS - 1), st.integers(0, 23), st.sampled_from("abc"),
        st.sampled_from(["", "d", "e"]), st.sampled_from(["192.0.2.1", "198.51.100.7", ""]),
        st.sampled_from(["TLS1.0", "TLS1.2", ""]), st.sampled_from(["Basic", "OAuth", ""]),
        st.sampled_from(["r@x.example", "r@x.example;s@y.example", ""]), st.integers(0, 2),
    ),
    min_size=20, max_size=60,
)  # fmt: skip


def written(folder: Path, told: list[tuple[object, ...]]) -> list[Path]:
    """Write the messages as three logs; each message is of one of them."""
    folder.mkdir()
    paths = []
    for n in range(3):
        lines = [HEADER]
        for place, (day, hour, sender, account, ip, tls, auth, to, of) in enumerate(told):
            if of == n:
                at = LAST_DAY - dt.timedelta(days=DAYS - 1 - day)  # type: ignore[operator]
                named = f"{account}@contoso.com" if account else ""
                lines.append(
                    f"{at}T{hour:02}:00:00Z,{sender}@contoso.com,{to},<{place}@x>,{tls},{ip},"
                    f"{auth},{named}"
                )
        path = folder / f"log{n}.csv"
        path.write_text("\n".join([*lines, ""]), "utf-8")
        paths.append(path)
    return paths


def kept_rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    tables = (*KEPT.values(), *SIGN_INS_KEPT.values(), *SPANS.values())
    return {name: sorted(map(repr, store.rows(f"from {name}"))) for name in tables}  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _every_store_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)


@settings(
    max_examples=tries(2), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(messages, st.permutations([0, 1, 2]), st.integers(0, 2))
def test_spans_are_the_same_in_whatever_order_files_come_and_go(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[object, ...]], order: list[int],
    leaves: int,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("spans")
    paths = [path for path in written(folder / "logs", told)]
    filled = [n for n in range(3) if len(paths[n].read_text("utf-8").splitlines()) > 1]
    whole, daily = open_store(folder / "whole.duckdb"), open_store(folder / "daily.duckdb")
    loading.load(whole, *(paths[n] for n in filled))
    for n in order:
        if n in filled:
            loading.load(daily, paths[n])
    if leaves in filled and len(filled) > 1:
        loaded_files.unload(daily, paths[leaves])
        loading.load(daily, paths[leaves])
    assert kept_rows(daily) == kept_rows(whole)
    with whole.asking() as one, daily.asking() as other:
        assert are_spans_kept(one) and are_spans_kept(other)
        found = judge(other)
        assert judge(one) == found


def test_spans_that_are_not_of_the_facts_are_not_read(store, load) -> None:
    load(f"{HEADER}\n2026-11-16T08:00:00Z,a@contoso.com,r@x.example,<1@x>,TLS1.2,,Basic,\n")
    with store.asking() as session:
        assert (
            are_spans_kept(session) and "span_by_place" in Inputs(session).relations["place_spans"]
        )
    with store.writing() as writer, writer.transaction("this store"):
        writer.execute("update span_by_place set message_count = 2")
    with store.asking() as session:
        assert not are_spans_kept(session)
        assert "place_days" in Inputs(session).relations["place_spans"]


def attempts(*lines: str) -> str:
    head = "signed_in_at,account,result,auth_protocol,client_ip,sign_in_id"
    return "\n".join([head, *lines, ""])


def test_sign_ins_that_took_the_place_of_as_many_are_counted_anew(
    store, load, tmp_path, monkeypatch
) -> None:
    load(attempts("2026-11-16T08:00:00Z,a@contoso.com,success,basic,192.0.2.1,1"), name="first.csv")
    monkeypatch.setattr(judging, "MOST_UNKEPT", 10**9)
    loaded_files.unload(store, "first.csv")
    other = attempts("2026-11-16T09:00:00Z,b@contoso.com,failure,basic,192.0.2.2,2")
    load(other, name="other.csv")
    with store.asking() as session:  # As many as before, and others.
        assert not are_spans_kept(session)
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)
    last = attempts("2026-09-01T09:00:00Z,c@contoso.com,success,basic,192.0.2.3,3")
    load(last, name="last.csv")
    whole = open_store(tmp_path / "whole.duckdb")
    for name, text in (("other.csv", other), ("last.csv", last)):
        (tmp_path / f"again-{name}").write_text(text)
        loading.load(whole, tmp_path / f"again-{name}")
    assert kept_rows(store) == kept_rows(whole)
    rows = store.rows("select account_key, attempt_count from span_by_attempt order by account_key")
    assert list(rows) == [("b@contoso.com", 1), ("c@contoso.com", 1)]
