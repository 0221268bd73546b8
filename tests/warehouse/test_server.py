"""The embedded server: passwords, loopback only, stale pid, taken port, killed and back."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator

import psutil
import pytest
import sqlalchemy as sa

from tests.conftest import own_home
from warehouse import server
from warehouse.errors import ServerError
from warehouse.settings import Settings


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A server home of the test's own, which it may kill."""
    with own_home(request.node.name[:20]) as home:
        yield Settings(home=home)


def _connects(url: sa.URL) -> bool:
    try:
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            return connection.scalar(sa.text("select true")) is True
    except sa.exc.OperationalError:
        return False


def test_start_is_idempotent_and_stop_says_whether_it_stopped(own: Settings) -> None:
    first = server.start(own)
    assert server.start(own) == first
    assert server.stop(own) is True
    assert server.stop(own) is False
    assert server.status(own) is None
    with pytest.raises(ServerError, match="cchc db start"):
        server.admin_url(own)


def test_nobody_gets_in_without_the_password(own: Settings) -> None:
    server.start(own)
    url = server.admin_url(own)
    assert _connects(url)
    assert not _connects(url.set(password="wrong"))
    assert not _connects(sa.URL.create(url.drivername, url.username, None, url.host, url.port, url.database))


def test_it_listens_on_loopback_only(own: Settings) -> None:
    info = server.start(own)
    processes = [psutil.Process(info.pid), *psutil.Process(info.pid).children(recursive=True)]
    listening = {c.laddr.ip for p in processes for c in p.net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_secrets_are_for_their_owner_only(own: Settings) -> None:
    server.start(own)
    files = [*own.secrets_dir.iterdir()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(own.secrets_dir.stat().st_mode) == 0o700


def test_killed_server_comes_back_with_its_committed_data(own: Settings) -> None:
    info = server.start(own)
    with sa.create_engine(server.admin_url(own), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("create table kept as select 7679 as number")
    children = psutil.Process(info.pid).children()
    os.kill(info.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(info.pid)] if psutil.pid_exists(info.pid) else [], timeout=20)
    psutil.wait_procs(children, timeout=20)
    assert server.start(own).pid != info.pid
    with sa.create_engine(server.admin_url(own), poolclass=sa.NullPool).connect() as connection:
        assert connection.scalar(sa.text("select number from kept")) == 7679


def test_stale_pid_of_another_program_does_not_stop_the_start(own: Settings) -> None:
    server.start(own)
    pid_file = own.home / "server" / "data" / "postmaster.pid"
    lines = pid_file.read_text(encoding="utf-8").splitlines()
    server.stop(own)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n", encoding="utf-8")
    assert server.status(own) is None
    assert server.start(own).pid != os.getpid()


def test_taken_port_means_another_port(own: Settings) -> None:
    port = server.start(own).port
    server.stop(own)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert server.start(own).port != port


def test_no_mode_outside_the_home_changes(own: Settings) -> None:
    before = {p: stat.S_IMODE(p.stat().st_mode) for p in own.home.parents}
    server.start(own)
    assert {p: stat.S_IMODE(p.stat().st_mode) for p in own.home.parents} == before
