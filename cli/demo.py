"""`cchc demo`: a whole synthetic year through the DAGs, time played forward, and what came of it.

Everything is SYNTHETIC: the figures follow from `sources/synthetic/scenario_2023.yml`. A second run presents
the same arrivals, which the ledger knows; the figures are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich import box
from rich.table import Table

from cli import live
from cli.dag_run import run_dag
from cli.output import console
from sources.synthetic.generate import Generator
from sources.synthetic.scenario import Round, Scenario, load_scenario
from warehouse import migrate
from warehouse.airflow_env import prepare_metadata
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import delivery
from warehouse.settings import PROJECT_ROOT, Settings, get_settings, remember

ON_TIME_QUERY = """\
select sum(resolved_in_time) as in_time, sum(resolved_total_computed) as resolved,
       round(sum(resolved_in_time)::numeric / sum(resolved_total_computed), 4) as on_time_rate
from marts.review_dossier where unit_code = 'BT' and period_id = '2023-Q1'"""
"""The district's on-time rate of the first quarter, from counts."""

_SUMMARY = sa.text("select * from marts.review_city where unit_code = :unit order by period_order")


def demo() -> None:
    """Play the SYNTHETIC year 2023 of quận Bình Tân through the DAGs and print what came of it."""
    run_demo(get_settings())


def run_demo(settings: Settings) -> list[dict[str, Any]]:
    """Play the year and print its summary. Returns the rows of marts.review_city, in the order of periods.

    Raises UsageError where live components run, or the warehouse holds deliveries that are not the demo's.
    """
    scenario = load_scenario()
    if running := live.running(settings):
        raise UsageError(
            f"The demo plays time forward and must have the warehouse to itself, but these run: "
            f"{', '.join(map(str, running))}. End them with: make down"
        )
    steps = _Steps()
    console.print(f"[bold]SYNTHETIC DATA[/] · {scenario.label}")
    console.print(f"Year {scenario.year} of quận Bình Tân, through the Airflow DAGs, time played forward.\n")
    with steps.timed("server", "embedded PostgreSQL, the warehouse's schema, Airflow's own database"):
        prepare_metadata(settings)
        migrate.migrate(settings)
    _refuse_other_data(settings, scenario)
    remember(settings, data_label=scenario.label)
    # nothing is still on its way here: the year's damaged file is refused in the round in which it comes
    patience = {"unfinished_wait_seconds": 0.0}
    settings = settings.model_copy(update={"data_label": scenario.label, **patience})

    with steps.timed("plan", "register_plans") as line:
        run_dag(settings, "register_plans", {"as_of": scenario.rounds[0].opened_at.isoformat()})
        line.text = "register_plans: reference data, rules and every plan of the catalogue"
    generator = Generator.of(settings, scenario)
    _refuse_other_files(settings, generator)
    for reporting_round in scenario.rounds:
        _play(settings, generator, reporting_round, steps)

    rows = _summary_rows(settings)
    _print_summary(rows)
    _print_next(settings, scenario, steps)
    return rows


@dataclass
class _Line:
    text: str


@dataclass
class _Steps:
    """Prints one line a step, with its seconds."""

    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def timed(self, what: str, text: str) -> Iterator[_Line]:
        line, begun = _Line(text), time.monotonic()
        with console.status(f"{what}: {text}"):
            yield line
        console.print(f"  {what:<8} {line.text:<62} {time.monotonic() - begun:5.1f} s", soft_wrap=True)

    @property
    def total(self) -> float:
        return time.monotonic() - self.started


def _refuse_other_data(settings: Settings, scenario: Scenario) -> None:
    if settings.data_label == scenario.label:
        return
    if found := _deliveries(settings):
        raise UsageError(
            f"The warehouse of {settings.home} holds deliveries that are not the demo's ({found}): synthetic "
            "figures would mix with them. Give the demo a home of its own: CCHC_HOME=<folder> make demo"
        )


def _refuse_other_files(settings: Settings, generator: Generator) -> None:
    ours = {file.name for played in generator.scenario.rounds for file in generator.files(played)}
    waiting = {path.name for path in _landing_folder(settings).glob("**/*") if path.is_file()}
    if strangers := sorted(name for name in waiting - ours if not name.startswith(".")):
        raise UsageError(
            f"The landing zone {settings.landing_url} holds files that are not the demo's: "
            f"{', '.join(strangers)}. They would be taken in as files of 2023. Move them away, or give the "
            "demo a home of its own: CCHC_HOME=<folder> make demo"
        )


def _deliveries(settings: Settings) -> int:
    """How many deliveries the ledger holds."""
    with engine(settings, "loader").connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(delivery)) or 0


