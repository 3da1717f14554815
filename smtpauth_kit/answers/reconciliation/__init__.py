"""Why sources disagree: what each counts of a sender and a period, and the reasons proved."""

from smtpauth_kit.answers.reconciliation.answer import reconciliation
from smtpauth_kit.answers.reconciliation.periods import reconciled_scope

__all__ = ["reconciled_scope", "reconciliation"]
