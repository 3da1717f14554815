from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pandas as pd
import pytest
from jsonschema import ValidationError

from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.views import (
    burn_down,
    charts,
    drawing,
    finding_days,
    insight_figures,
    json_rows,
    over_days,
    renderer,
)
from smtpauth_kit.views.breakdowns import AUTH, TLS
from smtpauth_kit.views.over_time import (
    auth_over_time_chart,
    auth_trend_chart,
    breakdown_values,
    tls_over_time_chart,
    trend_chart,
)
from smtpauth_kit.views.ranking import (
    RING_TOP,
    ranking_data,
    volume_by_domain_chart,
    volume_by_domain_ring,
    volume_by_sender_chart,
    volume_by_sender_ring,
)
from smtpauth_kit.views.usage import (
    auth_usage_chart,
    senders_by_tls_chart,
    tls_pie_chart,
    tls_usage_chart,
)
from smtpauth_kit.views.volume import (
    sending_volume_chart,
    volume_data,
    volume_values,
    with_quiet_days,
)
from smtpauth_kit.words.words import speak

EN = speak("en")
OVER_TIME = [
    sending_volume_chart,
    tls_over_time_chart,
    auth_over_time_chart,
    trend_chart,
    auth_trend_chart,
    insight_figures.spark_chart,
]
DRAWINGS = [
    *OVER_TIME,
    tls_usage_chart,
    auth_usage_chart,
    tls_pie_chart,
    senders_by_tls_chart,
    volume_by_sender_chart,
    volume_by_domain_chart,
    volume_by_sender_ring,
    volume_by_domain_ring,
    *finding_days.CHARTS.values(),
    *burn_down.CHARTS.values(),
]


def day(number: int) -> dt.date:
    return dt.date(2026, 11, number)


def volume(*rows: tuple[dt.date, dt.date, str, int]) -> pd.DataFrame:
    names = ["period_start", "period_end", "sender_domain", "message_count"]
    frame = pd.DataFrame(rows, columns=names)
    frame["report_date"] = frame["period_start"].where(frame["period_start"] == frame["period_end"])
    return frame


def drawn(rows: pd.DataFrame, **more: Any) -> str:
    spec = charts.empty_vega(sending_volume_chart, EN)
    return charts.to_svg(spec, *volume_data(rows, EN, **more))


def shapes(svg: str, mark: str) -> list[str]:
    """Return the paths of all marks of a kind, without the weekends behind them."""
    groups = re.findall(rf'<g class="mark-{mark} role-mark[^>]*>(.*?)</g>', svg, re.DOTALL)
    paths = [
        path for group in groups for path in re.findall(r"<path[^>]*d=\"[^\"]+\"[^>]*>", group)
    ]
    return [path for path in paths if "currentColor" not in path]


def weekends(svg: str) -> int:
    return len([path for path in re.findall("<path[^>]*>", svg) if 'opacity="0.06"' in path])


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_chart_draws_an_empty_answer(draw: Any) -> None:
    assert charts.empty_vega(draw, EN)["data"][0] == {"name": "rows"}


@pytest.mark.parametrize("draw", DRAWINGS)
def test_a_chart_fits_the_schema_that_is_not_looked_at_when_it_is_compiled(draw: Any) -> None:
    assert "vega-lite" in draw(pd.DataFrame(), EN).to_dict()["$schema"]


def test_a_chart_that_does_not_fit_the_schema_is_no_chart() -> None:
    with pytest.raises(ValidationError):
        sending_volume_chart(pd.DataFrame(), EN).properties(width=[1]).to_dict()


def test_a_chart_is_compiled_once_for_all_its_data() -> None:
    one = charts.vega(sending_volume_chart(volume((day(1), day(1), "a.example", 1)), EN))
    two = charts.vega(sending_volume_chart(volume((day(2), day(2), "b.example", 5)), EN))
    assert one is two and "a.example" not in json.dumps(one)


def test_every_time_scale_is_utc() -> None:
    for draw in OVER_TIME:
        scales = charts.empty_vega(draw, EN)["scales"]
        assert [scale["type"] for scale in scales if scale["name"] == "x"] == ["utc"]


def test_a_day_nobody_counted_breaks_the_area_in_two() -> None:
    rows = volume(*((day(n), day(n), "a.example", 5) for n in (16, 17, 19, 20)))
    assert len(shapes(drawn(rows), "area")) == 2


