"""The page `index.html`: one file, no address outside itself, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from review import charts, display, wording
from review.draft import Draft
from review.tables import Chart, Column, Table

TEMPLATES = Path(__file__).parent / "templates"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")

SHORT_TEXT = 16
"""Words this short stand beside figures on a narrow screen."""
_WEIGHTS = {
    "count": 11,
    "score": 11,
    "ratio": 15,
    "measured": 19,
    "share": 15,
    "day": 16,
    "moment": 16,
    "state": 32,
    "file": 10,
}
LONG_COUNTS = 13
LONG_TEXT = 220
"""A longer text is shown by its beginning; a click shows the rest."""

_NUMERIC = {"count", "score", "ratio", "measured", "share", "day", "moment", "file"}


def _finalize(value: Any) -> Any:
    """Every value on its way to the page; what is not markup of ours is text without control characters."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) else display.clean(value)


def _draw(chart: Chart) -> Markup:
    return Markup(charts.svg(chart))  # noqa: S704 - drawn by the library, which escapes the labels it is given


def _slashed(text: str) -> Markup:
    """Counts too long for a narrow column may break behind the stroke, never inside a number."""
    stroke = Markup("/<wbr>") if len(text) > LONG_COUNTS else Markup("/")
    return stroke.join(text.split("/"))


def _cell_class(column: Column) -> str:
    short = " short" if column.kind == "text" and column.width <= SHORT_TEXT else ""
    return f"c-{column.kind}{short}" + (" num" if column.kind in _NUMERIC else "")


def _shares(columns: list[Column]) -> list[str]:
    """The widths of a table's columns on the page, in percent of the whole."""
    weights = [_WEIGHTS.get(column.kind, column.width) for column in columns]
    return [f"{100 * weight / sum(weights):.2f}%" for weight in weights]


def _shown_rows(table: Table) -> list[dict[str, Any]]:
    return list(table.rows[: table.limit] if table.limit else table.rows)


def environment() -> Environment:
    """The template environment: escapes everything, refuses names that are not there."""
    built = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.filters |= {
        "number": display.number,
        "trimmed": display.trimmed,
        "percent": display.percent,
        "counts": display.counts,
        "measured": display.measured,
        "behind": display.behind,
        "day": display.day,
        "moment": display.moment,
        "cell_class": _cell_class,
        "shown_rows": _shown_rows,
        "shares": _shares,
        "slashed": _slashed,
    }
    built.globals |= {
        "draw": _draw,
        "legend": charts.legend,
        "described": charts.described,
        "state": wording.state,
        "GUIDE": wording.GUIDE,
        "VOCABULARIES": wording.VOCABULARIES,
        "VOCABULARY_TITLES": wording.VOCABULARY_TITLES,
        "COLOURS": charts.COLOURS,
        "NOTHING": display.NOTHING,
        "LONG": LONG_TEXT,
        "ROMAN": ROMAN,
    }
    return built


def render(draft: Draft) -> str:
    """The whole page as text.

    A content security policy forbids every load and every script but the page's own, named by its hash:
    should a text slip through unescaped, it still could not run.
    """
    templates = environment()
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    style = templates.get_template("style.css.j2").render()
    return templates.get_template("page.html.j2").render(
        heading=draft.heading,
        figures=draft.figures,
        points=draft.points,
        course=draft.course,
        chapters=draft.chapters,
        evidence=draft.evidence,
        style=Markup(style),  # noqa: S704 - our own style sheet
        script=Markup(script),  # noqa: S704 - our own script
        script_hash=f"sha256-{digest}",
    )
