"""What readiness tells of clients and recipients from kept days is what the messages themselves say."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from depth import tries
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from smtpauth_kit.answers.kept_days import are_spans_kept
from smtpauth_kit.answers.readiness import kept_figures
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.kept_figures import client_statements, summed_up
from smtpauth_kit.answers.readiness.relations import relations, rows_of
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading import judging, loaded_files, loading
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import open_store

LAST_DAY = dt.date(2026, 11, 22)
COLUMNS = (
    "sent_at", "period_start", "period_end", "sender_address", "account", "client_ip",
    "recipients", "recipient_count", "message_id", "source", "message_count", "tls_version",
    "auth_protocol",
)  # fmt: skip
ODD = ("bob@x.example", "eve@y.example", "Bob@X.example", "root", "a@", "a@b@y.example", "@")

ATTEMPTS = (
    "signed_in_at,account,result,auth_protocol,sign_in_id\n"
    "2026-11-16T08:00:00Z,a@contoso.com,success,basic,1\n"
    "2026-11-16T08:00:00Z,f@contoso.com,failure,basic,2\n"
    "2026-11-17T08:00:00Z,f@contoso.com,failure,basic,3\n"
)

sent = st.lists(
    st.tuples(
        st.integers(0, 99), st.sampled_from("abc"), st.sampled_from(["", "d", "e"]),
        st.sampled_from(["", "192.0.2.1", "198.51.100.7"]),
        st.lists(st.sampled_from(ODD), max_size=3), st.integers(0, 4),
        st.sampled_from(["submission_log", "requested_report", "report"]), st.integers(0, 1),
    ),
    min_size=5, max_size=40,
)  # fmt: skip


def written(folder: Path, told: list[tuple[Any, ...]]) -> list[Path]:
    """Write the messages and counts: a file for each source, and of half of them."""
    folder.mkdir()
    files: dict[str, list[tuple[Any, ...]]] = {}
    for n, (ago, sender, account, ip, to, count, source, own) in enumerate(told):
        day = LAST_DAY - dt.timedelta(days=ago)
        is_report = source == "report"
        start = day - dt.timedelta(days=6 * (ago % 2)) if is_report else day
        files.setdefault(f"{source}{own}.csv", []).append((
            "" if is_report else f"{day}T08:00:00Z", start, day, f"{sender}@contoso.com",
            f"{account}@contoso.com" if account else "", ip, ";".join(to), count,
            "" if is_report else f"{n}@x", source, 1 + n % 3 if is_report else 1, "1.2", "basic",
        ))  # fmt: skip
    for name, rows in files.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    return [folder / name for name in sorted(files)]


@pytest.fixture(autouse=True)
def _every_store_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_UNKEPT", 0)


@settings(
    max_examples=tries(4), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(sent, st.booleans())
def test_kept_days_tell_of_clients_what_messages_tell(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[Any, ...]], is_unloaded: bool
) -> None:
    folder = tmp_path_factory.mktemp("clients")
    store = open_store(folder / "mail.duckdb")
    first, *more = written(folder / "told", told)
    attempts = folder / "told" / "attempts.csv"
    attempts.write_text(ATTEMPTS)
    for paths in ([first], [*more, attempts]):
        for file in loading.load(store, *paths).files:
            assert file.status == "loaded" and not file.rows_rejected, file
    if is_unloaded and len(loaded_files.stored_files(store)) > 1:
        loaded_files.unload(store, 1)
    for asked in (Filters(), Filters(end=LAST_DAY - dt.timedelta(days=50))):
        with store.asking() as question:
            scope = readiness_scope(question, asked)
            if scope.start is None:
                continue
            found = summed_up(question, scope)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(kept_figures, "_keeps_range", lambda *_: False)
                assert list(summed_up(question, scope)) == list(found)
            told_of = found["sender_key"][::2]
            quiet, of_few = (
                list(rows_of(question, "quiet", scope, of_few=few, keys=told_of))
                for few in (False, True)
            )
            assert quiet == of_few
    with store.asking() as question:
        assert are_spans_kept(question)
        for name in ("used_accounts", "failed_accounts"):
            told, kept = (set(question.rows(relations()[each])) for each in (name, f"{name}_kept"))
            assert told == kept
        columns = (
            question.rows(sql_text(name, "answers"))
            for name in ("told_columns", "told_columns_kept")
        )
        told, kept = ({(*row[:2], *map(bool, row[2:])) for row in rows} for rows in columns)
        assert told == kept
        for name in ("account_tellers", "first_and_last"):
            both = (sql_text(each, "answers") for each in (name, f"{name}_kept"))
            told, kept = (set(question.rows(text)) for text in both)
            assert told == kept


def test_messages_are_not_read_of_senders_whose_days_are_kept(store, load) -> None:
    load(
        "Date,Sender address,Recipient address,Message ID\n"
        "2026-11-16T08:00:00Z,a@contoso.com,bob@x.example,<1@x>\n"
    )
    with store.asking() as question:
        scope = readiness_scope(question)
        figures = rows_of(question, "figures", scope)
        ((text, _),) = client_statements(question, scope, figures)
        assert "span_by_place" in text and "submissions" not in text
        earlier = readiness_scope(question, Filters(start=dt.date(2026, 11, 17)))
        ((text, _),) = client_statements(question, earlier, figures)
        assert "submissions" in text
