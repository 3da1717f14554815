"""The SMTP AUTH clients report: EAC and SCC exports, the API's field names, the plain shape.

One row is a sender and a count for the range its admin chose; the range is not in the file, so
`--period` must say it. Labels and what is unverified about them: data/README.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from smtpauth_kit.base.facts import Submission
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.languages import in_all_languages
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.values import addresses, counts, protocols
from smtpauth_kit.values.cells import NeedsDecision, Unfit

NEWEST_TLS = Sentence("TLS 1.3 as such")
"""Microsoft's report has no column of it: counted as 1.2, or in none, nobody has said."""

TLS_COLUMNS = TLS_VERSIONS[:5]
_SHARE_NAMES = tuple(f"tls_{version}" for version in TLS_COLUMNS)
_COUNT_NAMES = tuple(f"count_{version}" for version in TLS_COLUMNS)


def _tls_fields() -> list[Field]:
    shares = [Field("tls_none", ("No TLS", "No TLS%"))]
    per_version = [Field("count_none", ("NoTlsCount",))]
    for version in TLS_COLUMNS[1:]:
        labels = (f"TLS {version}", f"TLS {version} %", f"TLSv{version}")
        shares.append(Field(f"tls_{version}", labels))
        per_version.append(Field(f"count_{version}", (f"Tls{version.replace('.', '')}Count",)))
    return shares + per_version


def _survey(context: Context) -> tuple[Callable[[Cells], None], Callable[[], bool]]:
    """Find out whether bare numbers under TLS headers are counts.

    They are where in every row they sum to its count, and no percentages could: one row sums to
    more than 100, or two rows say so that are neither 0 nor 100. One row alone may be percentages
    that happen to sum to its count.
    """
    pick = context.picker("message_count", *_SHARE_NAMES)
    sums: Counter[str] = Counter()

    def look(cells: Cells) -> None:
        total, *texts = pick(cells)
        try:
            told = sum(counts.count(text, context.decisions) for text in texts if text.strip())
            is_sum = told == counts.count(total, context.decisions)
        except (Unfit, NeedsDecision):
            is_sum = False
        if not is_sum:
            sums["other"] += 1
        elif told > 100:
            sums["more than 100"] += 1
        elif told not in (0, 100):
            sums["either"] += 1

    def finding() -> bool:
        may_be_counts = not sums["other"]
        if may_be_counts and not sums["more than 100"] and sums["either"] == 1:
            context.tally[MAY_BE_COUNTS] += 1
        return may_be_counts and (sums["more than 100"] > 0 or sums["either"] > 1)

    return look, finding


MAY_BE_COUNTS = Sentence(
    "have TLS numbers that sum to the message count, and could be counts; they are read as "
    "percentages"
)


def _figures(context: Context) -> Callable[[Cells, str], tuple[dict[str, int], bool]]:
    """Return what makes of a row, and its total as text, counts by TLS version; derived or not."""
    pick_shares, pick_counts = context.picker(*_SHARE_NAMES), context.picker(*_COUNT_NAMES)
    has_counts = any(context.has(name) for name in _COUNT_NAMES)
    has_shares = any(context.has(name) for name in _SHARE_NAMES)
    has_total, decisions = context.has("message_count"), context.decisions

    def figures(cells: Cells, total_text: str) -> tuple[dict[str, int], bool]:
        if has_counts:
            per_version = [counts.count(text or "0", decisions) for text in pick_counts(cells)]
            total = counts.count(total_text, decisions) if has_total else sum(per_version)
            return with_unknown(total, per_version), False
        total = counts.count(total_text, decisions)
        if not has_shares:
            return {"unknown": total}, False
        if context.facts_of_file:
            per_version = [counts.count(text or "0", decisions) for text in pick_shares(cells)]
            return with_unknown(total, per_version), False
        return from_shares(total, [counts.share(text, decisions) for text in pick_shares(cells)])

    return figures


