"""What is pulled counts as the store it came from, and says what it does not hold."""

from __future__ import annotations

import datetime as dt

import pytest

from smtpauth_kit import answers
from smtpauth_kit.base.errors import KitError, StoreError
from smtpauth_kit.base.filters import Filters, filters
from smtpauth_kit.loading import loading
from smtpauth_kit.loading.loaded_files import unload
from smtpauth_kit.loading.pulling import pull
from smtpauth_kit.store.store import Store

SENDER = "scanner-hq1@contoso.com"
MONTH = {"start": dt.date(2026, 10, 26), "end": dt.date(2026, 11, 22)}
ASKED = {
    "the last 7 days": Filters(),
    "a trace, a domain": Filters(source="extended_trace", domains=("contoso.com",), **MONTH),
    "reports": Filters(source="report", start=dt.date(2026, 10, 20), end=dt.date(2026, 11, 22)),
    "conditions": filters(senders="tls_1_0_share >= 50% and client_ip_count <= 2", min_messages=3),
}
HELD = (
    "insight", "sending-volume", "tls-usage", "auth-usage", "tls-by-day", "auth-by-day",
    "volume-by-sender", "volume-by-domain", "senders-by-tls", "senders", "sender", "new-senders",
    "gone-senders", "changed-senders", "sender-changes", "sign-ins", "burn-down", "went-quiet",
    "never-seen", "files", "rejected",
)  # fmt: skip


@pytest.fixture(scope="module")
def pulled(sample_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return pull(sample_store, tmp_path_factory.mktemp("pulled") / "pulled.duckdb", [SENDER])


def told(store: Store, name: str, asked: Filters) -> object:
    try:
        answer = answers.ask_plain(store, name, asked)
    except KitError as error:
        return str(error)
    return list(answer.rows), answer.scope.source, answer.scope.not_shown, dict(answer.beside)


@pytest.mark.parametrize("name", HELD)
def test_its_figures_are_those_of_the_store_it_came_from(name, pulled, sample_store):
    for asked in ASKED.values():
        asked = asked.changed(sender="erp@contoso.com") if name == "sender" else asked
        assert told(pulled, name, asked) == told(sample_store, name, asked)


def test_it_holds_counts_by_day_and_each_message_of_a_sender_that_was_named(pulled, sample_store):
    whole = "select sent_at, recipients, message_id, client_ip from submissions where sender_key = $key order by all"
    assert list(pulled.rows(whole, {"key": SENDER})) == list(
        sample_store.rows(whole, {"key": SENDER})
    )
    counts = "select count(*) as n, sum(message_count) as messages from submissions where superseded_by is null"
    of_pulled, of_all = pulled.rows(counts).first(), sample_store.rows(counts).first()
    assert of_pulled["messages"] == of_all["messages"]
    assert of_pulled["n"] * 5 < of_all["n"]


@pytest.mark.parametrize(("name", "asked"), [
    ("devices", Filters(sender="erp@contoso.com")),
    ("who-else", filters(account=["erp@contoso.com"])),
    ("reconciliation", Filters()),
    ("findings", Filters()),
    ("tls-by-day", Filters(timezone="Europe/Amsterdam")),
])  # fmt: skip
def test_what_only_messages_tell_is_refused_in_words(name, asked, pulled):
    with pytest.raises(StoreError, match="cannot be told from this store: it was pulled from "):
        answers.ask_plain(pulled, name, asked)


def test_devices_of_a_sender_that_was_named_are_told(pulled, sample_store):
    asked = Filters(sender=SENDER)
    assert told(pulled, "devices", asked) == told(sample_store, "devices", asked)


def test_readiness_says_that_recipients_are_not_told(pulled, sample_store):
    rows, same = (answers.ask_plain(s, "readiness").rows for s in (pulled, sample_store))
    figures = [name for name in rows.columns if not name.startswith("way_out")]
    assert list(rows.in_order(figures)) == list(same.in_order(figures))
    (reason,) = (
        r["way_out_reason"] for r in rows.records() if r["sender_address"] == "payroll@contoso.com"
    )
    assert reason.endswith("Its recipients are not told.")


def test_nothing_is_loaded_into_it_and_a_store_of_exports_is_never_replaced(
    pulled, sample_store, tmp_path
):
    (tmp_path / "log.csv").write_text("Date,Sender address\n2026-11-20T10:00:00Z,a@contoso.com\n")
    before = pulled.path.read_bytes()
    with pytest.raises(StoreError, match="nothing is loaded into it or taken out of it"):
        loading.load(pulled, tmp_path / "log.csv")
    with pytest.raises(StoreError, match="nothing is loaded into it or taken out of it"):
        unload(pulled, 1)
    assert pulled.path.read_bytes() == before
    own = Store(tmp_path / "own.duckdb")
    loading.load(own, tmp_path / "log.csv")
    with pytest.raises(StoreError, match="it was left as it is"):
        pull(sample_store, own.path)
    assert answers.ask_plain(own, "insight").rows.first()["message_count"] == 1


def test_it_is_replaced_whole_and_a_pull_that_is_stopped_leaves_it(pulled, sample_store, tmp_path):
    file = tmp_path / "again.duckdb"
    pull(sample_store, file)
    before = file.read_bytes()

    def stop(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(sample_store, file, tell=stop)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if "pulling" in path.name) == []
    assert pull(sample_store, file, [SENDER]).rows("select senders from pulled_from")[
        "senders"
    ] == [[SENDER]]


def test_a_store_without_facts_is_pulled_as_one(tmp_path, load, store):
    load("Date,Sender address\n")
    empty = pull(store, tmp_path / "pulled.duckdb")
    assert answers.ask_plain(empty, "senders").rows.records() == []
