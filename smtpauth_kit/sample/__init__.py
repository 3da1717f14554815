"""Sample exports that tell one invented story, and the ledger of what truly happened in it."""

from smtpauth_kit.sample.by_hand import NOTES
from smtpauth_kit.sample.exports import SampleFile, manifest, write_samples
from smtpauth_kit.sample.ledger import Ledger
from smtpauth_kit.sample.making import make_ledger

__all__ = ["NOTES", "Ledger", "SampleFile", "make_ledger", "manifest", "write_samples"]
