"""Every export format the kit knows. A new one: a file here, a line below, a sample, a test."""

from __future__ import annotations

from typing import Final

from smtpauth_kit.base.sentences import NOTHING, Sentence
from smtpauth_kit.formats import (
    audit_log,
    canonical,
    connector_report,
    entra_sign_ins,
    extended_trace,
    mail_log,
    message_trace,
    receive_log,
    report,
    requested_report,
    settings,
    submission_log,
)
from smtpauth_kit.formats.format import (
    Context,
    ExportFormat,
    Field,
    Layout,
    check_mapping,
    header_key,
)
from smtpauth_kit.formats.rows import Ends

FORMATS: Final[tuple[ExportFormat, ...]] = (
    requested_report.FORMAT,
    extended_trace.FORMAT,
    submission_log.FORMAT,
    report.FORMAT,
    entra_sign_ins.FORMAT,
    entra_sign_ins.AUTH_DETAILS,
    audit_log.FORMAT,
    audit_log.OBJECTS,
    message_trace.TRACE,
    message_trace.ENHANCED,
    message_trace.DETAIL,
    message_trace.EMAIL_EVENTS,
    connector_report.FORMAT,
    receive_log.FORMAT,
    extended_trace.TRACKING_LOG,
    mail_log.FORMAT,
    settings.MAILBOXES,
    settings.TENANT,
    canonical.SUBMISSIONS,
    canonical.SIGN_INS,
)

__all__ = [
    "FORMATS", "Context", "Ends", "ExportFormat", "Field", "Layout", "check_mapping", "header_key",
    "title_of",
]  # fmt: skip


def title_of(name: str) -> Sentence:
    """Return what a format is called; nothing where no format has this name.

    >>> title_of("cas-mailbox"), title_of("")
    ('Get-CASMailbox export', '')
    """
    return next((each.title for each in FORMATS if each.name == name), NOTHING)
