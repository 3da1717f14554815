"""Whether an export was loaded before, also one that does not say its days."""

from __future__ import annotations

import hashlib

from smtpauth_kit.formats import ExportFormat
from smtpauth_kit.loading.options import Options
from smtpauth_kit.store.writer import Writer

_SAME = """
select file_id, path from source_files
where content_sha256 = $sha256 and tenant = $tenant and format = $format
order by file_id limit 1
"""


def load_key(sha256: str, format_: ExportFormat, options: Options) -> str:
    """Return the key by which a file is known to be loaded already.

    It is made of the file's bytes, the tenant and, for a format whose rows have no days, the period
    that the person gave: the reports of two weeks can be equal to the byte and are two exports.
    """
    has_no_days = format_.needs_period or not format_.times
    period = options.period if has_no_days else None
    return hashlib.sha256(repr((sha256, options.tenant, period)).encode()).hexdigest()


def loaded_with_days(
    writer: Writer, format_: ExportFormat, sha256: str, tenant: str
) -> tuple[int, str] | None:
    """Return id and path of the file with this content, whatever days were said of it then."""
    if not format_.needs_period:
        return None
    named = {"sha256": sha256, "tenant": tenant, "format": format_.name}
    return next(((int(id_), path) for id_, path in writer.rows(_SAME, named)), None)
