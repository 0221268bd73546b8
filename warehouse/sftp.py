"""Files over SFTP for fsspec: only servers whose key is known, no link followed, nothing waits for ever.

fsspec's own SFTP takes any host key, follows links, stops at a name that is no UTF-8 and has no time limit on
what it reads. What the server does not answer becomes an OSError; the next call connects anew.
"""

from __future__ import annotations

import io
import os
import stat
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import paramiko
from fsspec import AbstractFileSystem
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from warehouse.errors import CchcError, UsageError

DEFAULT_PORT = 22
_CHUNK = 1 << 15  # what servers answer at most to one request
_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class SftpFileSystem(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of an SFTP server, over one connection that is opened when it is first needed.

    `host_key`: the server's public key, "ssh-ed25519 AAAA…", or a list of them; else `known_hosts` (a file)
    must hold it, by default ~/.ssh/known_hosts. `password`, `private_key` (its text) or `key_filename`, with
    `passphrase`, log in. `timeout`: seconds for connecting and for each answer.
    Raises CchcError for an unknown or changed host key and a refused login, OSError for what may pass.
    """

    cachable = False  # a connection is its owner's alone, and no forked child's

    def __init__(
        self,
        host: str,
        username: str | None = None,
        port: int = DEFAULT_PORT,
        password: str | None = None,
        private_key: str | None = None,
        key_filename: str | None = None,
        passphrase: str | None = None,
        host_key: str | list[str] | None = None,
        known_hosts: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        AbstractFileSystem.__init__(self)
        self.host, self.port, self._timeout = host, int(port), float(timeout)
        self._shown = f"{host}:{self.port}"
        self._login: dict[str, Any] = {
            "username": username,
            "password": password,
            "key_filename": key_filename,
        }
        self._login |= {"passphrase": passphrase, "pkey": _private_key(private_key, passphrase)}
        self._known_hosts = known_hosts
        self._host_keys = [host_key] if isinstance(host_key, str) else list(host_key or [])
        self._session: _Session | None = None

    @property
    def ftp(self) -> _Session:
        """The connection; a new one where there is none, or none any more."""
        if self._session is None or self._session.is_gone:
            self.close()
            self._session = self._connected()
        return self._session

    def close(self) -> None:
        """End the connection; the next call opens a new one."""
        if self._session is not None:
            self._session.end()
            self._session = None

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """What a folder holds, links as links. Names that would lead out of the folder are none."""
        folder = self._strip_protocol(path).rstrip("/")
        found = []
        for name, attributes in self.ftp.entries(folder or "/"):
            info = _info(attributes)
            info["name"] = f"{folder}/{name}"
            info["is_plain_name"] = "/" not in name and "\0" not in name and name != ""
            found.append(info)
        return found if detail else sorted(info["name"] for info in found)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size, type and time of what lies at a path: of a link itself, not of where it leads."""
        path = self._strip_protocol(path)
        return {**_info(self.ftp.lstat(path)), "name": path}

    def rm_file(self, path: str) -> None:
        """Remove one file."""
        self.ftp.remove(self._strip_protocol(path))

    def _open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        raw = _RemoteFile(self.ftp.open(path, mode), mode)
        return io.BufferedReader(raw, _CHUNK) if "r" in mode else io.BufferedWriter(raw, _CHUNK)

    def _connected(self) -> _Session:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self._learn_host_keys(client)
        try:
            client.connect(
                self.host,
                self.port,
                **self._login,
                timeout=self._timeout,
                banner_timeout=self._timeout,
                auth_timeout=self._timeout,
                channel_timeout=self._timeout,
                allow_agent=False,
                look_for_keys=False,
            )
            return _Session.over(client, self._timeout)
        except paramiko.BadHostKeyException as error:
            client.close()
            raise CchcError(
                f"The SFTP server {self._shown} shows another host key than the one that is known: it was "
                f"set up anew, or another machine answers in its place. Shown: {_words(error.key)}. Ask the "
                "server's administrator; only then put the new key in place of the old."
            ) from None
        except paramiko.AuthenticationException as error:
            client.close()
            raise CchcError(
                f"The SFTP server {self._shown} refuses the login of user {self._login['username']!r} "
                f"({error}). Check `username` and `password`, `private_key` or `key_filename` in the options."
            ) from None
        except paramiko.SSHException as error:
            client.close()
            if "not found in known_hosts" in str(error):
                raise CchcError(
                    f"The host key of the SFTP server {self._shown} is not known, so it is not trusted. Put "
                    "it into the options as `host_key` (what the server's administrator states; to compare: "
                    f"ssh-keyscan -p {self.port} {self.host}), or into the file that `known_hosts` names."
                ) from None
            raise ConnectionError(f"The SFTP server {self._shown} does not answer as one: {error}") from error
        except (OSError, EOFError) as error:
            client.close()
            raise ConnectionError(f"The SFTP server {self._shown} cannot be reached: {error}") from error

    def _learn_host_keys(self, client: paramiko.SSHClient) -> None:
        name = self.host if self.port == DEFAULT_PORT else f"[{self.host}]:{self.port}"
        for text in self._host_keys:
            try:
                entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{name} {text}")
            except (paramiko.hostkeys.InvalidHostKey, paramiko.SSHException):
                entry = None
            if entry is None or entry.key is None:
                raise UsageError(f"A `host_key` of {self._shown} is no public key: ssh-ed25519 AAAA…")
            client.get_host_keys().add(name, entry.key.get_name(), entry.key)
        if not self._host_keys:
            try:
                client.load_system_host_keys(self._known_hosts)
            except OSError as error:
                raise UsageError(f"`known_hosts` of {self._shown} cannot be read: {error}") from None


class _Session(paramiko.SFTPClient):
    """An SFTP session whose faults are OSErrors, and whose names may be any bytes."""

    _ssh: paramiko.SSHClient
    _request: Callable[..., tuple[int, paramiko.Message]]

    @classmethod
    def over(cls, client: paramiko.SSHClient, timeout: float) -> _Session:
        """A session of its own on a connected client."""
        transport = client.get_transport()
        assert transport is not None  # noqa: S101 (just connected)
        channel = transport.open_session(timeout=timeout)
        channel.settimeout(timeout)
        channel.invoke_subsystem("sftp")
        session = cls(channel)
        session._ssh = client
        # A forked child that ends must not end its parent's connection.
        weakref.finalize(session, _end, client, os.getpid())
        return session

    @property
    def is_gone(self) -> bool:
        """Whether the connection ended."""
        transport = self._ssh.get_transport()
        return self.sock.closed or transport is None or not transport.is_active()

    def end(self) -> None:
        """Close the connection."""
        self._ssh.close()

    def entries(self, folder: str) -> list[tuple[str, paramiko.SFTPAttributes]]:
        """Names and attributes in a folder; bytes of a name that are no UTF-8 become surrogates."""
        kind, message = self._request(CMD_OPENDIR, self._adjust_cwd(folder))
        if kind != CMD_HANDLE:
            raise ConnectionError("The SFTP server did not open a folder as asked.")
        handle = message.get_binary()
        found = []
        while True:
            try:
                kind, message = self._request(CMD_READDIR, handle)
            except EOFError:
                break  # how the end of a folder is told
            if kind != CMD_NAME:
                raise ConnectionError("The SFTP server did not list a folder as asked.")
            for _ in range(message.get_int()):
                name = message.get_string().decode("utf-8", "surrogateescape")
                message.get_string()  # the same in words
                attributes = paramiko.SFTPAttributes._from_msg(message)  # type: ignore[attr-defined]
                if name not in (".", ".."):
                    found.append((name, attributes))
        self._request(CMD_CLOSE, handle)
        return found

    def _adjust_cwd(self, path: Any) -> bytes:
        return path if isinstance(path, bytes) else str(path).encode("utf-8", "surrogateescape")

    def _async_request(self, *arguments: Any) -> Any:
        try:
            return super()._async_request(*arguments)  # type: ignore[misc]
        except Exception as error:
            raise self._lost(error) from error

    def _read_response(self, waitfor: Any = None) -> Any:
        try:
            return super()._read_response(waitfor)  # type: ignore[misc]
        except (EOFError, FileNotFoundError, PermissionError):
            raise  # an answer, not a fault
        except OSError as error:
            if not isinstance(error, TimeoutError | ConnectionError):
                raise
            raise self._lost(error) from error
        except Exception as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> OSError:
        # After a lost or late answer the next one could be taken for it: such a connection is not used again.
        self.end()
        told = str(error) or type(error).__name__
        return ConnectionError(f"The SFTP server went away or did not answer in time: {told}")


class _RemoteFile(io.RawIOBase):
    """A file of the server as Python's own streams want it."""

    def __init__(self, file: paramiko.SFTPFile, mode: str) -> None:
        super().__init__()
        self._file, self._mode = file, mode

    def readable(self) -> bool:
        return "r" in self._mode

    def writable(self) -> bool:
        return "r" not in self._mode

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), _CHUNK))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        self._file.write(bytes(data))
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        if not self.closed:
            try:
                self._file.close()
            finally:
                super().close()


def _end(client: paramiko.SSHClient, owner: int) -> None:
    if os.getpid() == owner:
        client.close()


def _info(attributes: paramiko.SFTPAttributes) -> dict[str, Any]:
    mode, moment = attributes.st_mode or 0, attributes.st_mtime
    kind = next(
        (name for name, fits in _TYPES.items() if fits(mode)), "other" if stat.S_IFMT(mode) else "file"
    )
    return {
        "size": attributes.st_size or 0,
        "type": kind,
        "islink": kind == "link",
        "mtime": datetime.fromtimestamp(moment, UTC) if moment is not None else None,
    }


_TYPES = {"file": stat.S_ISREG, "directory": stat.S_ISDIR, "link": stat.S_ISLNK}


def _private_key(text: str | None, passphrase: str | None) -> paramiko.PKey | None:
    if text is None:
        return None
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except (paramiko.SSHException, ValueError):
            continue  # another kind of key
    raise UsageError(
        "`private_key` is no private key that can be read (Ed25519, ECDSA or RSA; with `passphrase` where it "
        "has one)."
    )


def _words(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"
