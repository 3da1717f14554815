"""From an export file's bytes to its records: containers, encodings, delimiters, quotes, bounds.

Nothing here knows what a column means. A record keeps the physical line it starts on and the
text it came from, so that whatever happens to it later can be shown to the person who loaded it.
"""

from smtpauth_kit.reading.containers import check_unchanged, find_exports
from smtpauth_kit.reading.contents import Content, examine, sha256_of
from smtpauth_kit.reading.exports import Export, Record, refused
from smtpauth_kit.reading.json_records import json_records
from smtpauth_kit.reading.streams import bounded
from smtpauth_kit.reading.text_tables import DELIMITERS, text_records
from smtpauth_kit.words.inert import printable

__all__ = (
    "DELIMITERS",
    "Content",
    "Export",
    "Record",
    "bounded",
    "check_unchanged",
    "examine",
    "find_exports",
    "json_records",
    "printable",
    "refused",
    "sha256_of",
    "text_records",
)
