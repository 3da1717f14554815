"""The questions the kit answers: each a function and its `.sql` beside it, a DataFrame back."""

from smtpauth_kit.answers.questions import Answer, PlainAnswer, ask, ask_plain
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.settling import settle_scope

__all__ = ["Answer", "PlainAnswer", "Scope", "ask", "ask_plain", "settle_scope"]
