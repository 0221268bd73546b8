"""The command `cchc`: one step each, by hand, without a scheduler.

Exit codes: 0 done, 1 a gate of a build failed or a server is in the way, 2 wrong use.
"""

from __future__ import annotations

import sys
import traceback

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.markup import escape

from cli import agencies, build, db, deliveries, demo, forms, ingest, live, plans, review, status, trace
from warehouse.errors import CchcError

app = typer.Typer(
    name="cchc",
    help="The reporting warehouse of administrative reform (cải cách hành chính), by hand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("status")(status.status)
app.add_typer(db.app, name="db")
app.add_typer(plans.app, name="plans")
app.add_typer(agencies.app, name="agencies")
app.add_typer(forms.app, name="forms")
app.add_typer(deliveries.app, name="deliveries")
app.command("ingest")(ingest.ingest)
app.command("build")(build.build)
app.command("review")(review.review)
app.command("trace")(trace.trace)
app.command("demo")(demo.demo)
app.add_typer(live.app, name="live")


def run() -> None:
    """Entry point: errors that people can act on are printed without a traceback."""
    errors = Console(stderr=True, highlight=False)
    try:
        app()  # ends with SystemExit; wrong options and arguments are its own to explain, with exit 2
    except CchcError as error:
        errors.print("[bold red]cchc:[/]", escape(str(error)), soft_wrap=True)
        sys.exit(error.exit_code)
    except sa.exc.OperationalError as error:
        reason = escape(str(error.orig))
        errors.print("[bold red]cchc:[/] no answer from the warehouse:", reason, soft_wrap=True)
        errors.print(
            "Start its server with: cchc db start. Set it up, or bring it up to date, with: cchc db migrate"
        )
        sys.exit(1)
    except Exception:
        traceback.print_exc()  # ours to mend: Airflow, once imported, would print it as one line of JSON
        sys.exit(1)
