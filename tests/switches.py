"""Rules of LOADING that can be switched off, so that the tests that hold them can be seen to fail.

A plugin of pytest: `SWITCH_OFF=RULE pytest -p switches …` runs tests with one rule off.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, Final

from smtpauth_kit import loading, mending, parquet, reading, schema, staging, store, values, writer
from smtpauth_kit.formats import canonical, format, sign_in, submission_log

_NUMBERS: Final = itertools.count()

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
        writer.Writer, "stage", lambda self, facts, _, **same: stage(self, facts, [], **same)
    )


def _no_key(patch: Any) -> None:
    numbers = itertools.count()
    patch.setattr(submission_log, "bare_id", lambda text: f"{text}{next(numbers)}")


# Point of LOADING and rule: what switches it off, and the tests that must then fail.
RULES: Final[dict[str, tuple[Off, str]]] = {
    "1 a refused file leaves nothing": (
        _set(writer.Writer, "transaction", _keep_what_failed),
        "test_loading.py::test_counts_beyond_64_bits_in_sum_refuse_the_file_in_plain_words",
    ),
    "1 one load at a time": (
        _set(store.Store, "_lock", lambda self, check: _nothing()),
        "test_crashes.py::test_two_loaders_and_a_reader_at_once",
    ),
    "2 rejected rows are kept": (
        _drop_rejects,
        "test_loading.py::test_every_bad_row_is_kept_with_its_line_and_reason_and_changes_no_neighbour",
    ),
    "2 totals are no rows": (
        lambda patch: patch.setattr(staging, "_looks_like_prose", lambda record: False),
        "test_loading.py::test_preamble_totals_and_footnotes_are_no_data",
    ),
    "3 encodings are found": (
        _set(reading, "_encoding_of_start", lambda path, head: "utf-8"),
        "test_reading.py::test_encodings_and_line_ends_are_found_from_the_content",
    ),
    "3 a path is no pattern": (
        _set(
            reading,
            "_files_of",
            lambda path: [(file, None) for file in sorted(path.parent.glob(path.name))],
        ),
        "test_reading.py::test_a_path_that_exists_is_never_a_pattern",
    ),
    "4 names in other languages": (
        _set(format, "in_all_languages", lambda label: (label,)),
        "test_formats.py::test_a_report_in_any_of_its_languages",
    ),
    "4 a doubled column refuses": (
        _set(staging, "_names", lambda labels: ""),
        "test_loading.py::test_a_doubled_required_column_refuses_the_file",
    ),
    "5 a report needs its period": (
        _set(staging, "_check_period", lambda export, fmt, options: None),
        "test_loading.py::test_a_report_without_a_period_is_refused_with_the_words_that_settle_it",
    ),
    "5 rows that share an id are one message": (
        _no_key,
        "test_loading.py::test_rows_that_share_message_id_and_sender_are_one_message",
    ),
    "6 marks follow the file": (
        _set(values, "decide_decimal_mark", lambda cells, mark: "."),
        "test_loading.py::test_the_report_is_read_in_every_spelling",
    ),
    "6 what is no count is rejected": (
        _set(values, "_marked_count", lambda bare, text, decisions: 1),
        "test_values.py::test_what_is_no_whole_number_of_messages_is_unfit",
    ),
    "7 day or month first is never guessed": (
        _set(staging, "_order", lambda export, votes: "dmy"),
        "test_loading.py::test_dates_that_nothing_decides_refuse_the_file_with_the_option_that_does",
    ),
    "7 a zone in the header applies": (
        _set(values, "zone_in_brackets", lambda text: None),
        "test_loading.py::test_the_zone_of_the_header_makes_utc_days",
    ),
    "7 days ahead of the clock are said": (
        _set(writer, "days_ahead_from", lambda: schema.dt.date(2099, 1, 1)),
        "test_loading.py::test_rows_ahead_of_the_clock_are_loaded_said_and_do_not_move_the_last_7_days",
    ),
    "8 both forms of a domain are one": (
        _set(values, "domain_key", lambda domain: domain),
        "test_values.py::test_both_forms_of_an_international_domain_are_one_and_look_alikes_are_not",
    ),
    "9 TLS is never guessed": (
        _set(values, "tls_version", lambda text: "1.2"),
        "test_loading.py::test_a_submission_log_is_one_message_a_row",
    ),
    "9 percentages add up": (
        _set(values, "split_by_share", lambda total, percents: [total, *([0] * len(percents))]),
        "test_loading.py::test_percentages_become_counts_by_largest_remainder_marked_derived",
    ),
    "10 overlapping exports count once": (
        _no_key,
        "test_loading.py::test_overlapping_exports_count_once_in_either_order",
    ),
    "10 the same content loads nothing": (
        _set(loading, "_load_key", lambda *_: str(next(_NUMBERS))),
        "test_loading.py::test_the_same_content_in_another_compression_is_already_loaded",
    ),
    "10 sign-ins count once": (
        lambda patch: patch.setattr(
            sign_in,
            "SignIn",
            lambda **columns: schema.SignIn(**{**columns, "row_key": f"{next(_NUMBERS)}"}),
        ),
        "test_loading.py::test_the_same_sign_in_from_graph_is_a_duplicate",
    ),
    "11 bounds": (
        lambda patch: [
            patch.setattr(reading, name, 10**12)
            for name in ("MAX_COLUMNS", "MAX_LINE", "MAX_JSON_DEPTH", "MAX_RATIO", "MAX_MEMBERS")
        ],
        "test_loading.py::test_a_file_beyond_a_bound_is_refused_with_the_bound",
    ),
    "11 long texts are not looked at closely": (
        lambda patch: [patch.setattr(values, name, 10**9) for name in ("MAX_TIME", "MAX_ADDRESS")],
        "test_values.py::test_texts_of_a_million_signs_are_unfit_in_no_time",
    ),
    "11 what is packed may not fill the disk": (
        _set(reading, "_too_much", lambda unpacked, packed: ""),
        "test_reading.py::test_a_bomb_is_refused_before_it_fills_memory_or_disk",
    ),
    "11 Parquet is looked at first": (
        _set(parquet, "_check", lambda file, shown: None),
        "test_parquet.py::test_what_frames_a_parquet_file_is_looked_at_before_it_is_read",
    ),
    "11 links stay inside": (
        _set(reading, "_files_of", lambda path: [(f, None) for f in sorted(path.rglob("*.csv"))]),
        "test_attacks.py::test_a_link_that_leads_out_of_its_folder_is_not_followed",
    ),
    "1 what was looked at is what is read": (
        _set(reading, "check_unchanged", lambda export: None),
        "test_attacks.py::test_a_file_that_changes_while_it_is_loaded_is_refused[False-grows]",
    ),
    "2 rejected rows come back under their header": (
        _set(mending, "header_text", lambda layout: ""),
        "test_mending.py::test_rejected_rows_come_back_as_they_came_and_load_when_they_are_mended",
    ),
    "2 a file that looks cut is said": (
        _set(loading, "CUT_ROWS", frozenset()),
        "test_loading.py::test_exactly_the_rows_of_a_portals_limit_are_said",
    ),
    "3 line ends of any kind": (
        _set(reading, "UNIVERSAL", "\n"),
        "test_pollution.py::test_line_ends_may_be_mixed",
    ),
    "4 unknown columns are named": (
        _set(staging, "_warn", lambda layout, context, counts: None),
        "test_loading.py::test_unknown_columns_are_named",
    ),
    "8 senders need an @": (
        _set(values, "sender_address", values.account),
        "test_values.py::test_what_is_no_sender_address_is_unfit",
    ),
    "10 two sources are never one file": (
        _set(canonical, "check_origin", lambda context, source, tenant: None),
        "test_parquet.py::test_a_file_of_two_sources_or_of_another_tenant_is_refused",
    ),
    "11 archives stay inside": (
        _set(
            reading,
            "_zip_member",
            lambda archive, info: archive,
        ),
        "test_reading.py::test_a_zip_member_that_leaves_its_archive_is_refused",
    ),
    "12 cancel is heard": (
        _set(loading._Watch, "check", lambda self: None),
        "test_loading.py::test_a_cancelled_load_keeps_the_files_that_were_done",
    ),
}


@contextmanager
def _nothing() -> Any:
    yield


def pytest_configure() -> None:
    """Switch a rule off for the whole run."""
    import pytest

    RULES[os.environ["SWITCH_OFF"]][0](pytest.MonkeyPatch())
