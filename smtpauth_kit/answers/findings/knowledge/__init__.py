"""What is known of the world, as small tables that a person can replace."""

from smtpauth_kit.answers.findings.knowledge.relations import fingerprint, relations
from smtpauth_kit.answers.findings.knowledge.tables import TABLES, rows

__all__ = ["TABLES", "fingerprint", "relations", "rows"]
