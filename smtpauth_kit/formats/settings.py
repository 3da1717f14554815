"""Get-CASMailbox and Get-TransportConfig: who may use SMTP AUTH at all.

Tri-state: `True` is blocked, `False` is allowed, empty inherits the tenant's setting (Microsoft
Learn, authenticated client SMTP submission). Neither export carries a day.
"""

from __future__ import annotations

from smtpauth_kit.base.facts import MailboxSetting
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.values import addresses, spellings
from smtpauth_kit.values.cells import Unfit

_SWITCH = Field(
    "smtp_auth_disabled",
    ("SmtpClientAuthenticationDisabled", "SMTP client authentication disabled"),
    required=True,
)


def tri_state(text: str) -> bool | None:
    """Return what a PowerShell cell says: true, false, or nothing.

    Examples
    --------
    >>> tri_state("True"), tri_state("$false"), tri_state("")
    (True, False, None)
    """
    said = spellings.is_yes(text)
    if said is not None or spellings.is_nothing(text):
        return said
    raise Unfit("{text} is neither True, False nor empty", text=repr(text.strip()[:60]))


def _converter(context: Context) -> Converter:
    pick = context.picker("address", "display_name", "smtp_auth_disabled", "allow_legacy_tls")
    of_mailbox = context.has("address")
    day = context.period[1] if context.period else context.file_day
    no_day = Sentence(
        "{n:has|have} no day: the file's own, {day}, was taken (--period says another)", day=day
    )

    def convert(line: int, cells: Cells) -> Ends:
        text, name, disabled, legacy = pick(cells)
        address = addresses.sender_address(text) if of_mailbox else addresses.Address("", "", "")
        switches = tri_state(disabled), tri_state(legacy)
        if context.period is None:
            context.tally[no_day] += 1
        return [
            MailboxSetting(
                line=line,
                day=day,
                day_derived=context.period is None,
                address=address.shown,
                address_key=address.key,
                display_name=name.strip(),
                smtp_auth_disabled=switches[0],
                allow_legacy_tls=switches[1],
                row_key=f"setting:{address.key}\n{day}\n{switches}",
            )
        ]

    return convert


MAILBOXES = ExportFormat(
    name="cas-mailbox",
    title=Sentence("Get-CASMailbox export"),
    source="settings",
    fields=(
        Field("address", ("PrimarySmtpAddress", "Primary SMTP address"), required=True),
        Field("display_name", ("DisplayName", "Display name")),
        _SWITCH,
    ),
    converter=_converter,
    cannot_tell=phrases("the day it was made"),
    known=("Name", "Identity", "Guid", "RunspaceId"),
)

TENANT = ExportFormat(
    name="transport-config",
    title=Sentence("Get-TransportConfig export"),
    source="settings",
    fields=(
        _SWITCH,
        Field("allow_legacy_tls", ("AllowLegacyTLSClients", "Allow legacy TLS clients"), True),
    ),
    converter=_converter,
    cannot_tell=phrases("the day it was made"),
    excluded=("PrimarySmtpAddress",),
)
