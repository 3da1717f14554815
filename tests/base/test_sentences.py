from __future__ import annotations

import ast
import copy
import datetime as dt
import importlib
import json
import pickle
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smtpauth_kit
from smtpauth_kit.answers.files import rejected_page
from smtpauth_kit.base.errors import ColumnsNeeded, FileRefused, KitError, SentenceError
from smtpauth_kit.base.sentences import Sentence, column, listed, restored, sentences_from, to_json
from smtpauth_kit.formats import FORMATS
from smtpauth_kit.loading import loaded_files
from smtpauth_kit.words.words import languages, speak

PACKAGE = Path(smtpauth_kit.__file__).parent
OTHERS = [each for each in languages() if each != "en"]
LABELS = {f.labels[0] for fmt in FORMATS for f in fmt.fields}


# --- every template there is ---------------------------------------------------------------


for module in pkgutil.walk_packages([str(PACKAGE)], "smtpauth_kit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)  # Some have an error of their own.


def kinds_of(error: type[SentenceError]) -> Iterator[str]:
    yield error.__name__
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


MAKERS = {"Sentence", "phrases", *kinds_of(SentenceError)}


class Made(NamedTuple):
    """A call in the code that makes a sentence."""

    place: str
    template: str | None
    """None: it is not a plain literal."""
    values: frozenset[str] | None
    """Names of the values it is filled with; None: they are not written out."""


def literals(node: ast.expr) -> list[str | None]:
    """Return what may stand in the place of a template: a literal, or one of two."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [node.value if is_text else None]  # type: ignore[attr-defined]


def made_in(source: str, name: str = "") -> Iterator[Made]:
    for node in ast.walk(ast.parse(source)):
        called = getattr(node, "func", None)
        maker = getattr(called, "id", getattr(called, "attr", ""))
        if not isinstance(node, ast.Call) or maker not in MAKERS:
            continue
        names = {word.arg for word in node.keywords}
        values = None if None in names else frozenset(map(str, names))
        for argument in node.args if maker == "phrases" else node.args[:1]:
            for template in literals(argument):
                yield Made(f"{name}:{node.lineno}", template, values)


@cache
def every_sentence() -> list[Made]:
    files = sorted(PACKAGE.rglob("*.py"))
    return [m for f in files for m in made_in(f.read_text("utf-8"), str(f.relative_to(PACKAGE)))]


def names_in(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


def test_every_template_is_a_plain_literal() -> None:
    # These two modules make a sentence anew from one that there is.
    anew = ("base/sentences.py", "base/errors.py")
    wrong = [m.place for m in every_sentence() if m.template is None]
    assert [place for place in wrong if not place.startswith(anew)] == []


def test_every_template_is_given_a_value_for_each_of_its_names() -> None:
    sentences = [m for m in every_sentence() if m.template and m.values is not None]
    assert [m.place for m in sentences if names_in(m.template or "") - m.values] == []
    assert len(sentences) > 200


def texts_of_notebooks() -> set[str]:
    """Return what the kit's notebooks say on the page that is exported of them."""
    books = [json.loads(p.read_text("utf-8")) for p in PACKAGE.parent.glob("notebooks/*.ipynb")]
    cells = [cell for book in books for cell in book["cells"] if cell["cell_type"] == "markdown"]
    return {
        "".join(cell["source"])
        for cell in cells
        if "notebook-only" not in cell["metadata"].get("tags", [])
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_template_has_its_translation_and_there_is_no_other(language: str) -> None:
    words = speak(language)
    made = {m.template for m in every_sentence() if m.template} - set(words.texts)
    made |= texts_of_notebooks()
    assert made - set(words.said) == set()
    assert set(words.said) - made - LABELS == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_values(language: str) -> None:
    said = speak(language).said
    assert {k: text for k, text in said.items() if names_in(k) != names_in(text)} == {}


@pytest.mark.parametrize(
    ("code", "template"),
    [
        ('KitError(f"{path} is empty.")', None),
        ('FileRefused("{} is empty.".format(path))', None),
        ('Unfit("the row " + why)', None),
        ('Sentence("is {a}" if a else f"{b}", a=a)', None),
        ('Sentence("is {a}", a=f"{b}")', "is {a}"),
        ('phrases("days", "messages")', "messages"),
    ],
)
def test_a_template_put_together_with_a_value_would_be_found(code: str, template: str) -> None:
    assert [*made_in(code)][-1].template == template


# --- values --------------------------------------------------------------------------------

HOSTILE = ["{0.__class__}", "{file}", "{why}", "{", "{}", "%s", r"\1\g<0>", "{n:>999999999}"]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    why = Sentence("the count {text} is negative", text=value)
    said = Sentence("line {line} {why}", line=value, why=why)
    assert said == f"line {value} the count {value} is negative"
    assert speak("nl").sentence(said) == f"regel {value} het aantal {value} is negatief"


wild = st.recursive(
    st.text() | st.integers() | st.dates(),
    lambda inner: st.builds(
        lambda template, values: Sentence(template, **values),
        st.text(alphabet="ab{} "),
        st.dictionaries(st.sampled_from("abc"), inner | st.lists(st.text(), max_size=3)),
    ),
    max_leaves=8,
)


@given(wild)
def test_a_sentence_is_kept_and_copied_with_its_template_and_values(value: object) -> None:
    said = Sentence("{a} and {b}", a="x", b=value if not isinstance(value, dt.date) else "")
    (stored,) = sentences_from(to_json(said))
    for again in (stored, copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert (again, to_json(again)) == (said, to_json(said))


def test_a_number_is_a_count_and_a_text_is_what_it_is() -> None:
    said = Sentence("{n} {n:row|rows} {why}", n=5280, why="1,000")
    assert said == "5,280 rows 1,000"
    assert speak("nl").sentence(said) == "5.280 rijen: 1,000"


def test_a_word_follows_its_number_in_every_language() -> None:
    template = (
        "{n} {n:message|messages} of the {one} {n:is|are} not explained by anything that is loaded."
    )
    said = [Sentence(template, n=n, one="report") for n in (0, 1, 2)]
    assert [text[:32] for text in said] == [
        "0 messages of the report are not", "1 message of the report is not e",
        "2 messages of the report are not",
    ]  # fmt: skip
    assert [speak("nl").sentence(text)[:39] for text in said] == [
        "0 berichten van de bron report worden d", "1 bericht van de bron report wordt door",
        "2 berichten van de bron report worden d",
    ]  # fmt: skip


@pytest.mark.parametrize("language", languages())
def test_nothing_a_person_reads_leaves_the_plural_to_the_reader(language: str) -> None:
    words = speak(language)
    texts = [*words.said, *words.said.values(), *map(str, words.texts.values())]
    files = [*PACKAGE.rglob("rules/*.json"), *PACKAGE.rglob("letters/*.txt")]
    texts += [file.read_text("utf-8") for file in files]
    texts += [made.template for made in every_sentence() if made.template]
    both = re.compile(r"[a-z]\((?:s|es|en|n)\)|\('s\)", re.IGNORECASE)
    assert [found[0] for text in texts for found in both.finditer(text)] == []


def test_days_and_lists_are_written_out() -> None:
    said = Sentence(
        "The period {start} to {end} is not within the years 2000 to 2099.",
        start=dt.date(1999, 12, 31), end=listed(["a", "b", Sentence("nobody")], "or"),
    )  # fmt: skip
    assert said.startswith("The period 1999-12-31 to a or b or nobody is")
    assert speak("nl").sentence(said).startswith("De periode 1999-12-31 tot en met a of b of niem")
    assert Sentence("{names}", names=["a", "b"]) == "a, b"


DIALOG = sorted({f.labels[0] for fmt in FORMATS if not fmt.line for f in fmt.fields})
"""What the mapping dialog calls the columns it asks for."""


@pytest.mark.parametrize("label", [each for each in DIALOG if " " in each and "TLS 1" not in each])
def test_a_field_of_the_mapping_dialog_is_called_in_dutch_unless_it_is_a_column_of_an_api(
    label: str,
) -> None:
    assert speak("nl").sentence(column(label)) != label


# --- what a load says, in Dutch ------------------------------------------------------------

LOG = "Date,Sender address,Message ID\n"
GOOD = "2026-11-16T08:00:00Z,a@contoso.com,1\n"


@pytest.mark.parametrize(
    ("content", "dutch"),
    [
        (LOG + GOOD + "2026-11-16,b@contoso.com,2,{n},5,6\n", ["de rij heeft 6 cellen waar de koprij er 3 heeft"]),
        (LOG + GOOD + 'x,"b@contoso.com"y,2\n', ["de rij heeft een los aanhalingsteken"]),
        (LOG + GOOD + "{why},b@contoso.com,2\n", ["de datum '{why}' is niet te lezen"]),
        (LOG + GOOD + "2026-02-30,b@contoso.com,2\n", ["de datum '2026-02-30' bestaat niet"]),
        (LOG + GOOD + "2026-11-16,,2\n2026-11-16,b,2\n", ["het afzenderadres is leeg", "het afzenderadres heeft geen naam voor of geen domein na een @"]),
        ("Date,Sender address,Message count\n2026-11-16,a@contoso.com,1\n2026-11-16,b@contoso.com,-5\n", ["het aantal '-5' is negatief"]),
        ('[{"Date": "2026-11-16", "Sender address": "a@contoso.com"}, 5]', ["de rij is geen object met benoemde waarden"]),
    ],
)  # fmt: skip
def test_the_reason_of_a_row_is_said_in_dutch_out_of_the_store(store, load, content, dutch) -> None:  # type: ignore[no-untyped-def]
    load(content, name="log.csv")
    rows = rejected_page(store, 1, 10)
    said = [restored(reason, kept) for reason, kept in zip(rows.reason, rows.sentence, strict=True)]
    assert said == rows.reason.tolist()
    assert [speak("nl").sentence(each) for each in said] == dutch


@pytest.mark.parametrize(
    ("content", "dutch"),
    [
        ("", "{f} is leeg. Exporteer het opnieuw en laad dat bestand."),
        ("hello\nworld\n", "{f} is geen export die de kit herkent: geen regel aan het begin heeft kolommen. Verwacht wordt een CSV- of JSON-export met koprij; zie README, “Your own exports”."),
        ('"x"y\n', "{f} is geen export die de kit herkent: regel 1 heeft een los aanhalingsteken. Verwacht wordt een CSV- of JSON-export met koprij; zie README, “Your own exports”."),
        ("Datum,Van,{file}\n1,a@contoso.com,3\n", "{f} is geen export die de kit herkent. De kolommen: Datum, Van, {file}. Het meest lijkt het op: eenvoudig verzendlogboek; daarvoor ontbreekt nog Adres afzender. Staat het er onder een andere naam, geef dat dan op, bijvoorbeeld: --map \"Sender address=ITS COLUMN\""),
        (LOG + "1-2-2026,a@contoso.com,1\n", "{f} heeft alleen datums waarvan dag en maand verwisseld kunnen zijn. Verwacht worden datums die dat beslissen. Bekijk een rij die u kent en geef dan de volgorde op met --date-order dmy, --date-order mdy of --date-order ymd."),
        ("Sender address,Message count\na@contoso.com,1\n", "{f} is een rapport van SMTP AUTH-clients: het telt berichten over een periode die alleen degene kent die het exporteerde. Verwacht wordt die periode; geef ze op met --period START:END, beide dagen inbegrepen, bijvoorbeeld --period 2026-11-16:2026-11-22."),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_dutch_and_what_the_file_says_is_left_alone(
    load, content, dutch
) -> None:  # type: ignore[no-untyped-def]
    (file,) = load(content, name="own.csv").files
    assert speak("nl").sentence(file.error) == dutch.replace("{f}", file.path)
    assert speak("en").sentence(file.error) == file.error


def test_what_was_said_of_a_file_is_said_in_dutch_out_of_the_store(store, load) -> None:  # type: ignore[no-untyped-def]
    columns = {"Date": "Wanneer {why}", "Sender address": "Wie", "Message ID": "Nr"}
    text = "Wanneer {why},Wie,Nr,Kleur\n2026-11-16T08:00:00Z,a@contoso.com,1,rood\n2026"
    (before,) = load(text, name="own.csv", columns=columns).files
    (file,) = loaded_files.stored_files(store)
    today, nl = dt.date.today(), speak("nl")
    assert (file.why, file.warnings) == (before.why, before.warnings)
    assert nl.sentence(file.why) == (
        "eenvoudig verzendlogboek, aan de kolommen Wanneer {why}, Wie, Nr, kolommen zoals u ze op "
        f"{today} hebt gekoppeld; het kan niet zeggen: mislukte aanmeldingen"
    )
    assert [nl.sentence(warning) for warning in file.warnings] == [
        f"kolommen zoals u ze op {today} hebt gekoppeld: “Wanneer {{why}}” is Datum, “Wie” is "
        "Adres afzender, “Nr” is Bericht-ID; onthouden voor het volgende bestand met deze koprij",
        "kolommen die de kit niet kent, niet geladen: “Kleur”",
        "het bestand houdt midden in een rij op (regel 3): het is waarschijnlijk afgekapt. "
        "Exporteer het opnieuw en laad dat ook; niets wordt dubbel geteld.",
    ]


def test_a_sentence_that_a_language_does_not_know_stays_in_english() -> None:
    nl = speak("nl")
    assert nl.sentence(Sentence("{n} unheard of", n=1000)) == "1,000 unheard of"


# --- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_an_error_is_copied_with_all_that_it_knows(again) -> None:  # type: ignore[no-untyped-def]
    error = ColumnsNeeded(
        "{file} is empty. Export it again, and load that file.",
        file="{x}.csv", nearest="report", missing=["Date"], samples={"Datum": ["1", "2"]},
    )  # fmt: skip
    error.details = {"path": "x"}
    copied = again(error)
    assert type(copied) is ColumnsNeeded
    assert str(copied) == "{x}.csv is empty. Export it again, and load that file."
    assert speak("nl").sentence(copied).startswith("{x}.csv is leeg.")
    assert vars(copied) == vars(error) and copied.missing == ("Date",)


def test_an_error_can_say_a_sentence_that_was_made_elsewhere() -> None:
    error = FileRefused.of(Sentence("{file} is a pipe", file="{file}"))
    assert (type(error), str(error), error.sentence.template) == (
        FileRefused, "{file} is a pipe", "{file} is a pipe",
    )  # fmt: skip


def test_an_error_in_a_notebook_is_its_words_alone() -> None:
    assert KitError("{file} is empty.", file="x")._render_traceback_() == ["x is empty."]