def test_a_covered_day_without_a_message_is_a_zero() -> None:
    rows = volume((day(16), day(16), "a.example", 5), (day(18), day(18), "a.example", 2))
    filled = with_quiet_days(rows, [day(16), day(17), day(18)])
    assert filled.loc[filled["message_count"] == 0, "period_start"].tolist() == [day(17)]
    assert len(shapes(drawn(rows, covered=[day(16), day(17), day(18)]), "area")) == 1


def test_a_count_for_several_days_is_a_band_and_no_area() -> None:
    svg = drawn(volume((day(16), day(22), "a.example", 70)))
    assert len(shapes(svg, "rect")) == 1
    assert shapes(svg, "area") == []


def test_the_axis_says_that_a_period_is_drawn_at_its_mean() -> None:
    days = volume((day(16), day(16), "a.example", 5))
    period = volume((day(9), day(15), "a.example", 700), (day(16), day(16), "a.example", 5))
    assert ">Messages per day<" in drawn(days) and "mean per day" not in drawn(days)
    assert ">Messages, mean per day<" in drawn(period)
    bars = by_day((day(9), day(15), "1.0", 700))
    assert ">Berichten, gemiddeld per dag<" in stacked(bars, language="nl")
    assert "gemiddeld" not in stacked(bars, "share", "nl")


def test_weekends_are_shaded_and_said_until_they_are_a_hairs_breadth() -> None:
    fortnight = drawn(volume(*((day(n), day(n), "a.example", 5) for n in (9, 22))))
    assert weekends(fortnight) == 4 and "Shaded: Saturday and Sunday." in fortnight
    midweek = drawn(volume(*((day(n), day(n), "a.example", 5) for n in (16, 20))))
    assert weekends(midweek) == 0 and "Shaded" not in midweek
    year = drawn(
        volume(*((dt.date(y, 11, 9), dt.date(y, 11, 9), "a.example", 5) for y in (25, 26)))
    )
    assert weekends(year) == 0 and "Shaded" not in year


@pytest.mark.parametrize("days", [2, 9, 28, 45, 98, 300])
@pytest.mark.parametrize("width", [240, 420, 860])
def test_a_narrow_chart_has_dates_too_the_first_day_always(days: int, width: int) -> None:
    first = dt.date(2026, 8, 17)
    rows = by_day(*((each, each, "1.2", 3) for each in (first, first + dt.timedelta(days - 1))))
    spec = charts.empty_vega(trend_chart, EN)
    values = breakdown_values(TLS, rows) | {"asked": None}
    svg = charts.to_svg(spec, json_rows.columns(rows), values, width)
    dates = re.findall(r"<text(?![^>]*opacity=\"0\")[^>]*>([A-Z]\w\w \d+)</text>", svg)
    assert dates[0] == "Aug 17" and 2 <= len(dates) <= 2 + width / 56


def test_days_without_any_figure_are_gaps_and_said() -> None:
    rows = volume(*((day(n), day(n), "a.example", 5) for n in (16, 19, 22)))
    covered = [day(n) for n in (16, 19, 21, 22)]
    _, values = volume_data(rows, EN, covered=covered)
    assert values["gaps"] == [["2026-11-17", "2026-11-18"], ["2026-11-20", "2026-11-20"]]
    assert "Dashed: no data." in drawn(rows, covered=covered)
    assert "Dashed" not in drawn(rows) and volume_data(rows, EN)[1]["gaps"] == []


def by_day(*rows: tuple[dt.date, dt.date, str, int]) -> pd.DataFrame:
    names = ["period_start", "period_end", "tls_version", "message_count"]
    return pd.DataFrame(rows, columns=names)


def stacked(rows: pd.DataFrame, measure: str = "count", language: str = "en") -> str:
    spec = charts.empty_vega(tls_over_time_chart, speak(language))
    values = {**breakdown_values(TLS, rows), "measure": measure}
    return charts.to_svg(spec, json_rows.columns(rows), values)


