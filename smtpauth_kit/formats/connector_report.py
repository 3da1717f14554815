"""The inbound and outbound messages report: mail between servers by connector; context only.

Its page's columns are known, the header of its CSV is not (data/README.md): read by synonyms.
"""

from __future__ import annotations

from smtpauth_kit.base.facts import ConnectorVolume
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.values import counts, times
from smtpauth_kit.values.cells import Unfit

_COUNTS = ("none", "1_0", "1_1", "1_2", "1_3")


def _converter(context: Context) -> Converter:
    pick = context.picker("date", "connector", "connector_type", "forced_tls", "message_count")
    pick_counts = context.picker(*(f"count_{name}" for name in _COUNTS))
    decisions, zone = context.decisions, context.layout.zone

    def convert(line: int, cells: Cells) -> Ends:
        date, connector, kind, forced, volume = (text.strip() for text in pick(cells))
        day = times.moment(date, decisions, zone).day
        by_tls = [counts.count(text.strip() or "0", decisions) for text in pick_counts(cells)]
        total = counts.count(volume, decisions)
        if sum(by_tls) > total:
            raise Unfit(
                "the TLS counts add up to {n}, more than the volume {total}",
                n=str(sum(by_tls)),
                total=str(total),
            )
        return [
            ConnectorVolume(
                line=line,
                day=day,
                connector=connector,
                connector_type=kind,
                forced_tls=forced,
                none_count=by_tls[0],
                tls_1_0_count=by_tls[1],
                tls_1_1_count=by_tls[2],
                tls_1_2_count=by_tls[3],
                tls_1_3_count=by_tls[4],
                message_count=total,
                row_key=f"connector:{day}\n{connector}\n{kind}\n{forced}\n{by_tls}\n{total}",
            )
        ]

    return convert


FORMAT = ExportFormat(
    name="connector-report",
    title=Sentence("inbound and outbound messages report"),
    source="connector_report",
    fields=(
        Field("date", ("Date",), required=True),
        Field(
            "connector",
            ("Connector direction and name", "Connector name", "Connector"),
            required=True,
        ),
        Field("connector_type", ("Connector type",)),
        Field("forced_tls", ("Forced TLS?", "Forced TLS")),
        Field("count_none", ("No TLS",)),
        *(
            Field(f"count_1_{minor}", (f"TLS 1.{minor}", f"TLSv1.{minor}", f"Tls1{minor}Count"))
            for minor in range(4)
        ),
        Field("message_count", ("Volume", "Message count"), required=True),
    ),
    converter=_converter,
    cannot_tell=phrases("who submitted", "anything of SMTP AUTH: it is mail between servers"),
    known=("Direction",),
    times=("date",),
    counts=("message_count", *(f"count_{name}" for name in _COUNTS)),
)
