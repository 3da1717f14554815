"""Make sample or large exports: `python -m smtpauth_kit.sample --help`."""

from __future__ import annotations

import argparse
from pathlib import Path

from smtpauth_kit.sample.exports import write_samples
from smtpauth_kit.sample.large import WRITERS, Shape
from smtpauth_kit.sample.tenants import TenantShape, make_tenant, write_tenant


def main() -> None:
    """Write what the arguments ask for, and say what it holds."""
    parser = argparse.ArgumentParser(prog="python -m smtpauth_kit.sample", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for the sample exports of the story")
    parser.add_argument("--large", choices=WRITERS, help="make one large export instead")
    parser.add_argument("--file", type=Path, help="where the large export goes; .gz compresses")
    parser.add_argument(
        "--tenant", type=Path, help="folder for a labelled tenant; wants --senders, --days, --seed"
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--senders", type=int, default=Shape(0).senders)
    parser.add_argument("--domains", type=int, default=Shape(0).domains)
    parser.add_argument("--days", type=int, default=Shape(0).days)
    parser.add_argument("--seed", type=int, default=Shape(0).seed)
    parser.add_argument("--first", type=int, default=0, help="number of the first message")
    parser.add_argument("--planted", action="store_true", help="one account floods, at night")
    given = parser.parse_args()
    if given.out:
        for path in write_samples(given.out):
            print(path)
    if given.large:
        if not given.file:
            parser.error("--large needs --file")
        names = ("rows", "senders", "domains", "days", "seed", "planted", "first")
        totals = WRITERS[given.large](given.file, Shape(**{n: getattr(given, n) for n in names}))
        # Beside the export, never in it: who loads it must find what is planted by itself.
        given.file.with_name(given.file.name + ".totals.json").write_text(totals.as_json(), "utf-8")
        print(totals.as_json())
    if given.tenant:
        shape = TenantShape(given.seed, given.senders, given.days)
        for path, period in write_tenant(make_tenant(shape), given.tenant):
            print(path, f"--period {period[0]}:{period[1]}" if period else "")
    if not given.out and not given.large and not given.tenant:
        parser.print_help()


if __name__ == "__main__":
    main()
