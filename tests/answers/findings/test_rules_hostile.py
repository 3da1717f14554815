"""Whatever stands in the fields of a sign-in is data: for the rules, for sentences, for ids."""

from __future__ import annotations

from findings_worlds import OFFICE, World, at
from hostile import HOSTILE, IN_OTHER_FIELDS

from smtpauth_kit.answers.findings.judging import judge
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import speak

QUOTES = ("'; drop table sign_in_rows; --", "$failures", "{where_from}", "\\'); select 1; --")


def test_hostile_accounts_agents_countries_and_networks_stay_data(store, load):
    world = World(store, load)
    texts = [*IN_OTHER_FIELDS, *QUOTES]
    accounts = [*HOSTILE, *(f"{text}@evil.example" for text in QUOTES)]
    for n, account in enumerate(accounts):
        text = texts[n % len(texts)]
        strange = (f"203.0.113.{n}", text, text)
        world.live(account, range(20), place=OFFICE)
        world.fail(account, at(20, 1), 14, 30)  # fails at home, for hours
        world.fail(account, at(21, 1), 14, 3, place=strange, code=text)
        world.sign_in(at(21, 2), account, place=strange, agent=f"BAV2ROPC{text}", auth="basic")
        world.message(at(22, 3), f"{n}{account}", account=account, place=strange, tls="1.0")
        world.fail(account, at(22, 4), 1, 1, place=("198.51.100.66", text, text))  # all: a spray
    world.found("brute_force")
    judged = judge(store)
    told = {finding.rule for finding in judged.findings}
    assert told >= {
        "password_spray", "brute_force", "success_after_failures", "failing_sender",
        "new_country", "send_as", "legacy_user_agent",
    }  # fmt: skip
    for language in ("en", "nl"):
        for finding in judged.findings:
            said = sentence(finding, speak(language))
            assert said == printable(said), finding
    assert len({finding.finding_id for finding in judged.findings}) == len(judged.findings)
    assert store.run("select count(*) as n from sign_in_rows")["n"].iloc[0] > 600