def test_a_day_is_stacked_by_version_and_a_period_is_one_wide_bar_at_its_mean() -> None:
    svg = stacked(by_day((day(9), day(15), "1.0", 700), (day(16), day(16), "1.2", 50)))
    wide, narrow = (
        re.search(r'd="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)', p) for p in shapes(svg, "rect")
    )
    assert wide and narrow
    assert float(wide[4]) == pytest.approx(2 * float(narrow[4]), abs=0.02)
    # Drawn to a hundredth of a pixel.
    assert float(wide[3]) == pytest.approx(float(narrow[3]) * 6.72 / 0.72, abs=0.1)


def test_shares_of_a_day_fill_it_whatever_its_count() -> None:
    rows = by_day(
        (day(16), day(16), "1.0", 1), (day(16), day(16), "1.2", 3), (day(17), day(17), "1.2", 900)
    )
    svg = stacked(rows, "share", "nl")
    heights = [float(re.search(r"v([\d.]+)", path)[1]) for path in shapes(svg, "rect")]  # type: ignore[index]
    assert heights == pytest.approx([65, 195, 260])
    assert "100%" in svg and "Aandeel van de berichten van de dag" in svg


def test_a_part_of_a_bar_is_told_by_its_shape_as_well() -> None:
    spec = charts.empty_vega(tls_over_time_chart, EN)
    (legend,) = spec["legends"]
    scales = {scale["name"]: scale for scale in spec["scales"]}
    assert scales[legend["shape"]]["range"] == list(TLS.shapes)
    assert scales[legend["fill"]]["range"] == list(TLS.colors)
    assert len(set(TLS.shapes)) == len(TLS.shapes) == len(TLS.values)


def test_a_ranking_keeps_its_order_and_names_the_others_with_their_number() -> None:
    rows = pd.DataFrame(
        {"sender_address": ["z@a.example", "b@a.example", None], "sender_count": [1, 1, 53],
         "message_count": [6, 5, 9000], "share": [0.1, 0.2, 0.7]}
    )  # fmt: skip
    spec = charts.empty_vega(volume_by_sender_chart, EN)
    svg = charts.to_svg(spec, ranking_data(rows, EN), {})
    names = re.findall(r">([^<>]+@a\.example|53 other senders)<", svg)
    assert names == ["z@a.example", "b@a.example", "53 other senders"]
    assert "70.00 %" in svg and "(9,000)" in svg


def test_the_days_of_a_period_are_no_gap() -> None:
    rows = volume((day(16), day(22), "a.example", 70), (day(24), day(24), "a.example", 1))
    _, values = volume_data(rows, EN, covered=[])
    assert values["gaps"] == [["2026-11-23", "2026-11-23"]]


def test_a_ring_adds_up_what_has_no_slice_of_its_own() -> None:
    rows = pd.DataFrame(
        {"sender_domain": [*(f"d{n}.example" for n in range(10)), None],
         "domain_count": [1] * 10 + [4], "message_count": [10] * 10 + [100], "share": [0.05] * 10 + [0.5]}
    )  # fmt: skip
    data = ranking_data(rows, EN, top=RING_TOP)
    assert data["label"][-1] == "9 other domains" and data["message_count"] == [10] * 5 + [150]
    svg = charts.to_svg(charts.empty_vega(volume_by_domain_ring, EN), data, {})
    assert "9 other domains: 75.00 %" in svg and "d0.example: 5.00 %" in svg
    assert len({path for path in re.findall(r'fill="(#\w{6})"', svg)}) == 6


def test_a_card_draws_a_bar_for_each_day_and_a_dashed_line_where_nothing_is_loaded() -> None:
    rows = by_day(
        (day(16), day(16), "1.0", 1), (day(16), day(16), "1.2", 3), (day(18), day(18), "1.2", 8)
    )
    values = {**over_days.range_values(rows), "gaps": [["2026-11-17", "2026-11-17"]]}
    svg = charts.to_svg(
        charts.empty_vega(insight_figures.spark_chart, EN), json_rows.columns(rows), values
    )
    heights = [abs(float(re.search(r"v(-?[\d.]+)", path)[1])) for path in shapes(svg, "rect")]  # type: ignore[index]
    assert heights == pytest.approx([32, 64])
    assert svg.count("stroke-dasharray") == 1


def test_days_brushed_are_a_signal_that_a_screen_can_hear_and_set() -> None:
    for draw in (sending_volume_chart, tls_over_time_chart):
        names = [signal["name"] for signal in charts.empty_vega(draw, EN)["signals"]]
        assert {"brush", "brushing", "dragged"} <= set(names)
    names = [signal["name"] for signal in charts.empty_vega(trend_chart, EN)["signals"]]
    assert "brush" not in names


