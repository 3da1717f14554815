"""Which test holds which point of LOADING; each is shown to fail when its rule is switched off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from switches import RULES

HERE = Path(__file__).parent


def run(rule: str, test: str, *plugin: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, test]
    env = {**os.environ, "SWITCH_OFF": rule, "PYTHONPATH": str(HERE)}
    return subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("rule", RULES)
def test_the_test_of_a_rule_fails_when_the_rule_is_off(rule):
    done = run(rule, RULES[rule][1], "-p", "switches")
    assert done.returncode == 1, (done.stdout + done.stderr)[-2000:]
    assert " failed" in done.stdout


def test_every_point_has_its_tests():
    assert {int(rule.split()[0]) for rule in RULES} == set(range(1, 13))
