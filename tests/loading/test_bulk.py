"""The quick way for big logs gives what the usual way gives, row for row, whatever is in them."""

from __future__ import annotations

import random
from contextlib import nullcontext

import pytest
from conftest import LOG_HEADER
from depth import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_unload import EVERYTHING, contents

from smtpauth_kit.base.errors import Cancelled
from smtpauth_kit.loading import bulk, loading, staging
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.store import open_store
from smtpauth_kit.store.writer import Writer

PLAIN = (
    "2026-11-16T08:15:30.123Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16 08:15:30,app@fabrikam.com,a@fabrikam.com;b@fabrikam.com,<{n}@app>,TLSv1.3,192.0.2.30,OAuth",
    "2026-11-17T23:59:59.1234567Z,Scanner@Contoso.com,,{n}@scan,No TLS,2001:DB8::1,",
)
ODD = (
    "2026-11-16T24:00:00Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30+01:00,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-02-30T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "1999-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2060-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,no address,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,bücher@bücher.example,bob@fabrikam.com,<{n}@scan>,TLS1.2,::ffff:1.2.3.4,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com, bob@fabrikam.com ;; é@x.example,<{n}@scan>,SSL,,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<<{n}>>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com, <{n}@scan> ,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,Scanner@contoso.com,eve@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,ünï@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,app@contoso.com,bob@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,SCANNER@contoso.com,bob@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic,,",
    "2026-11-17T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<7@same>,TLS1.2,192.0.2.25,Basic",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic auth",
    "2026-11-16T08:15:30Z,scanner@contoso.com,eve@fabrikam.com,<{n}@scan>,No TLS,192.0.2.25,Basic ",
    "too,few",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic,,",
    "2026-11-16T08:15:30Z,scanner@contoso.com,bob@fabrikam.com,<{n}@scan>,TLS1.2,192.0.2.25,Basic,more",
    ",,,,,,",
    "These rows are confidential",
    LOG_HEADER.strip(),
)


@pytest.fixture(autouse=True)
def quick_for_small_logs(monkeypatch):
    monkeypatch.setattr(bulk, "MIN_BYTES", 1)
    monkeypatch.setattr(bulk, "MAX_LEFT", 1.0)


def facts(store):
    """Return all there is in a store but the list of addresses, which may hold unused ones."""
    return [
        rows
        for query, rows in zip(EVERYTHING, contents(store), strict=True)
        if " addresses" not in query
    ]


def both_ways(folder, texts, monkeypatch, end="\n"):
    """Load logs one after the other in both ways; return both stores' contents and results."""
    paths = []
    for n, lines in enumerate(texts):
        path = folder / f"{n}.csv"
        text = LOG_HEADER.strip() + "".join(end + line for line in lines)
        path.write_bytes((text + end * (n % 2 == 0)).encode())
        paths.append(path)
    stores = []
    for way in ("quick", "usual"):
        with monkeypatch.context() as patch:
            # An error of DuckDB would send the file the usual way, and prove nothing.
            patch.setattr(bulk, "errors_as_not_plain", nullcontext)
            if way == "usual":
                patch.setattr(bulk, "suits", lambda *_: False)
            store = open_store(folder / f"{way}.duckdb")
            result = loading.load(store, *paths)
            stores.append((facts(store), result))
    return stores


wild_text = st.text("aé@.;<> \t\u00a0\u2028\x7f\x1f=1İ", max_size=6)
wild_line = st.builds(
    lambda *cells: ",".join(cells),
    st.sampled_from(("2026-11-16T08:15:30Z", "2026-11-16 08:15:30.5")) | wild_text,
    st.sampled_from(("a@x.example", "A@x.example", "a@X.example ", "é@x.example")) | wild_text,
    st.sampled_from(("b@x.example", "b@x.example;c@x.example")) | wild_text,
    st.sampled_from(("<1@x>", "1@x", "<2@x>", " 2@x", "<{n}@x>")) | wild_text,
    st.sampled_from(("TLS1.2", "1.0")) | wild_text,
    st.sampled_from(("192.0.2.1", "[2001:db8::1]:25")) | wild_text,
    st.sampled_from(("Basic", "OAuth 2.0")) | wild_text,
)
lines_of_a_log = st.lists(st.sampled_from(PLAIN * 4 + ODD), min_size=3, max_size=30)