def _converter(context: Context) -> Converter:
    pick = context.picker("sender_address", "auth_protocol", "message_count")
    figures = _figures(context)
    assert context.period is not None
    start, end = context.period
    seen: dict[tuple[str, str], dict[str, int]] = {}
    spelled: dict[str, dict[str, None]] = {}

    def convert(line: int, cells: Cells) -> Ends:
        address, auth_text, total_text = pick(cells)
        sender = addresses.sender_address(address)
        auth = protocols.auth_protocol(auth_text)
        by_version, derived = figures(cells, total_text)
        if seen.setdefault((sender.key, auth), by_version) != by_version:
            context.tally[
                Sentence("{n:gives|give} another figure for a sender that stands above; both count")
            ] += 1
        key = f"report:{sender.key}\n{auth}\n{start}\n{end}\n{sorted(by_version.items())}"
        spellings = spelled.setdefault(key, {})
        spellings.setdefault(sender.shown)
        if nth := list(spellings).index(sender.shown):
            # The report lists an address once: in other letters it is another of its rows.
            context.tally[OTHER_LETTERS] += 1
            key += f"\n{nth}"
        return [
            Submission(
                line=line,
                sent_at=None,
                period_start=start,
                period_end=end,
                sender_address=sender.shown,
                tls_version=version,
                auth_protocol=auth,
                message_count=count,
                tls_derived=derived,
                row_key=key,
            )
            for version, count in by_version.items()
        ]

    return convert


OTHER_LETTERS = Sentence(
    "{n:equals|equal} one that stands above but for the letters of the address; both count"
)


def with_unknown(total: int, counts: list[int]) -> dict[str, int]:
    """Return counts by TLS version; what they lack to the total is unknown.

    Examples
    --------
    >>> with_unknown(10, [0, 0, 0, 7, 0])
    {'1.2': 7, 'unknown': 3}
    """
    missing = total - sum(counts)
    if missing < 0:
        raise Unfit(
            "the TLS counts add up to {n}, more than the count {total}",
            n=str(sum(counts)),
            total=str(total),
        )
    by_version = {v: n for v, n in zip(TLS_VERSIONS, [*counts, missing], strict=True) if n}
    return by_version or {"unknown": 0}


def from_shares(total: int, shares: list[counts.Share]) -> tuple[dict[str, int], bool]:
    """Return counts by TLS version from TLS cells, and whether they had to be worked out.

    Examples
    --------
    >>> from_shares(472, [counts.share(t) for t in ("", "100%(472)", "0%(0)", "0%(0)", "")])
    ({'1.0': 472}, False)
    >>> from_shares(4000, [counts.share(t) for t in ("", "0", "12.5", "87.5", "")])
    ({'1.1': 500, '1.2': 3500}, True)
    """
    if any(share.stated is not None for share in shares):
        return with_unknown(total, [share.stated or 0 for share in shares]), False
    percents = [share.percent for share in shares]
    room = sum((share.step / 2 for share in shares if share.percent), Fraction(0))
    if sum(percents) > 100 + room:
        raise Unfit("the TLS shares add up to {n} %", n=f"{float(sum(percents)):g}")
    per_version = counts.split_by_share(total, percents)
    return with_unknown(total, per_version[:-1]), True


_TOTAL = re.compile(r"(grand )?total|totaal|gesamt|summe|total general|totale|合計", re.IGNORECASE)


def _is_total(context: Context) -> Callable[[Cells], bool]:
    pick = context.picker("sender_address")
    return lambda cells: bool(_TOTAL.fullmatch(pick(cells)[0].strip().rstrip(":")))


_KNOWN = (*in_all_languages("Domain"), "Sender domain")

FORMAT = ExportFormat(
    name="report",
    title=Sentence("report of SMTP AUTH clients"),
    source="report",
    fields=(
        Field(
            "sender_address",
            ("Sender address",),
            required=True,
        ),
        Field(
            "message_count",
            ("Message count", "Messages sent"),
        ),
        Field("auth_protocol", ("Authentication protocol",)),
        *_tls_fields(),
    ),
    converter=_converter,
    cannot_tell=(
        *phrases("days", "client IP addresses", "recipients"), NEWEST_TLS,
        *phrases("failed sign-ins"),
    ),
    told_by={"tls_1.3": NEWEST_TLS, "count_1.3": NEWEST_TLS},
    known=_KNOWN,
    excluded=(
        *in_all_languages("Date"), "Timestamp", *in_all_languages("Recipient address"),
        *in_all_languages("Message ID"), "Received",
    ),
    needs_period=True,
    counts=("message_count", *_SHARE_NAMES, *_COUNT_NAMES),
    survey=_survey,
    is_total=_is_total,
)  # fmt: skip
