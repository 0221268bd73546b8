"""All files of the catalogue, read and checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.agency_checks import check_agencies
from sources.catalogue.agency_folder import read_agency_folder
from sources.catalogue.calendar import Calendar, PeriodsFile, RoundsFile
from sources.catalogue.calendar_checks import check_periods, check_rounds, check_years_known
from sources.catalogue.days_off import DaysOffFile, WorkingDays, check_days_off
from sources.catalogue.field_checks import check_areas, check_fields
from sources.catalogue.fields import AreasFile, FieldsFile
from sources.catalogue.index_checks import check_indices
from sources.catalogue.indices import IndicesFile
from sources.catalogue.plan_checks import References, check_plan
from sources.catalogue.plans import PlanFile
from warehouse.data_files import MarkedFile, display_path, parse, read_marked, refuse
from warehouse.errors import UsageError

DATA_DIR = Path(__file__).parent.parent / "data"
REVIEW = "# REVIEW"
CALENDAR_FILES = ("calendar/periods", "calendar/days_off", "calendar/rounds")


@dataclass(frozen=True)
class Catalogue:
    """All reference files, checked against each other; plans by plan_code."""

    agencies: AgenciesFile
    calendar: Calendar
    fields: FieldsFile
    areas: AreasFile
    indices: IndicesFile
    plans: dict[str, PlanFile]

    def plan(self, plan_code: str) -> PlanFile:
        """A plan by its code; `UsageError` names the plans there are."""
        if plan_code not in self.plans:
            raise UsageError(f"unknown plan {plan_code!r}; the plans are: {', '.join(sorted(self.plans))}")
        return self.plans[plan_code]


def load_catalogue(data_dir: Path = DATA_DIR, candidate: Path | None = None) -> Catalogue:
    """Read and check every file of the catalogue; `DataFileError` holds every problem found.

    `candidate` is a plan file that lies elsewhere: it is checked as if it stood among the plans, in the
    place of the one with its name.
    """
    agency_folder = read_agency_folder(data_dir / "agencies")
    names = (*CALENDAR_FILES, "fields", "areas", "indices")
    files = {name: read_marked(data_dir / f"{name}.yml") for name in names}
    check_agencies(agency_folder)
    agencies = agency_folder.content() if not agency_folder.has_problems else None
    calendar = _calendar(files)
    fields = parse(files["fields"], FieldsFile)
    areas = parse(files["areas"], AreasFile)
    indices = parse(files["indices"], IndicesFile)
    plan_paths = {path.name: path for path in sorted((data_dir / "plans").glob("*.yml"))}
    if candidate is not None:
        plan_paths[candidate.name] = candidate
    plan_files = [read_marked(path) for path in plan_paths.values()]
    plans = [(marked, parse(marked, PlanFile)) for marked in plan_files]
    if agencies and calendar:
        files["calendar/rounds"].check(check_rounds(calendar, agencies))
    if areas:
        files["areas"].check(check_areas(areas))
    if agencies and fields:
        files["fields"].check(check_fields(fields, agencies))
    if agencies and indices:
        files["indices"].check(check_indices(indices, agencies.jurisdictions))
    if agencies and fields and areas and indices:
        _check_plans(plans, References.of(agencies, areas, fields, indices))
    for marked in plan_files:
        _check_reviewed(marked)
    refuse([*agency_folder.files, *files.values(), *plan_files])
    if not (agencies and calendar and fields and areas and indices):
        raise AssertionError("a file without a model has problems, and those were raised")
    by_code = {plan.plan.code: plan for _, plan in plans if plan}
    return Catalogue(agencies, calendar, fields, areas, indices, by_code)


def plan_codes(data_dir: Path = DATA_DIR) -> list[str]:
    """The codes of the plans in the catalogue, in order."""
    return sorted(path.stem for path in (data_dir / "plans").glob("*.yml"))


def _calendar(files: dict[str, MarkedFile]) -> Calendar | None:
    """The three files of the calendar, periods and days off checked; None where one has problems."""
    periods_file, days_file, rounds_file = (files[name] for name in CALENDAR_FILES)
    periods = parse(periods_file, PeriodsFile)
    days = parse(days_file, DaysOffFile)
    rounds = parse(rounds_file, RoundsFile)
    if periods:
        periods_file.check(check_periods(periods))
    if days:
        days_file.check(check_days_off(days))
    if periods and days:
        periods_file.check(check_years_known(periods, days))
    if not (periods and days and rounds):
        return None
    return Calendar(periods.all(), periods.review_day, rounds, WorkingDays.of(days))


def _check_plans(plans: list[tuple[MarkedFile, PlanFile | None]], references: References) -> None:
    for marked, plan in plans:
        if plan is not None:
            marked.check(check_plan(plan, marked.path.stem, references))


def _check_reviewed(marked: MarkedFile) -> None:
    """A draft is in force for nobody: every line that a machine marked for people has to be gone."""
    for number, line in enumerate(marked.text.splitlines(), start=1):
        if line.lstrip().startswith(REVIEW):
            left = line.lstrip().removeprefix(REVIEW).strip(": ")
            marked.problems.append(
                f"{display_path(marked.path)}:{number} (REVIEW): still to be decided: {left}"
            )
