"""Findings as a store keeps them, and whether they are of its facts as they are now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.judging import Judged
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.facts_name import facts_name

if TYPE_CHECKING:
    import pandas as pd

_JUDGED: Final = "select judged_of, not_checked from findings_judged"
_FINDINGS: Final = (
    "select finding_id, rule, severity, tenant, subject_kind, subject, first_seen, last_seen, "
    "is_day, measured, expected, evidence_count, score, accounts, sources, told, incident_id "
    "from findings order by place"
)

_NO_COLUMNS: Final = ("values", "is_of_several")
"""Fields of a finding that are kept in another form, or belong to how it is shown."""


def fingerprint(engine: Engine) -> str:
    """Return what names the facts of a store, the rules and what is known: the same for the same.

    Examples
    --------
    >>> fingerprint(store) == fingerprint(store), len(fingerprint(store))
    (True, 64)
    """
    of = f"{_rules()}\n{knowledge.fingerprint()}\n{facts_name(engine)}"
    return hashlib.sha256(of.encode()).hexdigest()


@cache
def _rules() -> str:
    """Return what names all rules, their inputs and the code that joins what they find."""
    folder = files("smtpauth_kit").joinpath("answers", "findings")
    texts = hashlib.sha256()
    for part in (folder, *(folder / name for name in ("rules", "inputs", "needs"))):
        for file in sorted(part.iterdir(), key=lambda each: each.name):
            if file.name.endswith((".sql", ".json", ".py")):
                texts.update(file.name.encode() + file.read_bytes())
    return texts.hexdigest()


def kept(engine: Engine) -> Judged | None:
    """Return what the store keeps; None where it keeps none of its facts as they are now."""
    if not engine.has_tables("findings", "findings_judged"):
        return None
    judged = engine.rows(_JUDGED)
    if judged["judged_of"] != [fingerprint(engine)]:
        return None
    rows = engine.rows(_FINDINGS).records()
    not_checked = json.loads(judged["not_checked"][0])
    return Judged(
        tuple(_finding(row) for row in rows),
        tuple((rule, tuple(needs)) for rule, needs in not_checked),
    )


def _finding(row: dict[str, Any]) -> Finding:
    expected = row["expected"]
    return Finding(
        **{
            **{name: value for name, value in row.items() if name != "told"},
            "expected": None if expected is None else float(expected),
            "accounts": tuple(row["accounts"]),
            "sources": tuple(row["sources"]),
            "values": json.loads(row["told"]),
        }
    )


def frame_of(judged: Judged) -> pd.DataFrame:
    """Return findings as rows of the store's table."""
    import pandas as pd

    names = [field.name for field in fields(Finding)]
    rows = []
    for place, finding in enumerate(judged.findings):
        row = {name: getattr(finding, name) for name in names if name not in _NO_COLUMNS}
        told = json.dumps(finding.values, ensure_ascii=False)
        lists = {"accounts": list(finding.accounts), "sources": list(finding.sources)}
        rows.append({"place": place, **row, **lists, "told": told})
    return pd.DataFrame(rows)


def not_checked_json(judged: Judged) -> str:
    """Return the rules that could not be asked, as the store keeps them."""
    return json.dumps(judged.not_checked)
