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
    """One task: all is checked before anything is written."""

    @task
    def register(dag_run=None) -> dict[str, bool]:
        """By data set (all plans, or the one that `conf.plan` names): true where the version is new."""
        from expectations.catalogue import load_rules
        from sources.catalogue import register_catalogue
        from sources.intake.ingest import register_intake_rules

        run = this_run(dag_run)
        wanted = [run.conf["plan"]] if run.conf.get("plan") else None
        with ledger(run, "register_plans"):
            new = register_catalogue(run.settings, run.run_id, wanted)
            new |= {"intake_rules": register_intake_rules(run.settings, run.run_id)}
            return new | load_rules(run.settings, run.run_id)

    register()


register_plans()
