"""Three tenants whose exports share senders, message ids and client addresses, and differ in source.

* `alpha`: a log of 60 days with OAuth and Basic auth, its mailboxes' settings, sign-ins; one file
  has a row that is rejected.
* `beta`: a report of a week, which tells no authentication, and a trace of two days that holds two
  message ids of alpha's log; a row of the report is rejected.
* no tenant: a log that ends two days before the others, with alpha's scanner and its message ids; a sign-in of it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from reconciled import SIGN_INS, sign_ins
from worlds import World, office

from smtpauth_kit.loading import loading
from smtpauth_kit.store.store import Store, open_store

SCANNER: Final = "scanner@contoso.com"
WEEK: Final = (dt.date(2026, 11, 16), dt.date(2026, 11, 22))
BETA: Final = "b|eta's <b>$start from counting_rows;\n-- $x"
"""A name is data."""
TENANTS: Final = ("", "alpha", BETA)

_LOG = (
    "Date,Sender address,Recipient address,Message ID,TLS version,Client IP,"
    "Authentication protocol\n"
)
_TRACE = (
    "date_time_utc,source,event_id,connector_id,sender_address,message_id,network_message_id,"
    "recipient_address\n"
)


def write(folder: Path) -> dict[str, list[tuple[Path, Any]]]:
    """Write the exports of each tenant: the file, and the period that it is loaded with."""
    world = World(days=60, seed=11)
    office(world, 3)
    world.usually(SCANNER, ip="192.0.2.25", low=3, high=6)
    world.send("usual1@contoso.com", 50, 400, ip="203.0.113.9", to=lambda n: f"x{n}@odd{n}.example")
    alpha = [(path, None) for path in world.write(folder / "alpha", parts=2)]

    def text(tenant: str, name: str, content: str, period: Any = None) -> tuple[Path, Any]:
        path = folder / (tenant or "none") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path, period

    alpha += [
        text("alpha", "cas.csv", "PrimarySmtpAddress,DisplayName,SmtpClientAuthenticationDisabled\n"
             f"{SCANNER},Scanner,True\nusual0@contoso.com,Usual,\nquiet@contoso.com,Quiet,False\n",
             (WEEK[1], WEEK[1])),
        text("alpha", "bad.csv", _LOG + "not a day,a@contoso.com,,<1@bad>,TLS1.2,192.0.2.1,Basic\n"
             f"2026-11-17T08:00:00Z,{SCANNER},,<own@alpha>,TLS1.0,192.0.2.25,Basic\n"),
        text("alpha", "sign-ins.csv", SIGN_INS + sign_ins(SCANNER, [
            ("17T08:00:00", "success"), ("18T08:00:00", "failure"), ("19T08:00:00", "failure")])),
    ]  # fmt: skip
    shared = [line.split(",") for _, line in sorted(world.rows) if f",{SCANNER}," in f",{line}"]
    beta = [
        text("beta", "report.csv", f"Sender address,Messages sent\n{SCANNER},700\n"
             "app@fabrikam.com,50\nnew@fabrikam.com,many\n", WEEK),
        text("beta", "trace.csv", _TRACE + "".join(
            f"{row[0]},SMTP,RECEIVE,EX\\Client Proxy EX,{SCANNER},{row[3]},n{n},bob@contoso.com\n"
            for n, row in enumerate(shared[-2:]))),
    ]  # fmt: skip
    none = [
        text("", "log.csv", _LOG + "".join(
            f"2026-11-{day}T09:0{n}:00Z,{SCANNER},eve@fabrikam.com,{shared[n][3]},TLS1.1,"
            f"192.0.2.25,Basic\n" for day in (18, 19, 20) for n in range(4))),
        text("", "sign-ins.csv", SIGN_INS + sign_ins(SCANNER, [("18T08:00:00", "failure")])),
    ]  # fmt: skip
    return {"alpha": alpha, BETA: beta, "": none}


def load(path: Path, exports: dict[str, list[tuple[Path, Any]]]) -> Store:
    """Load exports into a store, each under its tenant; every row has an end."""
    store = open_store(path)
    for tenant, files in exports.items():
        for period in dict.fromkeys(period for _, period in files):
            paths = [path for path, own in files if own == period]
            for file in loading.load(store, *paths, period=period, tenant=tenant).files:
                assert file.status == "loaded", file
                ends = file.rows_loaded + file.rows_duplicate + file.rows_rejected + file.rows_other
                assert file.rows_read == ends, file
    return store
