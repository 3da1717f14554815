from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from smtpauth_kit import loading, schema, words
from smtpauth_kit.errors import KitError
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.inert import INVISIBLE
from smtpauth_kit.views import VIEWS
from smtpauth_kit.words import languages, speak

PACKAGE = Path(words.__file__).parent


def python_keys(source: str) -> set[str]:
    """Return every text a module asks of `words(…)` or `self.words(…)`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        text = node.args[0]
        if name in ("words", "_words") and isinstance(text, ast.Constant):
            found.add(str(text.value))
    return found


def keys_in_use() -> set[str]:
    python = [python_keys(file.read_text("utf-8")) for file in PACKAGE.rglob("*.py")]
    pages = [*PACKAGE.rglob("*.js"), *PACKAGE.rglob("templates/*.html")]
    call = re.compile(r'\b(?:words|say)\(\s*(?:[^"()]* \? "([^"]+)" : )?"([^"]+)"')
    other = [
        set(filter(None, found)) for f in pages for found in call.findall(f.read_text("utf-8"))
    ]
    sources = {source.replace("_", " ") for source in schema.SOURCES}
    endings = {
        ending.replace("_", " ").capitalize()
        for ending in (loading.LOADED, loading.ALREADY, loading.REFUSED)
    }
    entries = {
        key
        for field in schema.FIELDS
        for key in (field.said, field.chip, field.unit, field.label, field.unchosen)
        if key
    }
    titles = {view.title for view in VIEWS}
    return set().union(*python, *other, sources, endings, entries, titles)


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def names_in(entry: str | dict[str, str]) -> set[str]:
    return {name for form in forms(entry) for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("language", languages())
def test_every_text_the_kit_uses_has_words_in_every_language(language: str) -> None:
    assert keys_in_use() - set(speak(language).texts) == set()


def test_every_language_has_the_same_texts() -> None:
    assert len({frozenset(speak(language).texts) for language in languages()}) == 1


@pytest.mark.parametrize("language", languages())
def test_no_language_keeps_words_nobody_uses(language: str) -> None:
    constants = {
        str(node.value)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert set(speak(language).texts) - keys_in_use() - constants == set()


@pytest.mark.parametrize("language", languages())
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    different = {
        key: entry
        for key, entry in speak(language).texts.items()
        if names_in(entry) != {name for name in re.findall(r"\{(\w+)\}", key)}
    }
    assert different == {}


# --- what is said in English, and worded anew where a person reads it ------------------------

SAID_IN = (
    "reading", "workbook", "staging", "loading", "bulk", "mending", "uploads", "mappings", "values",
    "store", "conditions", "sender_conditions", "schema", "filter_fields", "words",
    "settings", "settings_file", "mail", "delivery", "servers", "schedule", "tokens",
    "mail_settings", "safekeeping", "pdf", "parquet", "reports", "report_forms", "output_forms",
    "pseudonyms", "notebook_export", "workplace", "writer", "database", "replacing", "working_copy",
    "renderer",
    *(f"screens/{file.stem}" for file in (PACKAGE / "screens").glob("*.py")),
    *(f"formats/{file.stem}" for file in (PACKAGE / "formats").glob("*.py")),
    *(f"answers/{file.stem}" for file in (PACKAGE / "answers").glob("*.py")),
)  # fmt: skip
"""Modules whose refusals, warnings and reasons a person meets on a screen."""
RAISED = {
    "KitError", "FileRefused", "PeriodNeeded", "DateOrderNeeded", "ColumnsNeeded", "StoreError",
    "UsageError", "OtherVersion", "Unfit", "NoKeyring", "NotDelivered", "CannotDraw",
}  # fmt: skip

PARTS = ("why", "advice")
"""Names in the code of what a sentence ends with."""
SENTENCE = re.compile(r"(?!\{\} file\(s\))\S+ .*\.")
"""What a function returns to be raised; how a load ended is printed by the command line alone."""


def form(node: ast.AST | None) -> str:
    """Return a text with {} for each value in it; empty for what is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def texts_in(node: ast.AST) -> set[str]:
    """Return every text in a piece of code, each as :func:`form` has it."""
    if text := form(node):
        return {text}
    return set().union(*(texts_in(child) for child in ast.iter_child_nodes(node)))


