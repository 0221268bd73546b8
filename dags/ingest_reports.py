"""Take in what landed: archive, read, load or hold each file, answer its agency; every minute, in batches.

Consumes: files in the landing zone (conf `received_at`: when files of the past were received).
Produces: rows, held rows and findings in `raw`; for each delivery a receipt and a marked workbook at the
answers' place; an event of the asset `deliveries` per period touched, and one when decisions, reference data
or the day moved on since the newest build. Skips when nothing landed.
One file's failure is a finding of that file and never another's; one answer's failure delays that answer.
When it fails: storage or database were out of reach (it retries, then the next minute tries again);
nothing is lost, since a file leaves the landing zone only after its bytes are archived.
"""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.common.run import COMMON, DELIVERIES, announce, ledger, this_run
from dags.common.steps import answer_agencies, log_batch


@dag(dag_id="ingest_reports", schedule="* * * * *", tags=["cchc", "intake"], doc_md=__doc__, **COMMON)
def ingest_reports():
    """Read, then answer, and ask for a build whatever becomes of the answers."""

    @task
    def ingest(dag_run=None) -> int:
        """Number of deliveries that this run read, earlier tries of the task included."""
        from sources.intake.ingest import ingest_landing
        from warehouse.changes import deliveries_read

        run = this_run(dag_run)
        summary = ingest_landing(run.settings, run.run_id, run.received_at, log_batch)
        count = deliveries_read(run.settings, run.run_id)
        if not count and not summary.failed:
            raise AirflowSkipException("Nothing landed.")
        waiting = dict(list(summary.left.items())[:20])  # a sender can make a hundred thousand links
        with ledger(run, "ingest") as entry:
            entry.detail.update(deliveries=count, out_of_reach=summary.failed)
            entry.detail.update(waiting=waiting, waiting_in_all=len(summary.left))
        return count

    @task(outlets=[DELIVERIES], trigger_rule="none_failed")
    def ask_for_build(dag_run=None, outlet_events=None) -> None:
        """One event per period touched; also for what changed without a delivery since the newest build."""
        from warehouse.changes import reasons_to_build

        run = this_run(dag_run)
        reasons = reasons_to_build(run.settings, run.run_id)
        announce(outlet_events, DELIVERIES, reasons, "The newest build knows all there is.")

    ingest() >> [task(task_id="answer", trigger_rule="none_failed")(answer_agencies)(), ask_for_build()]


ingest_reports()
