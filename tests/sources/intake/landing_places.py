"""Landing zones of three kinds for the tests, on 127.0.0.1: a folder, S3 (moto's server), SFTP (OpenSSH)."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import paramiko
import psutil
import pytest

from warehouse.settings import Settings

HOST = "127.0.0.1"
KINDS = ("folder", "s3", "sftp")
S3_SECRET = "moto-secret-that-nobody-may-see"
_SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Place:
    """A landing zone as its agencies see it. `folder`: where its files lie, for a folder and SFTP."""

    kind: str
    url: str
    options: dict[str, Any]
    folder: Path | None = None
    bucket: Any = None
    server: SshServer | None = None

    def settings(self, base: Settings, **more: object) -> Settings:
        """Settings that watch this place."""
        given = {**base.model_dump(), "landing_url": self.url, "landing_options": json.dumps(self.options)}
        return Settings(**{**given, **more})  # type: ignore[arg-type]

    def put(self, name: str, data: bytes) -> None:
        """An agency's file, whole at once."""
        if self.folder is None:
            self.bucket.put_object(Key=f"landing/{name}", Body=data)
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid4().hex}")
        draft.write_bytes(data)
        draft.rename(path)

    def names(self) -> set[str]:
        """What lies there now."""
        if self.folder is None:
            keys = {found.key.removeprefix("landing/") for found in self.bucket.objects.all()}
            return {key for key in keys if not key.endswith("/")}
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}

    def content(self, name: str) -> bytes:
        """The bytes of a file there."""
        if self.folder is None:
            return bytes(self.bucket.Object(f"landing/{name}").get()["Body"].read())
        return (self.folder / name).read_bytes()


@dataclass
class SshServer:
    """An OpenSSH server with a host key, a user's key and a configuration of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepare(cls, home: Path) -> SshServer:
        """Keys and configuration below `home`; nothing runs yet."""
        for name in ("host_key", "user_key", "other_key"):
            arguments = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(home / name)]
            subprocess.run(arguments, check=True)
        server = cls(home, _free_port())
        (home / "sshd_config").write_text(
            f"Port {server.port}\nListenAddress {HOST}\nHostKey {home}/host_key\nPidFile none\n"
            f"AuthorizedKeysFile {home}/user_key.pub\nPasswordAuthentication no\nUsePAM no\nStrictModes no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 100\n"
            "Subsystem sftp internal-sftp\nForceCommand internal-sftp\nAllowTcpForwarding no\n",
            encoding="ascii",
        )
        return server

    def start(self) -> None:
        """Listen, and return once it answers."""
        assert _SSHD is not None
        arguments = [_SSHD, "-D", "-e", "-f", str(self.home / "sshd_config")]
        with (self.home / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stderr=log)
        for _ in range(200):
            try:
                with socket.create_connection((HOST, self.port), timeout=1) as probe:
                    if probe.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.home / "sshd.log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Stop listening and cut every connection off."""
        if self.process is None:
            return
        for session in _children(self.process.pid):
            session.kill()
        self.process.kill()
        self.process.wait()
        self.process = None

    def cut_connections(self) -> None:
        """Cut every connection off; the server goes on listening."""
        assert self.process is not None
        for session in _children(self.process.pid):
            session.kill()

    def pause(self) -> None:
        """Say nothing any more, with every connection open."""
        assert self.process is not None
        for process in [self.process, *_children(self.process.pid)]:
            process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End the pause."""
        assert self.process is not None
        for process in [self.process, *_children(self.process.pid)]:
            process.send_signal(signal.SIGCONT)

    def public(self, name: str) -> str:
        """A public key as its file states it, without the comment."""
        return " ".join((self.home / f"{name}.pub").read_text(encoding="ascii").split()[:2])

    def options(self) -> dict[str, Any]:
        """What opens it."""
        return {"key_filename": str(self.home / "user_key"), "host_key": self.public("host_key")}

    @contextmanager
    def upload(self) -> Iterator[paramiko.SFTPClient]:
        """An agency's own connection."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self._known_hosts()))
        key = str(self.home / "user_key")
        client.connect(
            HOST, self.port, getpass.getuser(), key_filename=key, allow_agent=False, look_for_keys=False
        )
        try:
            yield client.open_sftp()
        finally:
            client.close()

    def _known_hosts(self) -> Path:
        path = self.home / "known_hosts"
        path.write_text(f"[{HOST}]:{self.port} {self.public('host_key')}\n", encoding="ascii")
        return path


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Address of an S3 server."""
    from moto.server import ThreadedMotoServer  # a second, which only these tests need

    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A running SSH server that tests may cut off, but not leave stopped."""
    if _SSHD is None:
        pytest.skip("openssh-server is not installed (.ci/run installs it where it may)")
    with _privilege_separation_folder():
        server = SshServer.prepare(tmp_path_factory.mktemp("sshd"))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def denying_endpoint() -> Iterator[str]:
    """Address of an S3 server that lets nobody do anything."""

    class Denying(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Denying) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()


@pytest.fixture
def make_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Place]:
    """Make an empty landing zone of a kind."""

    def make(kind: str) -> Place:
        if kind == "s3":
            return s3_place(request.getfixturevalue("s3_endpoint"))
        folder = tmp_path / f"zone-{kind}"
        folder.mkdir()
        if kind == "folder":
            return Place(kind, folder.as_uri(), {}, folder)
        server = request.getfixturevalue("ssh_server")
        url = f"sftp://{getpass.getuser()}@{HOST}:{server.port}{folder}"
        return Place(kind, url, server.options(), folder, server=server)

    return make


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, make_place: Callable[[str], Place]) -> Place:
    """An empty landing zone, of each kind in turn."""
    return make_place(request.param)


def s3_place(endpoint: str) -> Place:
    """An empty bucket of its own."""
    import boto3

    name = f"bucket-{uuid4().hex[:10]}"
    login = {"aws_access_key_id": "agency", "aws_secret_access_key": S3_SECRET, "region_name": "us-east-1"}
    bucket = boto3.resource("s3", endpoint_url=endpoint, **login).create_bucket(Bucket=name)
    options = {"endpoint_url": endpoint, "key": "intake", "secret": S3_SECRET}
    return Place("s3", f"s3://{name}/landing", options, bucket=bucket)


@contextmanager
def _privilege_separation_folder() -> Iterator[None]:
    """Where sshd, started by root, locks the part of it in that talks to strangers."""
    folder = Path("/run/sshd")
    is_missing = os.geteuid() == 0 and not folder.exists()
    if is_missing:
        folder.mkdir(mode=0o755)
    yield
    if is_missing:
        shutil.rmtree(folder, ignore_errors=True)


def _children(pid: int) -> list[Any]:
    return psutil.Process(pid).children(recursive=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
