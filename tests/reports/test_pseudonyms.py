from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from unpacked import everything_in, packed, rows_of, text_of

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import Clause, Filters
from smtpauth_kit.loading.results import LoadResult
from smtpauth_kit.mail import addresses, composing
from smtpauth_kit.reports import pseudonyms, report_markdown, report_page, report_sheets
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.report import Report, build_report
from smtpauth_kit.store.store import Store

KEY = b"sixteen or more bytes"
LOG = (
    "Date,Sender address,Recipient address,Message ID,Subject,TLS version,Client IP,Account\n"
    "2026-11-16T08:00:00Z,mark1@mark2.example,mark3@mark4.example,<mark5@x>,mark6,TLS1.0,192.0.2.77,mark7@mark8.example\n"
    "2026-11-17T08:00:00Z,mark9@Mark2.example,mark3@mark4.example,<mark10@x>,mark6,TLS1.2,192.0.2.77,mark7@mark8.example\n"
    "2026-11-17T08:00:00Z,other@mark11.example,mark3@mark4.example,<mark12@x>,mark6,TLS1.2,192.0.2.78,mark13\n"
    "mark14,mark15@mark16.example,,,,,,\n"
)
MARK = re.compile(r"mark\d+|192\.0\.2\.", re.IGNORECASE)
MARKED_WORDS = re.compile(r"mark\d+@mark\d+\.example|mark19\.csv|mark20")


@pytest.fixture
def marked(store: Store, load: Callable[..., LoadResult]) -> Store:
    load(LOG, name="mark17/mark18.mark19.csv", tenant="mark20")
    report = (
        "Sender address,TLS1.0%,TLS1.1%,TLS1.2%,Message count\nmark21@mark2.example,100,0,0,7\n"
    )
    period = (dt.date(2026, 11, 10), dt.date(2026, 11, 20))
    load(report, name="mark22.csv", period=period, tenant="mark23")
    return store


FILTERS = Filters(
    domains=("mark2.example",),
    where=(
        Clause("sender_address", "contains", "mark"),
        Clause("sender_address", "!=", "mark24@mark25.example"),
    ),
    senders=(
        (Clause("sender_domain", "starts-with", "mark2"),),
        (Clause("basic_count", ">", "9"),),
    ),
)


def forms(report: Report) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(report_sheets.xlsx(report))) as book:
        xlsx = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return {
        "html": everything_in(report_page.html(report)),
        "xlsx": xlsx,
        "csv": report_sheets.senders_csv(report),
        "md": report_markdown.markdown(report),
        "paper": report_page.paper(report),
    }


def test_no_marker_is_left_in_any_form(marked: Store) -> None:
    told = forms(build_report(marked, FILTERS, everything=True))
    assert all(MARK.search(text) for text in told.values())
    names = Pseudonyms(KEY, domains=True)
    report = build_report(marked, FILTERS, pseudonyms=names, everything=True)
    assert report.message_count == 2 and report.everything is not None
    for form, text in forms(report).items():
        assert MARK.findall(text) == [], form
        assert "--pseudonymise-domains" in text or form == "csv"


def test_domains_are_kept_unless_asked(marked: Store) -> None:
    report = build_report(marked, FILTERS, pseudonyms=Pseudonyms(KEY), everything=True)
    for form, text in forms(report).items():
        left = {found.lower() for found in MARK.findall(text)}
        assert left <= {"mark2", "mark11", "mark25"}, form
        assert "mark2" in left, form


def test_a_person_has_one_name_in_every_report_of_one_key(marked: Store) -> None:
    one, two = (build_report(marked, f, pseudonyms=Pseudonyms(KEY)) for f in (Filters(), FILTERS))
    assert set(two.senders["sender_address"]) < set(one.senders["sender_address"])
    other = build_report(marked, pseudonyms=Pseudonyms(KEY[::-1]))
    assert not set(other.senders["sender_address"]) & set(one.senders["sender_address"])


def test_figures_stay_what_they_are(marked: Store) -> None:
    told = build_report(marked, pseudonyms=Pseudonyms(KEY, domains=True))
    true = build_report(marked)
    assert told.senders["message_count"].tolist() == true.senders["message_count"].tolist()
    assert told.figures["tls-usage"].equals(true.figures["tls-usage"])
    assert len(told.figures["sending-volume"]) == len(true.figures["sending-volume"])


