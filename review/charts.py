"""Charts of the page: stacked bars as SVG, drawn by Altair through vl-convert, without a browser."""

from __future__ import annotations

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

_LABEL_WIDTH, _BAR_WIDTH, _BAND, _LINE = 150, 222, 36, 15
_LABEL_CHARACTERS = 18
_INK = "#1b232c"
_NAMESPACES = re.compile(r' xmlns(:xlink)?="[^"]*"| version="1\.1"')
_CLIP = re.compile(r"\bclip\d+\b")


def _text_width(count: int) -> float:
    """Room in pixels that a number needs; a piece without it shows none, the table beside has the figure."""
    return 8.0 * len(number(count)) + 4


def _pieces(chart: Chart) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Bars cut into pieces with their ends worked out, the totals at their ends, and the scale's end."""
    bars = [[counts[place] for _, _, counts in chart.series] for place in range(len(chart.categories))]
    drawn = [sum(count for count in bar if count > 0) for bar in bars]
    longest = max(drawn, default=0) or 1
    extent = longest * _BAR_WIDTH / (_BAR_WIDTH - _text_width(longest) - 8)
    pieces = []
    for place in range(len(chart.categories)):
        start = 0
        for name, tone, counts in chart.series:
            count = counts[place]
            if count <= 0:  # a derived count below zero has no length; the total and the table have it
                continue
            roomy = _text_width(count) < count / extent * _BAR_WIDTH
            pieces.append(
                {
                    "row": str(place),
                    "start": start,
                    "end": start + count,
                    "middle": start + count / 2,
                    "name": name,
                    "fill": COLOURS[tone],
                    "ink": "#ffffff" if tone in ON_DARK else _INK,
                    "shown": number(count) if roomy else "",
                }
            )
            start += count
    ends = [
        {"row": str(place), "end": end, "shown": number(sum(bar))}
        for place, (end, bar) in enumerate(zip(drawn, bars, strict=True))
    ]
    return pieces, ends, extent


def _short(name: str) -> str:
    return name.replace("Ủy ban nhân dân", "UBND")


def _labels(chart: Chart) -> list[dict[str, Any]]:
    """The bars' names cut into lines that fit beside them."""
    wrapped = [
        textwrap.wrap(_short(clean(name)), _LABEL_CHARACTERS, max_lines=3, placeholder="…") or ["–"]
        for name in chart.categories
    ]
    return [{"row": str(place), "lines": lines, "count": len(lines)} for place, lines in enumerate(wrapped)]


def svg(chart: Chart) -> str:
    """One chart as an SVG element that can stand inside an HTML page. Equal charts give equal text."""
    pieces, ends, extent = _pieces(chart)
    labels = _labels(chart)
    rows = [label["row"] for label in labels]
    band = _BAND + _LINE * (max((label["count"] for label in labels), default=1) > 2)
    y = alt.Y(
        "row:N", sort=rows, axis=None, scale=alt.Scale(domain=rows, paddingInner=0.28, paddingOuter=0.1)
    )
    scale = alt.Scale(domain=[0, extent], nice=False)
    ink = {"fontSize": 13, "baseline": "middle", "color": _INK}
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
        .mark_text(fontSize=13)
        .encode(
            x=alt.X("middle:Q", scale=scale),
            y=y,
            text="shown:N",
            color=alt.Color("ink:N", scale=None, legend=None),
        )
    )
    after = (
        alt.Chart(alt.InlineData(values=ends))
        .mark_text(align="left", dx=5, fontWeight="bold", **ink)
        .encode(x=alt.X("end:Q", scale=scale), y=y, text="shown:N")
    )
    # Several lines hang from the first one: each count of lines is lifted by half its height.
    names = [
        alt.Chart(alt.InlineData(values=[label for label in labels if label["count"] == count]))
        .mark_text(align="right", dx=-8, dy=-(count - 1) * _LINE / 2, lineHeight=_LINE, **ink)
        .encode(x=alt.datum(0, type="quantitative", scale=scale), y=y, text="lines:N")
        for count in sorted({label["count"] for label in labels})
    ]
    picture = (
        alt.layer(bars, inside, after, *names)
        .properties(
            width=_BAR_WIDTH,
            height=band * max(len(rows), 1),
            padding={"left": _LABEL_WIDTH, "right": 6, "top": 2, "bottom": 2},
            autosize="none",
            background="transparent",
        )
        .configure(font=FONT)
        .configure_view(stroke=None)
    )
    drawn = _NAMESPACES.sub("", vl_convert.vegalite_to_svg(picture.to_dict()))
    clips: dict[str, str] = {}
    # The converter numbers clip paths from the start of the process; two runs must give the same page.
    return _CLIP.sub(lambda found: clips.setdefault(found[0], f"{chart.key}-clip{len(clips)}"), drawn)


def legend(chart: Chart) -> list[tuple[str, str]]:
    """(name, tone) of the series that occur in the chart; none where every bar is named for its series."""
    if chart.names_its_bars:
        return []
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
