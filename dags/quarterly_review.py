"""Draft the review of one period for its consolidating unit, from the promoted marts alone.

Consumes: the asset `review_marts`; period = partition key, else conf `period`.
Produces: `<output>/review/<unit>/<period>/review.xlsx` and `index.html`, both marked as a draft.
When it fails: the marts hold no such period (build first), or the output folder cannot be written.
Running it again writes the same pack.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from dags.common.run import COMMON, MARTS, ledger, this_run

SCHEDULE = PartitionedAssetTimetable(assets=MARTS)


@dag(dag_id="quarterly_review", schedule=SCHEDULE, tags=["cchc", "review"], doc_md=__doc__, **COMMON)
def quarterly_review():
    """One task: the draft."""

    @task
    def draft(dag_run=None) -> dict[str, str]:
        """Paths of the workbook and the page."""
        from review.pack import write_review

        run = this_run(dag_run)
        with ledger(run, "review"):
            pack = write_review(run.settings, run.period, run.settings.unit_code)
        return {"xlsx": str(pack.xlsx), "html": str(pack.html)}

    draft()


quarterly_review()
