"""A warehouse for mutated files, and the options that choose them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from sources.forms.content import form_content
from sources.forms.definition import FormDefinition, load_definition
from sources.forms.issue_workbook import write_workbook
from sources.forms.reference import Reference, load_reference
from sources.names import name_key
from tests.conftest import clone_settings
from tests.fuzz.books import read_book
from tests.fuzz.mutations import SENDERS, Base
from tests.sources.intake.conftest import AGENCIES, GOOD_EDITS, GOOD_INFO, fill, small_datasets
from warehouse import schema
from warehouse.engine import engine
from warehouse.reference import load_version
from warehouse.settings import Settings

SEED = 20230315
RESERVED = {"XX-P-98": "Ủy ban nhân dân phường Tốt", "XX-P-99": "Ủy ban nhân dân phường Lành"}
"""Agencies that no mutation names: their good reports must be accepted whatever lies beside them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-seed", type=int, default=SEED, help="seed of the mutated files")
    group.addoption(
        "--fuzz-count", type=int, default=None, help="how many mutated files, instead of the default"
    )
    group.addoption("--fuzz-case", type=int, default=None, help="only the case of this index, to replay it")


@dataclass(frozen=True)
class Choice:
    """Which cases are run."""

    seed: int
    count: int | None
    case: int | None

    def indices(self, default: int) -> list[int]:
        """Indices of the cases."""
        return list(range(self.count or default)) if self.case is None else [self.case]


@pytest.fixture(scope="session")
def choice(request: pytest.FixtureRequest) -> Choice:
    option = request.config.getoption
    return Choice(option("--fuzz-seed", SEED), option("--fuzz-count", None), option("--fuzz-case", None))


def _datasets() -> dict[str, dict[sa.Table, list[dict[str, Any]]]]:
    datasets = small_datasets()
    like = next(agency for agency in AGENCIES if agency["agency_key"] == 31)
    agencies = datasets["agencies"]
    for code, name in (RESERVED | SENDERS).items():
        key = int(code.rpartition("-")[2])
        changed = {"agency_key": key, "agency_code": code, "agency_name": name, "short_name": name}
        agencies[schema.ref_agency] = [*agencies[schema.ref_agency], like | changed]
        agencies[schema.ref_agency_name].append(
            {
                "agency_key": key,
                "name": name,
                "match_key": name_key(name),
                "name_kind": "official",
                "valid_from": like["valid_from"],
            }
        )
    return datasets


@pytest.fixture(scope="module")
def fuzzed(
    server_home: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A warehouse that knows the invented jurisdiction and the reserved agencies."""
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("fuzz")):
        with engine(settings, "loader").begin() as connection:
            for dataset, rows in _datasets().items():
                load_version(connection, dataset, rows, "test")
        yield settings


@pytest.fixture(scope="module")
def known(fuzzed: Settings) -> Reference:
    with engine(fuzzed, "loader").connect() as connection:
        return load_reference(connection)


@pytest.fixture(scope="module")
def report_of(known: Reference) -> Callable[[str, str], bytes]:
    """Make the good report of an agency and period."""
    form: FormDefinition = load_definition()

    def make(agency_code: str, period_id: str) -> bytes:
        period = known.periods[period_id]
        agency = next(a for a in known.agencies if a["agency_code"] == agency_code)
        issued = write_workbook(form, form_content(form, known, agency, period, period["closes_on"]))
        return fill(form, issued, GOOD_INFO, GOOD_EDITS if agency["agency_kind"] == "ward" else {})

    return make


@pytest.fixture(scope="module")
def bases(report_of: Callable[[str, str], bytes]) -> list[Base]:
    """Good reports that are mutated."""
    wanted = [(code, period) for code in ("XX-P-A", "XX-TCKH") for period in ("2023-Q1", "2023-H1", "2023-Y")]
    reports = [report_of(*one) for one in wanted]
    return [Base(report, read_book(report)) for report in reports]
