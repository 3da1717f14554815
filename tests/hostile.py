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
