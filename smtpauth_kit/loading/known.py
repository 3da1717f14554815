"""Whether an export that does not say its days was loaded before, whatever days were said then."""

from __future__ import annotations

from smtpauth_kit.formats import ExportFormat
from smtpauth_kit.store.writer import Writer

_SAME = """
select file_id, path from source_files
where content_sha256 = $sha256 and tenant = $tenant and format = $format
order by file_id limit 1
"""


def loaded_with_days(
    writer: Writer, format_: ExportFormat, sha256: str, tenant: str
) -> tuple[int, str] | None:
    """Return id and path of the file with this content that was loaded with days said of it."""
    if not format_.needs_period:
        return None
    named = {"sha256": sha256, "tenant": tenant, "format": format_.name}
    return next(((int(id_), path) for id_, path in writer.rows(_SAME, named)), None)
