"""Rules of LOADING that can be switched off, so that the tests that hold them can be seen to fail."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from smtpauth_kit.formats import canonical, entra_sign_ins, format, submission_log
from smtpauth_kit.loading import appending, data_rows, deciding, known, mending, staging
from smtpauth_kit.loading.progress import Watch
from smtpauth_kit.reading import (
    archives,
    bounds,
    containers,
    contents,
    json_records,
    json_recovery,
    json_scanner,
    lines,
    parquet,
    quoted_cells,
    streams,
    text_tables,
)
from smtpauth_kit.store import staged_facts, store, writer
from smtpauth_kit.values import addresses, counts, protocols, times

_NUMBERS: Final = itertools.count()
_LAYOUT: Final = format.Layout

Off = Callable[[Any], None]
"""Takes pytest's MonkeyPatch."""


def _set(owner: Any, name: str, value: Any) -> Off:
    return lambda patch: patch.setattr(owner, name, value)


@contextmanager
def _keep_what_failed(writer: Any, path: str) -> Any:
    writer.con.execute("begin")
    try:
        yield
    finally:
        writer.con.execute("commit")
        writer.changed = True


def _drop_rejects(patch: Any) -> None:
    stage = writer.Writer.stage
    patch.setattr(
        writer.Writer,
        "stage",
        lambda self, facts, _, *more, **same: stage(self, facts, [], *more, **same),
    )


def _no_lock_for_loads(patch: Any) -> None:
    patch.setattr(store.Store, "_lock", lambda *_: nullcontext())


def _guess_a_period(options: Any) -> None:
    day = dt.date(2026, 11, 16)
    object.__setattr__(options, "period", options.period or (day, day))


def _any_member(archive: Any, info: Any) -> Any:
    return replace(archive, open=lambda: archives._zip_stream(archive, info, info.filename))


def _no_bounds(patch: Any) -> None:
    for name in ("MAX_COLUMNS", "MAX_LINE", "MAX_JSON_DEPTH", "MAX_RATIO", "MAX_MEMBERS"):
        modules = (
            archives,
            text_tables,
            lines,
            quoted_cells,
            json_records,
            json_recovery,
            json_scanner,
        )
        for module in (bounds, *modules):
            if hasattr(module, name):
                patch.setattr(module, name, 10**12)


def _no_key(patch: Any) -> None:
    numbers = itertools.count()
    patch.setattr(submission_log, "bare_id", lambda text: f"{text}{next(numbers)}")


class Switch(NamedTuple):
    """How a rule is switched off, the test that must then fail, and what it then says."""

    off: Off
    test: str
    fails: str
    """Stands in what each failure says: it fails for what the rule is about."""


