"""Senders that try to become script, markup, a formula, a template or another address."""

from __future__ import annotations

import csv
import io

HOSTILE = (
    "x</script><script>alert(1)</script>@evil.example",
    "x<img/src=https://evil.example/a.png onerror=alert(2)>@evil.example",
    "=cmd|' /C calc'!A0@evil.example",
    "\u202emoc.live\u202cx@evil.example",
    "{{7*7}}${7*7}{%x%}@evil.example",
    "datum.x'+alert(3)+'@evil.example",
    "a<!--<script>@evil.example",
    "a&amp;b\"c'd@evil.example",
    "javascript:alert(4)@evil.example",
)


def hostile_log() -> str:
    """Return a submission log of these and of two honest senders, over a week."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Date", "Sender address", "Message ID", "TLS version"])
    for i, sender in enumerate([*HOSTILE, "good@contoso.com", "other@fabrikam.example"]):
        for n in range(i + 2):
            tls = ["TLS1.0", "TLS1.2", "No TLS"][n % 3]
            lines.writerow([f"2026-11-{16 + n % 7}T12:00:00Z", sender, f"<{i}-{n}@x>", tls])
    return out.getvalue()


FILE_NAME = "=1+1 <img src=x onerror=alert(6)> {{7*7}} \u202egpj.csv"
TENANT = "@Contoso <script>alert(7)</script> \x1b[2J"
IN_OTHER_FIELDS = (
    "=HYPERLINK(0)<svg/onload=alert(8)>",
    "\x1b]0;title\x07\x1b[31m\u2066x",
    "a\tb;=1+1",
    "<style>*{display:none}</style>",
    "</textarea><iframe srcdoc=x>",
    '"><a href=javascript:alert(9)>',
)
"""What stands in the other fields of an export: message id, subject, address, agent, account."""


def hostile_everywhere() -> str:
    """Return a submission log with something hostile in every field, and rows to be rejected."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(
        ["Date", "Sender address", "Recipient address", "Message ID", "Subject", "TLS version",
         "Client IP", "User agent", "Account"]
    )  # fmt: skip
    for i, sender in enumerate([*HOSTILE, "good@contoso.com"]):
        bad = IN_OTHER_FIELDS[i % len(IN_OTHER_FIELDS)]
        row = [
            f"2026-11-{16 + i % 7}T12:00:00Z",
            sender,
            bad,
            f"<{i}{bad}>",
            bad,
            "TLS1.2",
            "192.0.2.7",
        ]
        # The kit loads no account with control characters.
        lines.writerow([*row, bad, "".join(c for c in bad if c >= " ")])
        lines.writerow([bad, sender, bad, bad, bad, bad, bad, bad, bad])
    return out.getvalue()
