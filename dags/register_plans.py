"""Register agencies, calendar, fields, rules and plans as versions of reference data.

Consumes: the reviewed data files of `sources/` and `expectations/` (conf `plan`: that plan alone).
Produces: versions in `raw.ref_*`; content that is there already writes nothing.
When it fails: the error names file, line and field. Correct the data file and run again.
Run it by hand, after the data files changed; the next build takes the new versions.
"""

from airflow.sdk import dag, task

from dags.common.run import COMMON, ledger, this_run


@dag(dag_id="register_plans", schedule=None, tags=["cchc", "reference"], doc_md=__doc__, **COMMON)
def register_plans():
    """Reference data, then plans."""

    @task
    def reference(dag_run=None) -> dict[str, bool]:
        """Agencies, calendar, fields, areas, rules: true where the version is new."""
        from expectations.catalogue import load_rules
        from sources.catalogue import register_reference
        from sources.ingest import register_intake_rules

        run = this_run(dag_run)
        with ledger(run, "register_plans"):
            new = register_reference(run.settings, run.run_id) | load_rules(run.settings, run.run_id)
            return new | {"intake_rules": register_intake_rules(run.settings, run.run_id)}

    @task
    def plans(dag_run=None) -> dict[str, bool]:
        """Every plan of the catalogue, or the one that `conf.plan` names: true where the version is new."""
        from sources.catalogue import plan_codes, register_plan

        run = this_run(dag_run)
        wanted = [run.conf["plan"]] if run.conf.get("plan") else plan_codes()
        with ledger(run, "register_plans"):
            return {code: register_plan(run.settings, code, run.run_id) for code in wanted}

    reference() >> plans()


register_plans()
