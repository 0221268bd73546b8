"""Build the marts from everything that changed, audit them at three gates, promote them in one transaction.

Consumes: the asset `deliveries` (its key says why the run started; a build takes everything changed),
reference data, decisions on held deliveries; conf `as_of`.
Produces: `core`, `candidate`, `marts`, audit results; an event of the asset `review_marts` per period;
answers to the agencies of whose current reports the rules say something new.
Skips when nothing changed. A delivery that fails a rule is held and costs only its own agency.
When it fails: the error names the rule and the place; the marts of the last good build go on being
served. Correct the data or the rule; the next event, or a run by hand, opens a new build.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from dags.common.run import COMMON, DELIVERIES, MARTS, announce
from dags.common.steps import answer_agencies, audit_at, build_layer, compare, open_build, promote

SCHEDULE = PartitionedAssetTimetable(assets=DELIVERIES)


@dag(dag_id="build_warehouse", schedule=SCHEDULE, tags=["cchc", "build"], doc_md=__doc__, **COMMON)
def build_warehouse():
    """One task per layer and gate."""
    audit, build = task(audit_at), task(build_layer)

    opened = task.short_circuit(open_build)()
    raw = audit.override(task_id="audit_raw")(opened, "raw")
    core = build.override(task_id="core")(raw, "core")
    audited_core = audit.override(task_id="audit_core")(core, "core")
    candidate = build.override(task_id="candidate")(audited_core, "candidate")
    audited_candidate = audit.override(task_id="audit_candidate")(candidate, "candidate")
    promoted = task(promote)(task(compare)(audited_candidate))

    @task(outlets=[MARTS])
    def announce_periods(periods, outlet_events=None):
        announce(outlet_events, MARTS, periods, "No period's figures changed.")

    promoted >> task(task_id="answer")(answer_agencies)(after_build=True)
    announce_periods(promoted)


build_warehouse()
