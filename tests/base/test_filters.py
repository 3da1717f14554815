"""Filters: each entry is read and written alike by JSON, the command line and a notebook."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
import typer
from depth import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import smtpauth_kit as sk
from smtpauth_kit.base.conditions import OPERATORS, Clause
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.names import SOURCES
from smtpauth_kit.cli.options import with_filters
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.views.filter_words import active, chips
from smtpauth_kit.words.words import languages, speak

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
written = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1)
clauses = st.builds(
    Clause, st.sampled_from(["message_count", "sender_domain"]), st.sampled_from(OPERATORS), written
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "day": st.dates(dt.date(1990, 1, 1)),
    "text": texts,
    "address": texts,
    "choice": st.sampled_from(SOURCES),
    "zone": st.sampled_from(["Europe/Amsterdam", "America/New_York"]),
    "number": st.integers(1, 10**9),
    "texts": st.lists(texts, min_size=1).map(tuple),
    "domains": st.lists(texts, min_size=1).map(tuple),
    "tenants": st.lists(texts, min_size=1).map(tuple),
    "clauses": st.lists(clauses, min_size=1).map(tuple),
    "groups": st.lists(st.lists(clauses, min_size=1).map(tuple), min_size=1).map(tuple),
}
anything = st.fixed_dictionaries(
    {}, optional={field.name: VALUES[field.kind.name] for field in FIELDS}
).map(lambda chosen: Filters(**chosen))


def from_options(options: list[tuple[str, str]]) -> Filters:
    app, heard = typer.Typer(), list[Filters]()

    @app.command()
    @with_filters
    def tell(filters: Filters) -> None:
        heard.append(filters)

    done = CliRunner().invoke(app, [f"{option}={text}" for option, text in options])
    assert done.exit_code == 0, done.output
    return heard[0]


@settings(max_examples=tries(40))
@given(anything)
def test_filters_come_back_from_json_the_command_line_and_a_notebook(asked: Filters) -> None:
    parameters = {field.parameter: field.kind.plain(value) for field, value in asked.asked()}
    assert Filters.from_json(asked.to_json()) == asked
    assert from_options(asked.options()) == asked
    assert sk.filters(**parameters) == asked


@pytest.mark.parametrize("language", languages())
@settings(max_examples=tries(40))
@given(asked=anything)
def test_whatever_is_asked_for_has_a_chip_and_what_narrows_is_said(
    language: str, asked: Filters
) -> None:
    words = speak(language)
    about = {field.name: field.about for field, _ in asked.asked() if field.kind.name != "day"}
    shown = dict(chips(asked, words))
    assert set(shown) == {
        name
        for name, what in about.items()
        if what not in ("rows", "findings", "places", "switch_off")
    }
    assert all(shown.values())
    assert len(active(asked, words)) == len(set(shown) - {"source"})


@settings(max_examples=tries(40))
@given(anything)
def test_no_text_of_a_filter_is_in_its_pseudonym(asked: Filters) -> None:
    names = Pseudonyms(b"a key of sixteen or more", domains=True)
    renamed = names.filters(asked)
    for field, value in asked.asked():
        if field.kind.name in ("text", "texts", "address", "domains", "tenants"):
            before = {text for text in field.kind.texts(value) if any(map(str.isalnum, text))}
            assert not before & set(field.kind.texts(getattr(renamed, field.name)))


def test_a_notebook_sees_what_there_is_to_ask_for_and_another_name_is_refused() -> None:
    import inspect

    assert list(inspect.signature(sk.filters).parameters) == [each.parameter for each in FIELDS]
    with pytest.raises(TypeError, match="There is no filter 'domains'"):
        sk.filters(domains=["contoso.com"])
    assert sk.filters(domain="", start=None) == Filters()


def test_an_empty_domain_of_the_command_line_is_not_all_domains() -> None:
    assert from_options([("--domain", "")]) == Filters(domains=("",))


@pytest.mark.parametrize(
    "kept", [None, 5, {"start": 5}, {"start": "soon"}, {"sender": 5}, {"domains": [1]},
             {"min_messages": "x"}, {"min_messages": -1}, {"where": "x"}, {"color": "red"}],
)  # fmt: skip
def test_what_another_hand_kept_as_filters_is_refused_in_words(kept: Any) -> None:
    with pytest.raises(UsageError):
        Filters.from_json(kept)


def test_a_moment_of_pandas_is_its_day():
    assert sk.filters(start=pd.Timestamp("2026-11-16 10:30")).start == dt.date(2026, 11, 16)
