"""What no schema can say about a plan: references to other files, dates, measures that fit their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.codes import known
from sources.catalogue.fields import AreasFile, FieldsFile
from sources.catalogue.indices import IndicesFile
from sources.catalogue.plans import Deadline, Member, Obligation, PlanFile, Target, Task
from warehouse.data_files import Place, Problem, duplicates

MEASURES = {
    "dossier": {"on_time", "late", "apology"},
    "satisfaction": {"satisfied", "satisfied_service", "satisfied_public_service"},
    "feedback": {"feedback_answered", "feedback_published"},
}
LAST_MONTH = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}


@dataclass(frozen=True)
class References:
    """Codes of the other files that a plan may name; `parents` those above an agency or collective, ever."""

    agencies: set[str]
    consolidating: set[str]
    collectives: set[str]
    areas: set[str]
    field_groups: set[str]
    jurisdictions: set[str]
    indices: set[tuple[str, int]]
    parents: dict[str, set[str]]

    @classmethod
    def of(
        cls, agencies: AgenciesFile, areas: AreasFile, fields: FieldsFile, indices: IndicesFile
    ) -> References:
        """Collect the codes of the reference files."""
        parents: dict[str, set[str]] = defaultdict(set)
        for agency in agencies.agencies:
            parents[agency.code] |= {agency.parent} if agency.parent else set()
        for collective in agencies.collectives:
            parents[collective.code].add(collective.parent)
        return cls(
            agencies={agency.code for agency in agencies.agencies if agency.key != 0},
            consolidating={agency.code for agency in agencies.agencies if agency.consolidates},
            collectives={collective.code for collective in agencies.collectives},
            areas={area.code for area in areas.areas},
            field_groups={item.group for item in fields.fields if item.group},
            jurisdictions=agencies.jurisdictions,
            indices=indices.codes(),
            parents=dict(parents),
        )

    def above(self, code: str) -> set[str]:
        """An agency itself and every agency that was ever above it."""
        found: set[str] = set()
        reached = {code}
        while reached:
            found |= reached
            reached = {parent for of in reached for parent in self.parents.get(of, ())} - found
        return found

    def is_foreign(self, code: str, unit: str) -> bool:
        """Whether an agency, or what a collective is taken from, is neither below a unit nor above it."""
        places = self.parents.get(code, set()) if code in self.collectives else {code}
        return not any(unit in self.above(place) or place in self.above(unit) for place in places)


def check_plan(file: PlanFile, file_stem: str, refs: References) -> Iterator[Problem]:
    """Every problem of a plan file that its schema lets through."""
    head = file.plan
    if head.code != file_stem:
        yield ("plan", "code"), f"is {head.code!r}, the file is named {file_stem}"
    if head.jurisdiction not in refs.jurisdictions:
        message = f"unknown jurisdiction {head.jurisdiction!r} {known(refs.jurisdictions)}"
        yield ("plan", "jurisdiction"), message
    if head.unit not in refs.consolidating:
        yield (
            ("plan", "unit"),
            f"unknown consolidating agency {head.unit!r} {known(refs.consolidating, head.unit)}",
        )
    if head.years.last < head.years.first:
        yield ("plan", "years", "to"), f"lies before {head.years.first}"
    yield from duplicates(head.areas, lambda part: part.group, ("plan", "areas"), "group")
    for number, part in enumerate(head.areas):
        if part.area not in refs.areas:
            yield ("plan", "areas", number, "area"), f"unknown area {part.area!r} {known(refs.areas)}"
    for name, deadline in file.deadlines.items():
        yield from _check_deadline(deadline, file, ("deadlines", name))
    yield from duplicates(file.tasks, lambda task: task.stt, ("tasks",), "stt")
    for number, task in enumerate(file.tasks):
        yield from _check_task(task, file, refs, ("tasks", number))
    yield from _check_keys(file)
    for number, target in enumerate(file.targets):
        yield from _check_target(target, file, refs, ("targets", number))
    for number, finding in enumerate(file.findings):
        places: list[tuple[Place, str]] = [
            (("findings", number, "at", item), cited) for item, cited in enumerate(finding.at)
        ]
        yield from _check_cited_rows(places, file)


# ---------------------------------------------------------------- tasks
def _check_task(task: Task, file: PlanFile, refs: References, place: Place) -> Iterator[Problem]:
    yield from _check_area(task.area, task.citation, file, refs, place)
    yield from _check_not_cut(task, ("label",), place)
    yield from _check_members(task.leads, refs, (*place, "leads"))
    yield from _check_leads(task.leads, file.plan.unit, refs, (*place, "leads"))
    yield from _check_members(task.cooperating, refs, (*place, "cooperating"))
    yield from _check_members(task.implementing, refs, (*place, "implementing"))
    for number, member in enumerate(task.leads):
        if task.kind != "standing" and member.body is not None and member.reported_by is None:
            message = "a body that leads needs `reported_by`, or nobody would owe the task"
            yield (*place, "leads", number), message
    if task.deadline.own is not None:
        yield from _check_deadline(task.deadline.own, file, (*place, "deadline"))
    elif task.deadline.shared not in file.deadlines:
        yield (*place, "deadline"), f"unknown reading {task.deadline.shared!r} {known(file.deadlines)}"


def _check_members(members: list[Member], refs: References, place: Place) -> Iterator[Problem]:
    yield from duplicates(members, lambda member: member.code or member.body, place, "member")
    for number, member in enumerate(members):
        if member.code is not None and member.code not in refs.agencies | refs.collectives:
            message = f"unknown agency {member.code!r} {known(refs.agencies | refs.collectives, member.code)}"
            yield (*place, number), message
        if member.reported_by is not None and member.reported_by not in refs.agencies:
            message = f"unknown agency {member.reported_by!r} {known(refs.agencies, member.reported_by)}"
            yield (*place, number, "reported_by"), message


def _check_leads(leads: list[Member], unit: str, refs: References, place: Place) -> Iterator[Problem]:
    """A plan binds its own unit, those below it and, as it cites them, those above: others only cooperate."""
    if unit not in refs.consolidating:
        return
    for number, member in enumerate(leads):
        code = member.code or member.reported_by
        if code is not None and code in refs.agencies | refs.collectives and refs.is_foreign(code, unit):
            field = (number,) if member.code else (number, "reported_by")
            message = f"{code} is neither below {unit}, the plan's unit, nor above it: it may cooperate"
            yield (*place, *field), f"{message}, not lead"


def _check_not_cut(item: Task | Target, names: tuple[str, ...], place: Place) -> Iterator[Problem]:
    """A draft cuts long sentences; a catalogue has labels in our own words."""
    for name in names:
        if (getattr(item, name) or "").endswith(("…", "...")):
            yield (*place, name), "is cut: write it out in your own words"


def _check_deadline(deadline: Deadline, file: PlanFile, place: Place) -> Iterator[Problem]:
    for number, obligation in enumerate(deadline.obligations):
        yield from _check_obligation(obligation, file, (*place, "obligations", number))


def _check_obligation(obligation: Obligation, file: PlanFile, place: Place) -> Iterator[Problem]:
    years = file.plan.years
    if obligation.year is not None and obligation.due is not None:
        yield (*place, "year"), "goes without `due`, which says the year"
    if not years.first <= (obligation.year or years.first) <= years.last:
        message = f"{obligation.year} lies outside the plan's years {years.first}-{years.last}"
        yield (*place, "year"), message
    if obligation.kind in ("on_event", "external", "ongoing", "standing"):
        if obligation.due is not None:
            yield (*place, "due"), f"an obligation of kind {obligation.kind} has no date of its own"
        return
    if obligation.due is None:
        yield place, f"an obligation of kind {obligation.kind} needs `due`"
        return
    if not years.first <= obligation.due.year <= years.last:
        yield (*place, "due"), f"{obligation.due} lies outside the plan's years {years.first}-{years.last}"
    if (obligation.kind == "recurring") != (obligation.quarter is not None):
        yield place, "`quarter` belongs to obligations of kind recurring, and each of those needs it"
    elif obligation.quarter is not None:
        month, day = LAST_MONTH[obligation.quarter]
        end = date(obligation.due.year, month, day)
        if obligation.due > end or (end.month - obligation.due.month) > 2:
            yield (*place, "due"), f"{obligation.due} lies outside calendar quarter {obligation.quarter}"


def _check_area(
    area: str | None, citation: str, file: PlanFile, refs: References, place: Place
) -> Iterator[Problem]:
    if area is not None and area not in refs.areas:
        yield (*place, "area"), f"unknown area {area!r} {known(refs.areas)}"
    elif area is None and file.area_of(citation) is None:
        groups = known(part.group for part in file.plan.areas)
        yield place, f"no part of plan.areas takes {citation!r} {groups}, and it gives no `area` of its own"


# ---------------------------------------------------------------- targets
def _check_keys(file: PlanFile) -> Iterator[Problem]:
    seen: dict[tuple[str, int], int] = {}
    for number, target in enumerate(file.targets):
        for year in file.values_by_year(target):
            first = seen.setdefault((target.code, year), number)
            if first != number:
                message = f"code and year {target.code!r}, {year} are those of item [{first}]"
                yield ("targets", number, "code"), message


def _check_target(target: Target, file: PlanFile, refs: References, place: Place) -> Iterator[Problem]:
    years = file.plan.years
    given = [name for name in ("year", "years", "by_year") if getattr(target, name) is not None]
    if len(given) > 1:
        yield (*place, given[1]), f"goes without {given[0]!r}: give one of year, years, by_year"
    elif not given and years.first != years.last:
        yield place, "a plan of several years needs `year`, `years` or `by_year` on every target"
    if target.by_year is not None and target.value is not None:
        yield (*place, "value"), "goes without `by_year`, which holds a value for each year"
    for year in file.values_by_year(target):
        if not years.first <= year <= years.last:
            message = f"{year} lies outside the plan's years {years.first}-{years.last}"
            yield (*place, given[0] if given else "code"), message
    yield from _check_area(target.area, target.citation, file, refs, place)
    yield from _check_not_cut(target, ("label", "numerator", "denominator"), place)
    yield from _check_target_references(target, file, refs, place)
    yield from _check_override(target, file, place)
    yield from _check_measure(target, place)
    yield from _check_citations(target, file, place)
    yield from _check_reporter(target, file, refs, place)


def _check_target_references(
    target: Target, file: PlanFile, refs: References, place: Place
) -> Iterator[Problem]:
    codes = {other.code for other in file.targets}
    for name in ("parent", "overrides"):
        other = getattr(target, name)
        if other == target.code:
            yield (*place, name), "names the target itself"
        elif other is not None and other not in codes:
            yield (*place, name), f"unknown target {other!r} {known(codes)}"
    for name in ("field_groups", "excluded_field_groups"):
        for number, group in enumerate(getattr(target, name) or []):
            if group not in refs.field_groups:
                yield (*place, name, number), f"no field of fields.yml is in the group {group!r}"
    for name in ("only_agencies", "excluded_agencies"):
        for number, code in enumerate(getattr(target, name) or []):
            if code not in refs.agencies:
                yield (*place, name, number), f"unknown agency {code!r} {known(refs.agencies, code)}"


def _check_override(target: Target, file: PlanFile, place: Place) -> Iterator[Problem]:
    """What overrides a target for every field takes its place, so it has to measure the same."""
    general = [other for other in file.targets if other.code == target.overrides]
    same = [other for other in general if (other.fed_by, other.measure) == (target.fed_by, target.measure)]
    if general and not same and not target.field_groups:
        message = f"takes the place of {target.overrides} in every field, yet measures something else"
        yield (
            (*place, "overrides"),
            f"{message} (fed_by, measure): say for which `field_groups`, or leave it out",
        )


def _check_measure(target: Target, place: Place) -> Iterator[Problem]:
    if target.is_measurable != (target.comparator != "none"):
        yield (*place, "comparator"), "is none where, and only where, `unmeasurable` says why"
    if target.is_measurable and target.value is None and target.by_year is None:
        yield (*place, "comparator"), f"{target.comparator} needs `value`"
    if (target.comparator == "range") != (target.high is not None):
        yield (*place, "comparator"), "`high` belongs to a range, and a range needs it"
    if target.high is not None and target.value is not None and target.high < target.value:
        yield (*place, "high"), f"lies below `value` {target.value}"
    if target.is_measurable != (target.roll_up != "none"):
        yield (*place, "roll_up"), "is none where, and only where, `unmeasurable` says why"
    fitting = MEASURES.get(target.fed_by)
    if fitting is None and target.measure is not None:
        yield (*place, "measure"), f"does not go with fed_by {target.fed_by}"
    if fitting is not None and target.measure not in fitting:
        yield (*place, "fed_by"), f"{target.fed_by} needs a `measure` {known(fitting)}"
    if target.is_measurable and target.fed_by == "none":
        yield (*place, "fed_by"), "a measurable target needs a source of figures"
    counted = target.is_measurable and target.fed_by != "external"
    if counted and target.unit.startswith(("percent", "count")) and target.numerator is None:
        yield place, "a target that is counted says what: `numerator`"
    if counted and target.unit.startswith("percent") and target.denominator is None:
        yield place, "a target in percent says what is counted below: `denominator`"
    if target.index is not None and target.fed_by != "external":
        yield (*place, "index"), "belongs to targets that are fed by external"
    if target.is_measurable and target.fed_by == "external" and target.index is None:
        yield (*place, "fed_by"), "a measurable target that is fed by external needs `index`"
    if (target.quantifier == "every_field") != (target.scope == "field"):
        yield (*place, "quantifier"), "every_field and the scope field go together"


def _check_citations(target: Target, file: PlanFile, place: Place) -> Iterator[Problem]:
    places: list[tuple[Place, str]] = [((*place, "citation"), target.citation)]
    places += [((*place, "also_cited", number), cited) for number, cited in enumerate(target.also_cited)]
    places += [
        ((*place, "restated", number, "citation"), again.citation)
        for number, again in enumerate(target.restated)
    ]
    yield from _check_cited_rows(places, file)
    if target.code.removesuffix(f".{target.code[-1]}") != target.citation and target.code != target.citation:
        yield (
            (*place, "citation"),
            f"the code {target.code} does not follow from the section {target.citation}",
        )


def _check_cited_rows(places: list[tuple[Place, str]], file: PlanFile) -> Iterator[Problem]:
    rows = {task.citation for task in file.tasks}
    for where, cited in places:
        if cited.startswith("PL") and cited not in rows:
            yield where, f"{cited!r} is no task of this plan"


def _check_reporter(target: Target, file: PlanFile, refs: References, place: Place) -> Iterator[Problem]:
    if target.index is not None and (target.index.code, target.index.content) not in refs.indices:
        listed = known(f"{code} {content}" for code, content in refs.indices)
        yield (
            (*place, "index"),
            f"unknown index {target.index.code!r}, content {target.index.content} {listed}",
        )
    if target.fed_by in ("external", "none") and target.reported_by is None:
        return
    if target.reported_by is None:
        yield place, "says which agency or collective reports it: `reported_by`"
        return
    if target.reported_by not in refs.agencies | refs.collectives:
        listed = known(refs.agencies | refs.collectives, target.reported_by)
        message = f"unknown agency {target.reported_by!r} {listed}"
        yield (*place, "reported_by"), message
    if target.roll_up == "own" and target.reported_by in refs.collectives:
        yield (*place, "roll_up"), "own needs one agency that reports, not a collective"
    if target.reporter_task is None:
        return
    tasks = {task.stt: task for task in file.tasks}
    task = tasks.get(target.reporter_task)
    if task is None:
        yield (*place, "reporter_task"), f"unknown task {target.reporter_task!r}"
    elif target.reported_by not in {member.code or member.reported_by for member in task.leads}:
        message = f"{target.reported_by} does not lead task {task.stt}: leave it out, and it is assumed"
        yield (*place, "reporter_task"), message
