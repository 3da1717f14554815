"""Plain rows say what a DataFrame says, and few facts are staged as many are."""

from __future__ import annotations

import datetime as dt

from conftest import LOG

from smtpauth_kit.base.facts import SignIn, Submission
from smtpauth_kit.store import staged_rows
from smtpauth_kit.store.rows import Rows, of_frame

SQL = """
select date '2026-11-16' as day, timestamp '2026-11-16 08:00' as sent,
    timestamptz '2026-11-16 09:00:00+01:00' as zoned, 3 as n, 0.5 as part, 1.5::double as share,
    'x' as text, true as is_so, ['a', null] as names, sum(2)::hugeint as many
union all
select null, null, null, null, null, 'nan'::double, null, null, null, null
order by n nulls last
"""


def test_plain_rows_hold_pythons_own_values_and_none_for_what_is_missing(load, store):
    load(LOG)
    at = dt.datetime(2026, 11, 16, 8)
    first, second = store.rows(SQL)
    assert first == (dt.date(2026, 11, 16), at, at, 3, 0.5, 1.5, "x", True, ["a", None], 2)
    assert [type(cell) for cell in first[3:6]] == [int, float, float]
    assert second == (None,) * 10


def test_a_frame_made_of_plain_rows_is_the_one_that_the_store_answers(load, store):
    load(LOG)
    columns = "select day, sent, n, share, text, is_so, names"
    asked = f"{columns} from ({SQL})"
    for each in (asked, f"{asked} where false", f"{asked} where n = 3"):
        made, answered = store.rows(each).frame(), store.run(each)
        assert made.dtypes.to_dict() == answered.dtypes.to_dict()
        assert list(of_frame(made)) == list(of_frame(answered)) == list(store.rows(each))


def test_rows_are_blanked_joined_and_put_in_order():
    rows = Rows(["key", "n"], [("a", 1), ("b", 2)], ["VARCHAR", "BIGINT"])
    assert list(rows.blanked([{"n"}, ()])) == [("a", None), ("b", 2)]
    assert list(rows.joined(Rows(["m", "key"], [(7, "b")]), "key")) == [
        ("a", 1, None),
        ("b", 2, 7),
    ]
    more = rows.with_column("twice", [2, 4])
    assert more.in_order(["twice", "key"]).records()[1] == {"twice": 4, "key": "b"}
    assert rows.frame()["n"].dtype == "int64" and more.frame()["twice"].dtype == object


def test_few_facts_are_staged_as_many_are(load, store, monkeypatch):
    load(LOG)
    at = dt.datetime(2026, 11, 16, 8, 9, 10, 123456)
    message = Submission(2, at, at.date(), at.date(), "a@x.example", recipients=("b;c", "d"))
    far = dt.datetime(9999, 12, 31, 23, 59)
    facts = {
        "staged_submissions": [
            message,
            message._replace(sent_at=None, message_count=2**63 - 1, recipients=()),
            message._replace(period_end=far.date(), message_subject="'; drop -- \u00e9"),
        ],
        "staged_sign_ins": [
            SignIn(2, at, "A", "a", "success", "k"), SignIn(3, far, "A", "a", "failure", "l"),
        ],
    }  # fmt: skip
    staged = {}
    for few in (0, 10):
        monkeypatch.setattr(staged_rows, "FEW", few)
        with store.writing() as writer:
            writer.forget_staged()
            for place, rows in facts.items():
                writer.stage(rows, [], file_id=7, source="server_log", tenant="")
                staged[few, place] = writer.rows(f"from {place} order by all")
    assert staged[0, "staged_submissions"] == staged[10, "staged_submissions"]
    assert staged[0, "staged_sign_ins"] == staged[10, "staged_sign_ins"]
    assert [len(rows) for rows in staged.values()] == [3, 2, 3, 2]