@pytest.mark.parametrize("domains", [False, True])
def test_among_equals_the_real_names_do_not_show_through_the_order(
    store: Store, load: Callable[..., LoadResult], domains: bool
) -> None:
    """Eight senders of one message each, and eight domains: in no form do they stand by name."""
    header = LOG.partition("\n")[0]
    load(f"{header}\n" + "".join(
        f"2026-11-16T08:00:00Z,{letter}@{letter}.example,u@x.example,<{letter}@x>,s,TLS1.0,192.0.2.7,\n"
        for letter in "abcdefgh"
    ))  # fmt: skip
    report = build_report(store, pseudonyms=Pseudonyms(KEY, domains=domains))
    names = sorted(report.senders["sender_address"])
    real = [Pseudonyms(KEY, domains=domains).address(f"{x}@{x}.example") for x in "abcdefgh"]
    assert names != real and set(names) == set(real)
    assert report.senders["sender_address"].tolist() == names
    assert report.held.daily["sender_address"].tolist() == names
    assert [row["sender_address"] for row in report.top_senders(8)] == names
    ranking = report.figures["volume-by-sender"]["sender_address"]
    assert [name for name in ranking if isinstance(name, str)] == names[: ranking.notna().sum()]
    by_place = report.volume.drop_duplicates("place").dropna()["sender_domain"].tolist()
    assert by_place == sorted(by_place) and len(by_place) == 8
    assert report.volume.groupby("sender_domain")["place"].nunique().tolist() == [1] * 8
    told = forms(report) | {"mail": mail_of(report)}
    for form, text in told.items():
        found = list(dict.fromkeys(re.findall(r"sender-\w{10}", re.sub(r"@\S*", " ", text))))
        assert found == [name.partition("@")[0] for name in names], form
    places = [row[2] for row in rows_of(packed(report_page.html(report))["facts"])]
    by_domain = sorted(names, key=lambda name: (name.partition("@")[2], name))
    assert places == by_domain


def mail_of(report: Report) -> str:
    message = composing.compose(report, [addresses.parse_address("a@contoso.com")],
                           addresses.parse_address("b@contoso.com"), ())  # fmt: skip
    return message.get_body(("plain",)).get_content()


@pytest.mark.browser
def test_paper_names_nobody(marked: Store, chromium: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", chromium)
    told = text_of(report_page.pdf_file(build_report(marked, FILTERS)))
    assert {"mark1@mark2.example", "mark20", "mark19.csv"} <= set(MARKED_WORDS.findall(told))
    report = build_report(marked, FILTERS, pseudonyms=Pseudonyms(KEY, domains=True))
    paper = report_page.pdf_file(report)
    assert MARK.findall(text_of(paper)) == [] and not MARK.search(paper.decode("latin-1"))
    for address in report.senders["sender_address"]:
        assert re.fullmatch(r"sender-\w{10}@domain-\w{10}\.example", address)
        assert address in text_of(paper)
    assert len(report.senders) == 2


def test_the_key_is_of_the_environment_or_made_once_in_the_keyring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]
        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

    before = keyring.get_keyring()
    monkeypatch.delenv(pseudonyms.VARIABLE, raising=False)
    try:
        keyring.set_keyring(Memory())
        made = pseudonyms.from_settings()
        assert len(made.key) >= 32 and pseudonyms.from_settings().key == made.key
        monkeypatch.setenv(pseudonyms.VARIABLE, "another key of the environment")
        assert pseudonyms.from_settings().key == b"another key of the environment"
    finally:
        keyring.set_keyring(before)


def test_without_keyring_or_with_a_short_key_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keyring
    from keyring.backends import fail

    before = keyring.get_keyring()
    monkeypatch.delenv(pseudonyms.VARIABLE, raising=False)
    try:
        keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
        with pytest.raises(KitError, match=r"no keyring that answers.*SMTPAUTH_PSEUDONYM_KEY"):
            pseudonyms.from_settings()
    finally:
        keyring.set_keyring(before)
    monkeypatch.setenv(pseudonyms.VARIABLE, "short")
    with pytest.raises(KitError, match="has 5 characters"):
        pseudonyms.from_settings()
    for key, n in (("a" * 16, 1), ("abcde" * 8, 5)):
        monkeypatch.setenv(pseudonyms.VARIABLE, key)
        with pytest.raises(KitError, match=f"is made of {n} different characters?; .* has 6 or"):
            pseudonyms.from_settings()


def test_a_key_is_in_no_repr() -> None:
    assert "sixteen" not in repr(Pseudonyms(KEY))


def test_a_file_name_keeps_only_a_known_ending() -> None:
    names = Pseudonyms(KEY)
    assert re.fullmatch(r"file-\w{10}\.csv\.gz", names.file("a/b.secret.csv.gz"))
    assert re.fullmatch(r"file-\w{10}", names.file("a/b.secret"))
