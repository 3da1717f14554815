"""Every export format the kit knows. A new one: a file here, a line below, a sample, a test."""

from __future__ import annotations

from typing import Final

from smtpauth_kit.formats import entra_sign_ins, extended_trace, report, settings, submission_log
from smtpauth_kit.formats.format import Context, Ends, ExportFormat, Field, Layout, check_mapping

FORMATS: Final[tuple[ExportFormat, ...]] = (
    extended_trace.FORMAT,
    submission_log.FORMAT,
    report.FORMAT,
    entra_sign_ins.FORMAT,
    settings.MAILBOXES,
    settings.TENANT,
)

__all__ = ["FORMATS", "Context", "Ends", "ExportFormat", "Field", "Layout", "check_mapping"]
