"""Charts of the page: stacked bars as SVG, drawn by Altair through vl-convert, without a browser."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

import altair as alt
import vl_convert

from review.display import clean, number
from review.tables import Chart

COLOURS = {
    "good": "#1f6fb2",
    "soft": "#8fc0e8",
    "warn": "#e8b23a",
    "bad": "#b8430f",
    "idle": "#c3c9d1",
    "none": "#8b94a0",
}
"""Told apart without red or green, and in grey print by their order and their numbers."""
ON_DARK = {"good", "bad", "none"}
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

_LABEL_WIDTH, _BAR_WIDTH, _BAND = 150, 270, 34
_SMALLEST_LABELLED = 0.07  # a shorter piece has no room for its number; the table beside it has the figure
_NAMESPACES = re.compile(r' xmlns(:xlink)?="[^"]*"| version="1\.1"')
_CLIP = re.compile(r"\bclip\d+\b")


def _pieces(chart: Chart) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Bars cut into pieces with their ends worked out, the totals at their ends, and the longest total."""
    totals = [sum(counts[place] for _, _, counts in chart.series) for place in range(len(chart.categories))]
    longest = max(totals, default=0) or 1
    pieces = []
    for place in range(len(chart.categories)):
        start = 0
        for name, tone, counts in chart.series:
            count = counts[place]
            if not count:
                continue
            roomy = count / longest >= _SMALLEST_LABELLED
            pieces.append(
                {
                    "row": str(place),
                    "start": start,
                    "end": start + count,
                    "middle": start + count / 2,
                    "name": name,
                    "fill": COLOURS[tone],
                    "ink": "#ffffff" if tone in ON_DARK else "#1b232c",
                    "shown": number(count) if roomy else "",
                }
            )
            start += count
    ends = [{"row": str(place), "end": sum_, "shown": number(sum_)} for place, sum_ in enumerate(totals)]
    return pieces, ends, longest


def _axis_labels(chart: Chart) -> str:
    """A Vega expression that puts each bar's wrapped name in the place of its number."""
    lines = ["\n".join(textwrap.wrap(clean(name), 24)[:3]) or "–" for name in chart.categories]
    return f"split({json.dumps(lines)}[toNumber(datum.value)], '\\n')"


def svg(chart: Chart) -> str:
    """One chart as an SVG element that can stand inside an HTML page. Equal charts give equal text."""
    pieces, ends, longest = _pieces(chart)
    rows = [str(place) for place in range(len(chart.categories))]
    height = _BAND * max(len(rows), 1)
    y = alt.Y(
        "row:N",
        sort=rows,
        scale=alt.Scale(domain=rows, paddingInner=0.28, paddingOuter=0.1),
        axis=alt.Axis(
            title=None,
            labelExpr=_axis_labels(chart),
            labelLimit=_LABEL_WIDTH,
            labelFontSize=12,
            labelColor="#1b232c",
            minExtent=_LABEL_WIDTH,
            maxExtent=_LABEL_WIDTH,
            ticks=False,
            domain=False,
            labelPadding=8,
        ),
    )
    scale = alt.Scale(domain=[0, longest * 1.12], nice=False)
    bars = (
        alt.Chart(alt.InlineData(values=pieces))
        .mark_bar(stroke="#ffffff", strokeWidth=1)
        .encode(
            x=alt.X("start:Q", scale=scale, axis=None),
            x2="end:Q",
            y=y,
            color=alt.Color("fill:N", scale=None, legend=None),
        )
    )
    inside = (
        alt.Chart(alt.InlineData(values=[piece for piece in pieces if piece["shown"]]))
        .mark_text(fontSize=12)
        .encode(
            x=alt.X("middle:Q", scale=scale),
            y=y,
            text="shown:N",
            color=alt.Color("ink:N", scale=None, legend=None),
        )
    )
    after = (
        alt.Chart(alt.InlineData(values=ends))
        .mark_text(align="left", dx=5, fontSize=12, fontWeight="bold", color="#1b232c")
        .encode(x=alt.X("end:Q", scale=scale), y=y, text="shown:N")
    )
    picture = (
        alt.layer(bars, inside, after)
        .properties(width=_BAR_WIDTH, height=height, padding=2, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
    )
    drawn = _NAMESPACES.sub("", vl_convert.vegalite_to_svg(picture.to_dict()))
    names: dict[str, str] = {}
    # The converter numbers clip paths from the start of the process; two runs must give the same page.
    return _CLIP.sub(lambda found: names.setdefault(found[0], f"{chart.key}-clip{len(names)}"), drawn)


def legend(chart: Chart) -> list[tuple[str, str]]:
    """(name, tone) of the series that occur in the chart."""
    return [(name, tone) for name, tone, counts in chart.series if any(counts)]


def described(chart: Chart) -> str:
    """The chart in words, for those who hear the page."""
    parts = []
    for place, category in enumerate(chart.categories):
        said = ", ".join(
            f"{name} {number(counts[place])}" for name, _, counts in chart.series if counts[place]
        )
        parts.append(f"{category}: {said or 'không có'}")
    return f"{chart.title}. " + "; ".join(parts) + "."
