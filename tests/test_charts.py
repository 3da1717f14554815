from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pandas as pd
import pytest

from smtpauth_kit import charts
from smtpauth_kit.schema import TLS_VERSIONS
from smtpauth_kit.splits import TLS
from smtpauth_kit.words import speak

EN = speak("en")
DRAWINGS = [
    charts.sending_volume_chart,
    charts.tls_usage_chart,
    charts.auth_usage_chart,
    charts.tls_pie_chart,
    charts.trend_chart,
]


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def volume(*rows: tuple[dt.date, dt.date, str, int]) -> pd.DataFrame:
    names = ["period_start", "period_end", "sender_domain", "message_count"]
    frame = pd.DataFrame(rows, columns=names)
    frame["report_date"] = frame["period_start"].where(frame["period_start"] == frame["period_end"])
    return frame


def drawn(rows: pd.DataFrame, **more: Any) -> str:
    spec = charts.empty_vega(charts.sending_volume_chart, EN)
    return charts.to_svg(spec, *charts.volume_data(rows, EN, **more))


def shapes(svg: str, mark: str) -> list[str]:
    """Return the paths of all marks of a kind, as their colour and outline."""
    groups = re.findall(rf'<g class="mark-{mark} role-mark[^>]*>(.*?)</g>', svg, re.DOTALL)
    return [path for group in groups for path in re.findall(r"<path[^>]*d=\"[^\"]+\"[^>]*>", group)]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_chart_draws_an_empty_answer(draw: Any) -> None:
    assert charts.empty_vega(draw, EN)["data"][0] == {"name": "rows"}


def test_a_chart_is_compiled_once_for_all_its_data() -> None:
    one = charts.vega(charts.sending_volume_chart(volume((day(1), day(1), "a.example", 1)), EN))
    two = charts.vega(charts.sending_volume_chart(volume((day(2), day(2), "b.example", 5)), EN))
    assert one is two and "a.example" not in json.dumps(one)


def test_every_time_scale_is_utc() -> None:
    for draw in (charts.sending_volume_chart, charts.trend_chart):
        scales = charts.empty_vega(draw, EN)["scales"]
        assert [scale["type"] for scale in scales if scale["name"] == "x"] == ["utc"]


def test_a_day_nobody_counted_breaks_the_area_in_two() -> None:
    rows = volume(*((day(n), day(n), "a.example", 5) for n in (16, 17, 19, 20)))
    assert len(shapes(drawn(rows), "area")) == 2


def test_a_covered_day_without_a_message_is_a_zero() -> None:
    rows = volume((day(16), day(16), "a.example", 5), (day(18), day(18), "a.example", 2))
    filled = charts.with_quiet_days(rows, [day(16), day(17), day(18)])
    assert filled.loc[filled["message_count"] == 0, "period_start"].tolist() == [day(17)]
    assert len(shapes(drawn(rows, covered=[day(16), day(17), day(18)]), "area")) == 1


def test_a_count_for_several_days_is_a_band_and_no_area() -> None:
    svg = drawn(volume((day(16), day(22), "a.example", 70)))
    assert len(shapes(svg, "rect")) == 1
    assert shapes(svg, "area") == []


def test_a_domain_with_a_count_for_several_days_gets_no_zeros() -> None:
    rows = volume((day(16), day(22), "a.example", 70))
    assert charts.with_quiet_days(rows, [day(23)]) is rows


def test_a_domain_keeps_its_colour_when_others_leave() -> None:
    known = ["a.example", "b.example", "c.example"]
    values = charts.volume_values(volume((day(1), day(1), "c.example", 1)), EN, known=known)
    assert values["series"] == [*known, "Other domains"]
    assert values["shown"] == ["c.example"]


def test_a_domain_without_a_colour_takes_that_of_one_not_shown() -> None:
    known = [f"d{n}.example" for n in range(20)]
    values = charts.volume_values(volume((day(1), day(1), "d19.example", 1)), EN, known=known)
    assert values["series"] == [*known[:6], "d19.example", "Other domains"]


def test_domains_beyond_the_colours_are_added_up_as_others() -> None:
    rows = volume(*((day(1), day(1), f"d{n}.example", 100 - n) for n in range(10)))
    columns, values = charts.volume_data(rows, EN)
    assert values["shown"] == [*(f"d{n}.example" for n in range(7)), "Other domains"]
    assert (
        dict(zip(columns["sender_domain"], columns["message_count"], strict=True))["Other domains"]
        == 93 + 92 + 91
    )


def test_every_tls_version_has_one_colour_in_every_chart() -> None:
    for draw in (charts.tls_usage_chart, charts.tls_pie_chart, charts.trend_chart):
        scales = {scale["name"]: scale for scale in charts.empty_vega(draw, EN)["scales"]}
        assert scales["color"]["domain"] == list(TLS_VERSIONS)
        assert scales["color"]["range"] == list(TLS.colors)


def test_tls_usage_says_shares_with_two_decimals_and_counts() -> None:
    usage = pd.DataFrame(
        {"tls_version": ["1.0", "1.2"], "message_count": [5973, 5280], "share": [0.5308, 0.4692]}
    )
    svg = charts.to_svg(
        charts.empty_vega(charts.tls_usage_chart, speak("nl")), charts.columns(usage), {}
    )
    for text in ("TLS 1.0", "53,08 %", "(5.973)", "46,92 %", "(5.280)"):
        assert text in svg


def test_columns_are_ready_for_json() -> None:
    rows = pd.DataFrame({"d": [day(1), None], "n": [1, 2], "x": [0.5, float("nan")]})
    assert charts.columns(rows) == {"d": ["2026-11-01", None], "n": [1, 2], "x": [0.5, None]}


def test_a_hostile_domain_is_text_in_a_picture() -> None:
    svg = drawn(volume((day(1), day(1), "</text><script>alert(1)</script>\u202e", 1)))
    assert "<script" not in svg and "&lt;script&gt;" in svg and "\u202e" not in svg


def test_a_picture_has_no_style_attribute_that_a_strict_page_would_refuse() -> None:
    assert " style=" not in drawn(volume((day(1), day(1), "a.example", 1)))


def test_a_chart_shows_itself_with_its_data() -> None:
    chart = charts.sending_volume_chart(volume((day(1), day(1), "a.example", 1)), EN)
    assert chart.to_dict()["data"]["values"][0]["sender_domain"] == "a.example"


def test_the_bundle_is_kept_and_survives_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(charts, "user_cache_dir", lambda _: str(tmp_path / "cache"))
    monkeypatch.setattr(charts.vl_convert, "javascript_bundle", lambda _: "made")
    charts.bundle.cache_clear()
    try:
        assert charts.bundle() == "(() => {made})();"
        assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".js"]
        (tmp_path / "file").write_text("")
        monkeypatch.setattr(charts, "user_cache_dir", lambda _: str(tmp_path / "file" / "x"))
        charts.bundle.cache_clear()
        assert charts.bundle() == "(() => {made})();"
    finally:
        charts.bundle.cache_clear()
