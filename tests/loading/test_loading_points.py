"""Which test holds which point of LOADING; each is shown to fail when its rule is switched off."""

from __future__ import annotations

import json
import multiprocessing

import pytest
from conftest import PATIENCE_S
from switches import RULES, failures

# A process of its own for each: nothing stays switched off. Where it can be, it is a copy of one that
# has imported what takes long.
METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
PROCESSES = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    PROCESSES.set_forkserver_preload(
        ["duckdb", "hypothesis.strategies", "pandas", "smtpauth_kit.answers", "switches"]
    )


@pytest.mark.parametrize("rule", RULES)
def test_the_test_of_a_rule_fails_for_its_reason_when_the_rule_is_off(rule, tmp_path):
    said = tmp_path / "said.json"
    process = PROCESSES.Process(target=failures, args=(rule, said))
    process.start()
    process.join(PATIENCE_S)
    assert process.exitcode == pytest.ExitCode.TESTS_FAILED
    reasons = json.loads(said.read_text("utf-8"))
    assert reasons and [why for why in reasons if RULES[rule].fails not in why] == []


def test_every_point_has_its_tests():
    assert {int(rule.split()[0]) for rule in RULES} == set(range(1, 13))