# By point of LOADING and rule.
RULES: Final[dict[str, Switch]] = {
    "1 a refused file leaves nothing": Switch(
        _set(writer.Writer, "transaction", _keep_what_failed),
        "loading/test_loading.py::test_counts_beyond_64_bits_in_sum_refuse_the_file_in_plain_words",
        # The sum of the two counts of the refused file: they are in the store.
        "value 18446744073709551614 can't be cast",
    ),
    "1 one load at a time": Switch(
        _no_lock_for_loads,
        "store/test_store.py::test_a_second_load_begins_when_the_first_has_ended",
        "== ['the first e",
    ),
    "2 rejected rows are kept": Switch(
        _drop_rejects,
        "loading/test_loading.py::test_every_bad_row_is_kept_with_its_line_and_reason_and_changes_no_neighbour",
        "assert ('loaded', 5, 2, 0, 0, 0, ...) == ('loaded', 5, 2, 0, 3, 0, ...)",
    ),
    "2 totals are no rows": Switch(
        lambda patch: patch.setattr(data_rows, "_looks_like_prose", lambda record: False),
        "loading/test_loading.py::test_preamble_totals_and_footnotes_are_no_data",
        "assert ('loaded', 3, 2, 0, 1, 0, ...) == ('loaded', 2, 2, 0, 0, 0, ...)",
    ),
    "3 encodings are found": Switch(
        _set(contents, "encoding_of_start", lambda path, head: "utf-8"),
        "reading/test_reading.py::test_encodings_and_line_ends_are_found_from_the_content",
        "== [(1, ['a', 'é",
    ),
    "3 a path is no pattern": Switch(
        _set(
            containers,
            "_files_of",
            lambda path: [(file, None) for file in sorted(path.parent.glob(path.name))],
        ),
        "reading/test_reading.py::test_a_path_that_exists_is_never_a_pattern",
        "report1.csv'] == ['",
    ),
    "4 names in other languages": Switch(
        _set(format, "in_all_languages", lambda label: (label,)),
        "formats/test_formats.py::test_a_report_in_any_of_its_languages",
        "is not an export the kit recognises",
    ),
    "4 a doubled column refuses": Switch(
        _set(format, "Layout", lambda **parts: _LAYOUT(**{**parts, "doubled": ()})),
        "loading/test_loading.py::test_a_doubled_required_column_refuses_the_file",
        "assert 'loaded' == 'refused'",
    ),
    "5 a report needs its period": Switch(
        _set(staging, "_check_period", lambda export, fmt, options: _guess_a_period(options)),
        "loading/test_loading.py::test_a_report_without_a_period_is_refused_with_the_words_that_settle_it",
        "assert 'loaded' == 'refused'",
    ),
    "5 rows that share an id are one message": Switch(
        _no_key,
        "loading/test_loading.py::test_rows_that_share_message_id_and_sender_are_one_message",
        "assert ('loaded', 4, 4, 0, 0, 0, ...) == ('loaded', 4, 2, 1, 0, 1, ...)",
    ),
    "6 marks follow the file": Switch(
        _set(counts, "decide_decimal_mark", lambda cells, mark: "."),
        "loading/test_loading.py::test_the_report_is_read_in_every_spelling",
        "assert {} == {'1.2': 5280}",
    ),
    "6 what is no count is rejected": Switch(
        _set(counts, "_marked_count", lambda bare, text, decisions: 1),
        "values/test_values.py::test_what_is_no_whole_number_of_messages_is_unfit",
        "DID NOT RAISE",
    ),
    "7 day or month first is never guessed": Switch(
        _set(deciding, "_order", lambda export, votes, samples: "dmy"),
        "loading/test_loading.py::test_dates_that_nothing_decides_refuse_the_file_with_the_option_that_does",
        "assert 'loaded' == 'refused'",
    ),
    "7 a zone in the header applies": Switch(
        _set(times, "zone_in_brackets", lambda text: dt.UTC),
        "loading/test_loading.py::test_the_zone_of_the_header_makes_utc_days",
        "assert (datetime.dat...2026, 11, 16)) == (datetime.dat...2026, 11, 17))",
    ),
    "7 days ahead of the clock are said": Switch(
        _set(staged_facts, "days_ahead_from", lambda: dt.date(2099, 1, 1)),
        "loading/test_loading.py::test_rows_ahead_of_the_clock_are_loaded_said_and_do_not_move_the_last_7_days",
        "assert '1 row is dated more than two days ahead' in ''",
    ),
    "8 both forms of a domain are one": Switch(
        _set(addresses, "domain_key", lambda domain: domain),
        "values/test_values.py::test_both_forms_of_an_international_domain_are_one_and_look_alikes_are_not",
        "assert 'bücher.example' == 'XN--BCHER-KVA.example'",
    ),
    "9 TLS is never guessed": Switch(
        _set(protocols, "tls_version", lambda text: "1.2"),
        "loading/test_loading.py::test_a_submission_log_is_one_message_a_row",
        "assert {'1.2': 3} == {'1.0': 2, '1.2': 1}",
    ),
    "9 percentages add up": Switch(
        _set(counts, "split_by_share", lambda total, percents: [total, *([0] * len(percents))]),
        "loading/test_loading.py::test_percentages_become_counts_by_largest_remainder_marked_derived",
        "assert {'none': 6458} == {'1.0': 938, ",
    ),
    "10 overlapping exports count once": Switch(
        _no_key,
        "loading/test_loading.py::test_overlapping_exports_count_once_in_either_order",
        "assert 4 == 3",
    ),
    "10 the same content loads nothing": Switch(
        _set(known, "load_key", lambda *_: str(next(_NUMBERS))),
        "loading/test_loading.py::test_the_same_content_in_another_compression_is_already_loaded",
        "assert ('loaded', 3, 0, 3, 0, 0, ...) == ('already_loa",
    ),
    "10 sign-ins count once": Switch(
        _set(entra_sign_ins, "row_key", lambda *_: f"{next(_NUMBERS)}"),
        "loading/test_loading.py::test_the_same_sign_in_from_graph_is_a_duplicate",
        "assert ('loaded', 1, 1, 0, 0, 0, ...) == ('loaded', 1, 0, 1, 0, 0, ...)",
    ),
    "11 bounds": Switch(
        _no_bounds,
        "loading/test_loading.py::test_a_file_beyond_a_bound_is_refused_with_the_bound",
        "AssertionError: no word of the bound in",
    ),
    "11 long texts are not looked at closely": Switch(
        lambda patch: [
            patch.setattr(times, "MAX_TIME", 10**9),
            patch.setattr(addresses, "MAX_ADDRESS", 10**9),
        ],
        "values/test_values.py::test_texts_of_a_million_signs_are_unfit_in_no_time",
        "DID NOT RAISE",
    ),
    "11 what is packed may not fill the disk": Switch(
        _set(streams, "too_much", lambda path, unpacked, packed: None),
        "reading/test_reading.py::test_a_bomb_is_refused_before_it_fills_memory_or_disk",
        "DID NOT RAISE",
    ),
    "11 Parquet is looked at first": Switch(
        _set(parquet, "_check", lambda file, shown: None),
        "loading/test_parquet.py::test_what_frames_a_parquet_file_is_looked_at_before_it_is_read",
        "assert 'damaged or incomplete' in ",
    ),
    "11 links stay inside": Switch(
        _set(
            containers, "_files_of", lambda path: [(f, None) for f in sorted(path.rglob("*.csv"))]
        ),
        "loading/test_attacks.py::test_a_link_that_leads_out_of_its_folder_is_not_followed",
        "== {'a.csv', 'b.csv', 'c.csv'}",
    ),
    "1 what was looked at is what is read": Switch(
        _set(appending, "check_unchanged", lambda export: None),
        "loading/test_attacks.py::test_a_file_that_changes_while_it_is_loaded_is_refused[False-grows]",
        "assert ['loaded', 'loaded'] == ['refused', 'loaded']",
    ),
    "2 rejected rows come back under their header": Switch(
        _set(mending, "header_text", lambda layout: ""),
        "loading/test_mending.py::test_rejected_rows_come_back_as_they_came_and_load_when_they_are_mended",
        "assert [('', 'refuse",
    ),
    "2 a file that looks cut is said": Switch(
        _set(appending, "CUT_ROWS", frozenset()),
        "loading/test_loading.py::test_exactly_the_rows_of_a_portals_limit_are_said",
        "assert (0 == 1",
    ),
    "3 line ends of any kind": Switch(
        _set(lines, "lines_of", lambda text: io.StringIO(text, newline="\n")),
        "loading/test_pollution.py::test_line_ends_may_be_mixed",
        "('mixed', ",
    ),
    "4 unknown columns are named": Switch(
        _set(staging, "_warn", lambda layout, context, counts: None),
        "loading/test_loading.py::test_unknown_columns_are_named",
        "assert () == ('columns the",
    ),
    "8 senders need an @": Switch(
        _set(addresses, "sender_address", addresses.account),
        "values/test_values.py::test_what_is_no_sender_address_is_unfit",
        "DID NOT RAISE",
    ),
    "10 two sources are never one file": Switch(
        _set(canonical, "check_origin", lambda context, source, tenant: None),
        "loading/test_parquet.py::test_a_file_of_two_sources_or_of_another_tenant_is_refused",
        "assert ('loaded' == 'refused'",
    ),
    "11 archives stay inside": Switch(
        _set(archives, "_zip_member", _any_member),
        "reading/test_reading.py::test_a_zip_member_that_leaves_its_archive_is_refused",
        "DID NOT RAISE",
    ),
    "12 cancel is heard": Switch(
        _set(Watch, "check", lambda self: None),
        "loading/test_loading.py::test_a_cancelled_load_keeps_the_files_that_were_done",
        "DID NOT RAISE KitError",
    ),
}


def failures(rule: str, said: Path) -> None:
    """Switch a rule off, run its test, and write down what each failure says; ends the process."""
    reasons: list[str] = []

    class Listen:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                reasons.append(report.longrepr.reprcrash.message)  # type: ignore[union-attr]

    with pytest.MonkeyPatch.context() as patch:
        RULES[rule].off(patch)
        test = str(Path(__file__).parent / RULES[rule].test)
        status = pytest.main(["-q", "-p", "no:cacheprovider", test], plugins=[Listen()])
    said.write_text(json.dumps(reasons), "utf-8")
    sys.exit(status)
