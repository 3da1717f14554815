"""Country and network of addresses, out of MaxMind-format files that the user points to.

Nothing is looked up online, and no file is read unless it is named: by SMTPAUTH_ADDRESS_FILES, or
by `address_files` under `[knowledge]` in `smtpauth.toml`. GeoLite2-Country and GeoLite2-ASN and
what DB-IP and IPinfo offer are read alike: a file may tell the country, the network, or both.

Read by maxminddb, MaxMind's own reader: pure Python where its C part is not built, no dependency,
any such file. geoip2fast was weighed, too: it is fast, but reads a format of its own alone, and
comes with data that grows old inside the package.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from smtpauth_kit.base.config_place import config_file
from smtpauth_kit.base.errors import KitError

VARIABLE: Final = "SMTPAUTH_ADDRESS_FILES"


def address_files() -> list[Path]:
    """Return the files that the user points to: of the environment, else of `smtpauth.toml`.

    Raises
    ------
    KitError
        `smtpauth.toml` cannot be read, or names them in another form.

    Examples
    --------
    >>> address_files()
    []
    """
    if named := os.environ.get(VARIABLE, "").strip():
        return [Path(name) for name in named.split(os.pathsep) if name]
    path = config_file()
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("knowledge", {})
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KitError(
            '"{file}" cannot be read: {system}.', file=str(path), system=str(error)
        ) from None
    files = table.get("address_files", []) if isinstance(table, dict) else None
    if not isinstance(files, list) or not all(isinstance(each, str) for each in files):
        raise KitError(
            '"{file}" must list the files of addresses under [knowledge] as: address_files = '
            '["GeoLite2-Country.mmdb", "GeoLite2-ASN.mmdb"].',
            file=str(path),
        )
    return [path.parent / each for each in files]


def look_up(client_ips: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return client_ip, country and network ("AS64496") of the addresses that the files tell of.

    Country and network are empty where no file tells them; the first file that tells one counts.

    Raises
    ------
    KitError
        A file is not there or is none of that format, or the reader is not installed.
    """
    with ExitStack() as opened:
        readers = [opened.enter_context(_reader(path)) for path in address_files()]
        told = ((each, *_told(readers, each)) for each in dict.fromkeys(client_ips))
        return [row for row in told if row[1] or row[2]]


def _reader(path: Path) -> Any:
    try:
        import maxminddb
    except ImportError:
        raise KitError(
            'To read "{file}" install the extra: pip install "smtpauth-kit[addresses]".',
            file=str(path),
        ) from None
    try:
        # In memory: the file may be replaced by a newer one meanwhile.
        return maxminddb.open_database(str(path), maxminddb.MODE_MEMORY)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise KitError(
            '"{file}" cannot be read as a MaxMind-format file (.mmdb): {system}. Name another one '
            "in {name} or in smtpauth.toml, or none.",
            file=str(path),
            system=str(error),
            name=VARIABLE,
        ) from None


def _told(readers: Iterable[Any], client_ip: str) -> tuple[str, str]:
    country = network = ""
    for reader in readers:
        try:
            entry = reader.get(client_ip)
        except ValueError:  # No address, or IPv6 in a file of IPv4.
            continue
        if isinstance(entry, Mapping):
            country = country or _country(entry)
            network = network or _network(entry)
    return country, network


def _country(entry: Mapping[str, Any]) -> str:
    """Return the code of the country: of GeoLite2's tree, or of a flat entry as IPinfo's.

    Examples
    --------
    >>> _country({"country": {"iso_code": "NL"}}), _country({"country_code": "be"}), _country({})
    ('NL', 'BE', '')
    """
    named = entry.get("country")
    code = named.get("iso_code") if isinstance(named, Mapping) else entry.get("country_code", named)
    is_code = isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha()
    return str(code).upper() if is_code else ""


def _network(entry: Mapping[str, Any]) -> str:
    """Return the number of the network, as sign-ins have it.

    Examples
    --------
    >>> _network({"autonomous_system_number": 64496}), _network({"asn": "AS64496"}), _network({})
    ('AS64496', 'AS64496', '')
    """
    number = str(entry.get("autonomous_system_number", entry.get("asn", ""))).upper()
    digits = number.removeprefix("AS")
    return f"AS{digits}" if digits.isascii() and digits.isdigit() else ""