def _play(settings: Settings, generator: Generator, reporting_round: Round, steps: _Steps) -> None:
    """One reporting period: forms out, waves in, build, review."""
    period = reporting_round.period

    def dag(dag_id: str, **conf: str) -> dict[str, Any]:
        return dict(run_dag(settings, dag_id, conf)["returned"])

    with steps.timed(period, "issue_report_forms") as line:
        issued = dag("issue_report_forms", period=period, as_of=reporting_round.opened_at.isoformat())
        line.text = f"issue_report_forms: {issued['issue']} prefilled workbooks"
    for wave in reporting_round.waves:
        with steps.timed(period, f"ingest_reports of {wave.received_at:%d/%m}") as line:
            paths = generator.write_wave(reporting_round, wave, _landing_folder(settings))
            known = _deliveries(settings)
            dag("ingest_reports", received_at=wave.received_at.isoformat())
            line.text = (
                f"ingest_reports, {wave.received_at:%d/%m/%Y %H:%M}: synthetic files {len(paths)}, "
                f"new {_deliveries(settings) - known}"
            )
    as_of = reporting_round.review_at.isoformat()
    with steps.timed(period, "build_warehouse") as line:
        returned = dag("build_warehouse", as_of=as_of)
        promoted = returned.get("promote")
        line.text = f"build_warehouse as of {reporting_round.review_at:%d/%m/%Y %H:%M}: " + (
            f"promoted {', '.join(promoted)}" if promoted else "nothing to promote"
        )
    with steps.timed(period, "quarterly_review") as line:
        pack = dag("quarterly_review", period=period, as_of=as_of)["draft"]
        line.text = f"quarterly_review: {_shown(Path(pack['html']))}"


def _landing_folder(settings: Settings) -> Path:
    """The landing zone as a folder. Raises UsageError where it is no folder of this machine."""
    if settings.landing_folder is None:
        raise UsageError(
            f"The demo drops files into a local folder, but the landing zone is {settings.landing_url}."
        )
    return settings.landing_folder


def _summary_rows(settings: Settings) -> list[dict[str, Any]]:
    with engine(settings, "bi").connect() as connection:
        return [dict(row) for row in connection.execute(_SUMMARY, {"unit": settings.unit_code}).mappings()]


_Cell = Callable[[dict[str, Any]], str]
_TABLES: dict[str, dict[str, _Cell]] = {
    "reports and tasks": {
        "reports\nin": lambda r: f"{r['agencies_received']} / {r['agencies_expected']}",
        "\non time": lambda r: str(r["agencies_on_time"]),
        "\nlate": lambda r: str(r["agencies_late"]),
        "\nmissing": lambda r: str(r["agencies_missing"]),
        "\nheld": lambda r: str(r["agencies_held"]),
        "tasks\ndone": lambda r: f"{r['tasks_done']} / {r['tasks_total']}",
        "\noverdue": lambda r: str(r["tasks_overdue"]),
        "obligations\ndone late": lambda r: str(r["obligations_done_late"]),
    },
    "targets and dossiers": {
        "targets\nmet": lambda r: str(r["targets_met"]),
        "\nmissed": lambda r: str(r["targets_missed"]),
        "no\ndata": lambda r: str(r["targets_no_data"]),
        "not ap-\nplicable": lambda r: str(r["targets_not_applicable"]),
        "no\nnumber": lambda r: str(r["targets_not_measurable"]),
        "dossiers on time / resolved": lambda r: _rate(
            r["dossiers_resolved_in_time"], r["dossiers_resolved_total"]
        ),
    },
}
"""The summary: two tables that fit a terminal of 80 columns."""


def _rate(above: int | None, below: int | None) -> str:
    if not below:
        return "–"
    return f"{above:,} / {below:,} = {100 * (above or 0) / below:.2f} %"


def _print_summary(rows: list[dict[str, Any]]) -> None:
    for title, columns in _TABLES.items():
        table = Table(
            title=f"SYNTHETIC · quận Bình Tân 2023: {title}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        table.add_column("\nperiod", no_wrap=True)
        for heading in columns:
            table.add_column(heading, justify="right", no_wrap=True)
        for row in rows:
            if not row["is_derived"]:
                table.add_row(row["period_id"], *(cell(row) for cell in columns.values()))
        console.print()
        console.print(table)
    for row in rows:
        if row["is_derived"]:
            rate = _rate(row["dossiers_resolved_in_time"], row["dossiers_resolved_total"])
            console.print(
                f"{row['period_id']}, derived from {row['dossier_agencies_covered']} agencies: {rate}"
            )


def _print_next(settings: Settings, scenario: Scenario, steps: _Steps) -> None:
    review = settings.output_dir / "review" / settings.unit_code
    page = _shown(review / scenario.rounds[-1].period / "index.html")
    for line in (
        "",
        f"Reviews (SYNTHETIC), a page and a workbook each: {page} and its neighbours",
        "Query the marts, read-only, with .venv/bin/cchc db psql --role bi; the district's first quarter:",
        "",
        f"{ON_TIME_QUERY};",
        "",
        "Where things stand: .venv/bin/cchc status. Go live on this SYNTHETIC warehouse: make up",
        "The database server keeps running; stop it with .venv/bin/cchc db stop",
        f"Done in {steps.total:.0f} s. All figures are SYNTHETIC.",
    ):
        console.print(line, soft_wrap=True, markup=False)


def _shown(path: Path) -> str:
    """A path as the reader would type it from the project's folder."""
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)