def said_by_call(node: ast.Call) -> set[str]:
    name, texts = called(node), [form(each) for each in node.args]
    owner = getattr(node.func, "value", None)
    is_warning = name == "append" and getattr(owner, "attr", "") == "warnings"
    found = {form(word.value) for word in node.keywords if word.arg in ("problem", "title")}
    if texts and (name in RAISED or is_warning or name == "step"):
        found.add(texts[0])
    if name == "refused" and texts[1:2] > [""]:
        found.add("{} " + texts[1])
    if name == "ask":
        found |= set(texts)
    if name == "_expect":
        found.add("{} " + texts[-1] + ": {}.")
    return found


def said_by_dict(node: ast.Dict) -> set[str]:
    """Return the texts by number, as for a code of OpenSSL or HTTP, and what stands for Entra's."""
    keys = [getattr(key, "value", None) for key in node.keys]
    by_number = keys and all(isinstance(key, int) for key in keys)
    return texts_in(node) if by_number or keys == ["error_description"] else set()


def forms_said(source: str) -> set[str]:
    """Return every text that a module refuses, warns or rejects with."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found |= said_by_call(node)
        elif isinstance(node, ast.Dict):
            found |= said_by_dict(node)
        elif isinstance(node, ast.Yield):
            found.add(form(node.value))
        elif isinstance(node, ast.Subscript) and "tally" in ast.dump(node.value):
            found.add(form(node.slice))
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in PARTS:
            found |= {text for text in texts_in(node.value) if " " in text}
        elif isinstance(node, ast.Return) and SENTENCE.fullmatch(form(node.value)):
            found.add(form(node.value))
    return {text for text in found if re.search("[a-z]", text) and text != "error_description"}


def nameless(key: str) -> str:
    return re.sub(r"\{\w+\}", "{}", key)


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_what_is_said_of_files_and_questions_has_words_in_every_language(language: str) -> None:
    keys = {nameless(key) for key in words._said(language)}
    told = keys | {key.removeprefix("{} ") for key in keys} | set(speak(language).texts)
    said = {text: m for m in SAID_IN for text in forms_said((PACKAGE / f"{m}.py").read_text())}
    assert len(said) > 100
    missing = {text: module for text, module in said.items() if text not in told}
    assert {text: m for text, m in missing.items() if not any(k.endswith(text) for k in keys)} == {}


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_what_is_said_fills_in_the_same_values_and_is_said_by_the_kit(language: str) -> None:
    constants = "\n".join(
        str(node.value)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    )
    for key, text in words._said(language).items():
        assert names_in(key) == names_in(text)
        literal = max(re.split(r"\{\w+\}", key), key=len).strip()
        assert literal in constants, key


def test_a_refusal_is_worded_in_dutch_and_what_the_file_says_is_left_alone(store, load) -> None:
    (file,) = load("Datum,Afzender,Aantal\n2026-10-01,a@contoso.com,3\n", name="own.csv").files
    text = speak("nl").said(file.error)
    assert text.partition(" De kolommen")[2].startswith(
        ": Datum, Afzender, Aantal. Het meest lijkt"
    )
    assert speak("en").said(file.error) == file.error
    hostile = "x is empty. Export it again, and load that file. is empty. {file} {why}"
    assert speak("nl").said(f"{hostile} is empty. Export it again, and load that file.")


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("mx:587 refused a@x (550 no. no); b@x (551 no). The report went to nobody. The report is kept in /o/1.eml",
         "mx:587 weigerde a@x (550 no. no); b@x (551 no). Het rapport is verzonden aan niemand. Het rapport is bewaard in /o/1.eml"),
        ("mx:587 refused the sign-in of a@x: 535 Off. See it. Check SMTPAUTH_MAIL_USER and the password.",
         "mx:587 weigerde de aanmelding van a@x: 535 Off. See it. Controleer SMTPAUTH_MAIL_USER en het wachtwoord."),
        ("mx:587 said nothing for 30 seconds while taking the message, which may have arrived.",
         "mx:587 zweeg 30 seconden lang bij het aannemen van het bericht, dat kan zijn aangekomen."),
        ("mx:587 offers no sign-in at all; the kit could sign in with PLAIN or LOGIN. See SMTPAUTH_MAIL_AUTH.",
         "mx:587 biedt geen enkele manier van aanmelden; de kit kan zich aanmelden met PLAIN of LOGIN. Zie SMTPAUTH_MAIL_AUTH."),
        ("x cannot be read as Parquet: it has 5,000 columns; an export may have 2,000. Write it again, or load it as CSV.",
         "x kan niet als Parquet worden gelezen: het heeft 5.000 kolommen; een export mag er 2.000 hebben. Schrijf het opnieuw, of laad het als CSV."),
        ("message trace, by its columns A; it cannot tell the TLS version, which protocol a sign-in was for: SMTP AUTH, IMAP, POP and others look the same",
         "berichttracering, aan de kolommen A; het kan niet zeggen: de TLS-versie, voor welk protocol een aanmelding was: SMTP AUTH, IMAP, POP en andere zien er hetzelfde uit"),
    ],
)  # fmt: skip
def test_what_a_sentence_lists_or_quotes_is_worded_or_left_alone(english: str, dutch: str) -> None:
    assert (speak("nl").said(english), speak("en").said(english)) == (dutch, english)


LABELS = sorted({f.labels[0] for fmt in FORMATS if not fmt.line for f in fmt.fields})
"""What the mapping dialog calls the columns it asks for."""


@pytest.mark.parametrize("label", [each for each in LABELS if " " in each and "TLS 1" not in each])
def test_a_field_of_the_mapping_dialog_is_called_in_dutch_unless_it_is_a_column_of_an_api(
    label: str,
) -> None:
    assert speak("nl").said(label) != label


@pytest.mark.parametrize(
    "part", ["line 1 ", "x offers a or b, ", "the row ", "x is not an export the kit recognises: "]
)
def test_a_long_text_that_nobody_said_is_given_back_as_it_is(part: str) -> None:
    assert speak("nl").said(part * 20_000) == part * 20_000


@pytest.mark.parametrize(
    "column", ["1,000", "1" + ",000" * 2_000, "a; it cannot tell {n} messages", "{n}", r"\1 \g<0>"]
)
def test_what_a_file_calls_its_column_is_said_as_it_is_whatever_it_looks_like(column: str) -> None:
    said = speak("nl").said(f"SMTP AUTH clients report, by its columns {column}")
    assert said.startswith("rapport SMTP AUTH-clients, aan de kolommen ")
    for part in column.split("; it cannot tell "):
        assert part in said
    assert "'one'" not in said


def test_a_count_in_a_sentence_is_written_as_the_language_does() -> None:
    assert speak("nl").said("has 1,234 cells where the header has 2,000") == (
        "heeft 1.234 cellen waar de koprij er 2.000 heeft"
    )


def test_a_language_without_a_file_is_refused_with_those_there_are() -> None:
    with pytest.raises(KitError, match=r'No words for language "fr"; there are: en, nl\.'):
        speak("fr")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0%"), (1.0, "100%"), (0.5308, "53.08%"), (0.375, "37.5%"), (1 / 3, "33.33%")],
)
def test_a_percentage_has_up_to_two_decimals(share: float, shown: str) -> None:
    assert speak("en").percent(share) == shown


def test_a_percentage_never_rounds_something_to_nothing_nor_nearly_all_to_all() -> None:
    en = speak("en")
    assert [en.percent(1e-6, 2), en.percent(1 - 1e-6, 2)] == ["<0.01 %", ">99.99 %"]


def test_dutch_writes_numbers_and_days_the_dutch_way() -> None:
    nl = speak("nl")
    shown = [nl.count(1234567), nl.percent(0.5308, 2), nl.date(dt.date(2026, 3, 1))]
    assert shown == ["1.234.567", "53,08 %", "1 mrt 2026"]


def test_a_value_is_never_read_as_a_template() -> None:
    assert speak("en")("Source: {source}.", source="{messages}{0}") == "Source: {messages}{0}."


def test_python_and_the_scripts_box_in_the_same_characters() -> None:
    signs = re.sub(r"\\U(\w{8})", lambda found: f"\\u{{{int(found[1], 16):x}}}", INVISIBLE)
    code = (PACKAGE / "static" / "table.js").read_text("utf-8")
    assert f"const INVISIBLE = /[{signs}]/gu;" in code


def test_vega_writes_days_in_the_language_starting_on_sunday() -> None:
    time: dict[str, Any] = speak("nl").vega_locale()["time"]
    assert (time["shortDays"][0], time["months"][2]) == ("zo", "maart")