def test_a_domain_with_a_count_for_several_days_gets_no_zeros() -> None:
    rows = volume((day(16), day(22), "a.example", 70))
    assert with_quiet_days(rows, [day(23)]) is rows


def test_a_domain_keeps_its_colour_when_others_leave() -> None:
    known = ["a.example", "b.example", "c.example"]
    values = volume_values(volume((day(1), day(1), "c.example", 1)), EN, known=known)
    assert values["series"] == [*known, "Other domains"]
    assert [values["series"][place] for place in values["shown"]] == ["c.example"]


def test_a_domain_without_a_colour_takes_that_of_one_not_shown() -> None:
    known = [f"d{n}.example" for n in range(20)]
    values = volume_values(volume((day(1), day(1), "d19.example", 1)), EN, known=known)
    assert values["series"] == [*known[:6], "d19.example", "Other domains"]


def test_domains_beyond_the_colours_are_added_up_as_others() -> None:
    rows = volume(*((day(1), day(1), f"d{n}.example", 100 - n) for n in range(10)))
    columns, values = volume_data(rows, EN)
    assert [values["names"][place] for place in values["shown"]] == [
        *(f"d{n}.example" for n in range(7)),
        "Other domains",
    ]
    assert (
        dict(zip(columns["sender_domain"], columns["message_count"], strict=True))["Other domains"]
        == 93 + 92 + 91
    )


def test_every_tls_version_has_one_colour_in_every_chart() -> None:
    for draw in (
        tls_usage_chart,
        tls_pie_chart,
        trend_chart,
        tls_over_time_chart,
        senders_by_tls_chart,
    ):
        scales = {scale["name"]: scale for scale in charts.empty_vega(draw, EN)["scales"]}
        assert scales["color"]["domain"] == list(TLS_VERSIONS)
        assert scales["color"]["range"] == list(TLS.colors)


def test_tls_usage_says_shares_with_two_decimals_and_counts() -> None:
    usage = pd.DataFrame(
        {"tls_version": ["1.0", "1.2"], "message_count": [5973, 5280], "share": [0.5308, 0.4692]}
    )
    svg = charts.to_svg(
        charts.empty_vega(tls_usage_chart, speak("nl")), json_rows.columns(usage), {}
    )
    for text in ("TLS 1.0", "53,08%", "(5.973)", "46,92%", "(5.280)"):
        assert text in svg


def test_columns_are_ready_for_json() -> None:
    rows = pd.DataFrame({"d": [day(1), None], "n": [1, 2], "x": [0.5, float("nan")]})
    assert json_rows.columns(rows) == {"d": ["2026-11-01", None], "n": [1, 2], "x": [0.5, None]}


def test_a_hostile_domain_is_text_in_a_picture() -> None:
    svg = drawn(volume((day(1), day(1), "</text><script>alert(1)</script>\u202e", 1)))
    assert "<script" not in svg and "&lt;script&gt;" in svg and "\u202e" not in svg


def test_a_picture_has_no_style_attribute_that_a_strict_page_would_refuse() -> None:
    assert " style=" not in drawn(volume((day(1), day(1), "a.example", 1)))


def test_a_chart_shows_itself_with_its_data() -> None:
    chart = sending_volume_chart(volume((day(1), day(1), "a.example", 1)), EN)
    assert chart.to_dict()["data"]["values"][0]["sender_domain"] == "a.example"


def test_the_bundle_is_kept_and_survives_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(charts, "user_cache_dir", lambda _: str(tmp_path / "cache"))
    monkeypatch.setattr(renderer, "javascript_bundle", lambda _: "made")
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


def luminance(color: str) -> float:
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", ["#ffffff", "#1f2228", "#212121", "#16181c"])
def test_every_colour_stands_out_from_both_themes(paper: str) -> None:
    for color in {*drawing.COLORS, *TLS.colors, *AUTH.colors}:
        assert contrast(color, paper) >= 3, color


def test_a_white_shape_stands_out_from_every_part_of_a_bar() -> None:
    for color in {*TLS.colors, *AUTH.colors}:
        assert contrast(color, "#ffffff") >= 3, color