@settings(max_examples=tries(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(logs=st.lists(lines_of_a_log, min_size=1, max_size=2), end=st.sampled_from(["\n", "\r\n"]))
def test_both_ways_give_the_same_store_and_the_same_words(tmp_path_factory, monkeypatch, logs, end):
    check_both_ways(tmp_path_factory, monkeypatch, logs, end)


@settings(max_examples=tries(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    logs=st.lists(st.lists(wild_line, min_size=3, max_size=12), min_size=1, max_size=3),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_both_ways_agree_on_logs_of_wild_cells(tmp_path_factory, monkeypatch, logs, end):
    check_both_ways(tmp_path_factory, monkeypatch, logs, end)


def check_both_ways(tmp_path_factory, monkeypatch, logs, end):
    # Numbers repeat between the logs and not within one, so some messages stand in both.
    texts = [[line.replace("{n}", str(n)) for n, line in enumerate(log)] for log in logs]
    folder = tmp_path_factory.mktemp("both")
    (quick, one), (usual, other) = both_ways(folder, texts, monkeypatch, end)
    assert quick == usual
    assert [(f.warnings, f.error, f.period) for f in one.files] == [
        (f.warnings, f.error, f.period) for f in other.files
    ]


def test_a_plain_log_goes_the_quick_way_and_its_few_odd_rows_the_usual(tmp_path, monkeypatch):
    log = [PLAIN[n % 3].replace("{n}", str(n)) for n in range(500)]
    log[100], log[200], log[499] = ODD[6], "too,few", "These rows are confidential"
    staged = []
    stage = staging.stage
    monkeypatch.setattr(
        staging,
        "stage",
        lambda e, content, *a: staged.append(content.only) or stage(e, content, *a),
    )
    ((quick, result), (usual, _)) = both_ways(tmp_path, [log], monkeypatch)
    assert quick == usual
    assert staged == [[(102, ODD[6]), (202, "too,few"), (501, log[499])], None]
    (file,) = result.files
    assert (file.rows_read, file.rows_loaded, file.rows_rejected) == (499, 497, 2)
    assert file.warnings == (
        "left out 1 line of text under the table (line 501): These rows are confidential",
    )


def test_a_log_of_which_half_was_loaded_before_adds_the_other_half(tmp_path, monkeypatch):
    rows = [PLAIN[0].replace("{n}", str(n)) for n in range(300)]
    ((quick, result), (usual, _)) = both_ways(tmp_path, [rows[:200], rows[100:]], monkeypatch)
    assert quick == usual
    assert [(f.rows_loaded, f.rows_duplicate) for f in result.files] == [(200, 0), (100, 100)]


def test_rows_that_another_log_has_go_the_quick_way_unless_they_say_more(tmp_path, monkeypatch):
    first = [PLAIN[0].replace("{n}", str(n)) for n in range(100)]
    # The same again; to one more; the same sender in another form; the same id on the next day and
    # of another sender (a message of its own); a new one; one that the file itself repeats.
    second = list(first)
    second[10] = first[10].replace("bob@", "eve@")
    second[20] = first[20].replace("scanner@", "SCANNER@")
    second[30] = first[30].replace("2026-11-16", "2026-11-17")
    second[40] = first[40].replace("scanner@", "app@")
    second[50] = PLAIN[0].replace("{n}", "new")
    second.append(first[60])
    usually = []
    append = sql_text("arrive")
    execute = Writer.execute

    def watched(writer, sql, *more, **others):
        if sql == append:
            usually.append(writer.con.execute("from staged_submissions").df()["line"].tolist())
        return execute(writer, sql, *more, **others)

    monkeypatch.setattr(Writer, "execute", watched)
    ((quick, result), (usual, _)) = both_ways(tmp_path, [first, second], monkeypatch)
    assert quick == usual
    # Line 1 is the header; the usual way stages every line.
    assert [sorted(lines) for lines in usually[:1]] == [[12, 22, 62, 102]]
    assert [(f.rows_loaded, f.rows_duplicate, f.rows_other) for f in result.files] == [
        (100, 0, 0),
        (3, 97, 1),
    ]


def test_two_messages_with_the_same_64_bits_are_told_apart(tmp_path, monkeypatch):
    first = [PLAIN[0].replace("{n}", str(n)) for n in range(50)]
    second = [PLAIN[0].replace("{n}", str(n)) for n in range(40, 90)]
    text = bulk.sql_text
    colliding = lambda name: text(name).replace("hash(message_id,", "hash(left(message_id, 1),")  # noqa: E731
    monkeypatch.setattr(bulk, "sql_text", colliding)
    ((quick, result), (usual, _)) = both_ways(tmp_path, [first, second], monkeypatch)
    assert quick == usual
    assert [(f.rows_loaded, f.rows_duplicate) for f in result.files] == [(50, 0), (40, 10)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("Basic", '"Basic"', 1),
        lambda text: text.replace("Basic\n", "Basic\n\n", 1),
        lambda text: text.replace("Basic\n", "Basic\r\n", 1),
        lambda text: text.replace("Basic\n", "Basic\n   \n", 1),
        lambda text: text.replace("Basic", "Basic\0", 1),
        lambda text: text.replace("Basic", "Ba\x01sic", 1),
        lambda text: text.replace("bob", "x" * 3_000_000, 1),
        lambda text: text + "\n\n",
        lambda text: "Exported by scanner\n\n" + text,
        lambda text: text.replace(",", ";"),
    ],
)
def test_what_is_not_plain_is_loaded_all_the_same(tmp_path, monkeypatch, spoil):
    rows = [PLAIN[0].replace("{n}", str(n)) for n in range(300)]
    text = spoil(LOG_HEADER + "\n".join(rows))
    stored = []
    for name in ("quick", "usual"):
        path = tmp_path / "log.csv"
        path.write_bytes(text.encode())
        store = open_store(tmp_path / f"{name}.duckdb")
        with monkeypatch.context() as patch:
            if name == "usual":
                patch.setattr(bulk, "suits", lambda *_: False)
            result = loading.load(store, path)
        stored.append((facts(store), result.to_dict()))
    assert stored[0] == stored[1]
    assert stored[0][1]["rows_loaded"] >= 298


def test_a_log_is_opened_by_its_name_and_nothing_else_can_be(tmp_path):
    rows = "\n".join(PLAIN[0].replace("{n}", str(n)) for n in range(50))
    paths = [tmp_path / name for name in ("it's.csv", "log[1].csv", "l*g.csv", "log1.csv")]
    for path in paths:
        path.write_text(LOG_HEADER + rows)
    store = open_store(tmp_path / "s.duckdb")
    assert loading.load(store, *paths[:3], tenant="it's").rows("loaded") == 50
    with (
        store.writing(may_read=[str(paths[0])]) as writer,
        pytest.raises(Exception, match="ermission"),
    ):
        writer.con.execute(f"from read_csv('{paths[3]}')").fetchall()


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.85])
def test_the_quick_way_can_be_cancelled_at_any_step_and_leaves_nothing(tmp_path, share):
    path = tmp_path / "log.csv"
    path.write_text(
        LOG_HEADER + "\n".join(PLAIN[n % 3].replace("{n}", str(n % 90_000)) for n in range(100_000))
    )
    store = open_store(tmp_path / "s.duckdb")
    seen = [0.0]
    with pytest.raises(Cancelled):
        loading.load(
            store,
            path,
            progress=lambda at: seen.append(at.share),
            cancelled=lambda: max(seen) > share,
        )
    assert seen == sorted(seen)
    assert not store.path.exists()
    assert not list(tmp_path.glob("*.loading*"))
    assert loading.load(store, path).rows("loaded") > 80_000


def test_texts_that_repeat_in_no_order_keep_their_rows(tmp_path, monkeypatch):
    order = random.Random(5)
    rows = [
        f"2026-11-{order.randint(10, 20)}T08:15:{n % 60:02}Z,s{order.randint(1, 99)}@contoso.com,"
        f"r{n}@fabrikam.com,<{order.randint(1, 1500)}@x>,TLS1.{order.randint(0, 3)},192.0.2.{n % 99},"
        for n in range(2000)
    ]
    ((quick, _), (usual, _)) = both_ways(tmp_path, [rows], monkeypatch)
    assert quick == usual


def test_text_between_rows_is_rejected_and_text_under_them_is_a_footnote(tmp_path, monkeypatch):
    lines = [PLAIN[0].replace("{n}", str(n)) for n in range(4)]
    lines[1:1] = ["These rows are confidential"]
    (quick, one), (usual, other) = both_ways(
        tmp_path, [[*lines, "These rows are confidential", "Made by hand on Monday"]], monkeypatch
    )
    assert quick == usual
    assert one.rows("rejected") == other.rows("rejected") == 1
