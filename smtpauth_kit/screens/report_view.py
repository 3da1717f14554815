"""What the browser shows of a report."""

from __future__ import annotations

from smtpauth_kit.screens.browser_view import BrowserView
from smtpauth_kit.views import charts
from smtpauth_kit.views.over_time import auth_trend_chart, trend_chart
from smtpauth_kit.views.registry import VIEWS
from smtpauth_kit.words.words import Words


def report_view(words: Words) -> BrowserView:
    """Return what the browser shows of a report: its script, and the charts it fills."""
    drawn = {
        "trend": charts.empty_vega(trend_chart, words),
        "auth-trend": charts.empty_vega(auth_trend_chart, words),
        **{view.name: charts.empty_vega(view.draw, words) for view in VIEWS},
    }
    return BrowserView("report_screen.js", words, charts=drawn)
