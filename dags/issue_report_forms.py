"""Open a period: write one prefilled workbook for each agency that owes its report.

Consumes: agencies, calendar and plans in `raw`; period = partition key, else conf `period`; conf `unit` =
code of the one unit to issue for (otherwise every unit whose round it is).
Produces: `<output>/forms/<period>/<agency>.xlsx`, and the opening in `raw.period_opened`.
When it fails: an unknown period or unit, or an empty catalogue, is named; run `register_plans` first. Running
it again writes the same forms.
"""

from airflow.sdk import PartitionedAtRuntime, dag, task

from dags.common.run import COMMON, ledger, this_run


@dag(
    dag_id="issue_report_forms",
    schedule=PartitionedAtRuntime(),
    tags=["cchc", "forms"],
    doc_md=__doc__,
    **COMMON,
)
def issue_report_forms():
    """One task: write the forms."""

    @task
    def issue(dag_run=None) -> int:
        """Number of workbooks written."""
        from sources.forms.issue import issue_forms

        run = this_run(dag_run)
        with ledger(run, "issue_forms"):
            return len(issue_forms(run.settings, run.period, run.run_id, run.as_of, run.conf.get("unit")))

    issue()


issue_report_forms()
