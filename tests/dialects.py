"""What the kit's SQL may not hold: DuckDB and Spark read the same statements."""

from __future__ import annotations

NOT_SHARED = r"::|/\*|\bby name\b|\bgroup by all\b|\bmaterialized\b|\* (?:replace|exclude)\b|\b(?:len|list\w*)\("
"""What DuckDB reads and Spark does not, or a gap that something else has to fill."""
