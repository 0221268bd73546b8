"""Take in what landed: archive, read, load or hold each file; every minute, all files in one batch.

Consumes: files in the landing zone (conf `received_at`: when files of the past were received).
Produces: rows, held rows and findings in `raw`; an event of the asset `deliveries` per period touched.
Skips when nothing landed. One file's failure is a finding of that file and never another's.
When it fails: storage or database were out of reach (it retries, then the next minute tries again);
nothing is lost, since a file leaves the landing zone only after its bytes are archived.
"""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import COMMON, DELIVERIES, periods_read, this_run


@dag(dag_id="ingest_reports", schedule="* * * * *", tags=["cchc", "intake"], doc_md=__doc__, **COMMON)
def ingest_reports():
    """Read, then announce the periods."""

    @task
    def ingest(dag_run=None) -> int:
        """Number of deliveries read by this run, its earlier tries included."""
        from sources.ingest import ingest_landing

        run = this_run(dag_run)
        summary = ingest_landing(run.settings, run.run_id, run.received_at)
        if not summary.deliveries and not periods_read(run):
            raise AirflowSkipException("Nothing landed.")
        return len(summary.deliveries)

    @task(outlets=[DELIVERIES])
    def announce(dag_run=None, outlet_events=None) -> list[str]:
        """Emit one event per period that a delivery of this run touches."""
        periods = periods_read(this_run(dag_run))
        if not periods:
            raise AirflowSkipException("No delivery belongs to a period.")
        outlet_events[DELIVERIES].add_partitions(periods)
        return periods

    ingest() >> announce()


ingest_reports()
