"""The exports of settings as PowerShell writes them: of mailboxes and of the tenant."""

from __future__ import annotations

from collections.abc import Sequence

from smtpauth_kit.sample.ledger import Ledger
from smtpauth_kit.sample.same_bytes import csv_text


def mailboxes(ledger: Ledger) -> bytes:
    """Return what Get-CASMailbox exports."""
    rows: list[Sequence[object]] = [
        ("DisplayName", "PrimarySmtpAddress", "SmtpClientAuthenticationDisabled")
    ]
    for box in ledger.mailboxes:
        setting = "" if box.smtp_auth_disabled is None else str(box.smtp_auth_disabled)
        rows.append((box.display_name, box.address, setting))
    return ("\ufeff" + csv_text(rows, quoted=True)).encode()


def tenant(ledger: Ledger) -> bytes:
    """Return what Get-TransportConfig exports."""
    header = ("SmtpClientAuthenticationDisabled", "AllowLegacyTLSClients")
    settings = (ledger.tenant.smtp_auth_disabled, ledger.tenant.allow_legacy_tls)
    return ("\ufeff" + csv_text([header, settings], quoted=True)).encode()
