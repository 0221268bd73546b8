"""Build the marts from everything that changed, audit them at three gates, promote them in one transaction.

Consumes: the asset `deliveries` (its key says why the run started; a build takes everything changed),
reference data, decisions on held deliveries; conf `as_of`.
Produces: `core`, `candidate`, `marts`, audit results; an event of the asset `review_marts` per period.
Skips when nothing changed. A delivery that fails a rule is held and costs only its own agency.
When it fails: the error names the rule and the place; the marts of the last good build go on being
served. Correct the data or the rule; the next event, or a run by hand, opens a new build.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from dags.shared import COMMON, DELIVERIES, MARTS, build_layer, gate, promote_or_skip, this_run

SCHEDULE = PartitionedAssetTimetable(assets=DELIVERIES)


@dag(dag_id="build_warehouse", schedule=SCHEDULE, tags=["cchc", "build"], doc_md=__doc__, **COMMON)
def build_warehouse():
    """One task per layer and gate."""

    @task.short_circuit
    def open_build(dag_run=None) -> int | None:
        """The new build's id, handed on from layer to layer; skips them all when nothing changed."""
        from warehouse import builds

        run = this_run(dag_run)
        return builds.open_build(run.settings, run.as_of, run.partition_key or "by hand", run.run_id)

    @task
    def audit_raw(build_id: int, dag_run=None) -> int:
        return gate(this_run(dag_run), build_id, "raw")

    @task
    def core(build_id: int, dag_run=None) -> int:
        return build_layer(this_run(dag_run), build_id, "core")

    @task
    def audit_core(build_id: int, dag_run=None) -> int:
        """A delivery held here takes its figures out of the facts, which are then audited again."""
        return gate(this_run(dag_run), build_id, "core", rebuild="core")

    @task
    def candidate(build_id: int, dag_run=None) -> int:
        return build_layer(this_run(dag_run), build_id, "candidate")

    @task
    def audit_candidate(build_id: int, dag_run=None) -> int:
        return gate(this_run(dag_run), build_id, "candidate")

    @task(outlets=[MARTS])
    def promote(build_id: int, dag_run=None, outlet_events=None) -> list[str]:
        """Periods whose figures changed, one event each."""
        periods = promote_or_skip(this_run(dag_run), build_id)
        outlet_events[MARTS].add_partitions(periods)
        return periods

    promote(audit_candidate(candidate(audit_core(core(audit_raw(open_build()))))))


build_warehouse()
