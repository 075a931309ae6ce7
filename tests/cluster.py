"""PostgreSQL servers for the tests: one of their own for each test process, or one that somebody named."""

import base64
import hashlib
import hmac
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, unquote, urlsplit

import postgres
import psycopg
import pytest
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Identifier, Literal

SECONDS = 60.0
ATTEMPTS = 10
SUPERUSER = "postgres"
ROLE = "trunkline"
"""As whom the program under test connects: it owns its database and may do no more."""

PASSWORD = "p@ss:w/rd?#%25&"
"""Its signs have a meaning in URLs, so that each reader of one is tried as well."""

ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
INITDB = ("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
SETTINGS = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "log_line_prefix": "%m [%p] %d ",
    "max_connections": "200",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
}
"""What makes an empty server quick. What was committed survives that the server is killed, not that the machine is."""

DURABLE = {"fsync": "on", "full_page_writes": "on"}
"""The settings with which it survives that too, and is slow."""

WATCH = """
if read -r _; then exit; fi
server=$(head -n 1 data/postmaster.pid)
kill -s QUIT "$server"
for _ in 1 2 3 4 5 6 7 8 9; do kill -s 0 "$server" || break; sleep 1; done
rm -rf "$PWD"
"""
"""The script that ends a server, and removes its files, when the process of the tests is gone."""

PORTS = range(20_000, 32_000)
"""A client is given none of these, so that a port is still free when a server comes back to it."""


class Postgres:
    """A running server where the tests may create databases."""

    def __init__(self, url: str) -> None:
        self.url = url
        """As whom the tests prepare things: the superuser of a server of their own."""

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a new database for the program under test, which is removed at the end.

        It is empty, or a copy of the database at the URL `template`, to which nobody may be connected.
        """
        name = f"trunkline_{secrets.token_hex(6)}"
        with self.connected() as connection:
            create = SQL("CREATE DATABASE {}{}{}").format(
                Identifier(name), self._owner(), _copying(template, connection)
            )
            connection.execute(create)
        try:
            yield self._address(name)
        finally:
            with self.connected() as connection:
                connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    @contextmanager
    def connected(self, database: str | None = None) -> Iterator["psycopg.Connection[TupleRow]"]:
        """A connection to the database at a URL, or to none of the tests'; each statement is a transaction."""
        with closing(psycopg.connect(self.url, dbname=_name(database or self.url), autocommit=True)) as connection:
            yield connection

    def cut(self, database: str) -> int:
        """Ends all connections to the database at a URL, as an operator can; returns how many there were."""
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with self.connected() as connection:
            return len(connection.execute(statement, [_name(database)]).fetchall())

    def log(self) -> str:
        """What the server has told, where that can be known."""
        return ""

    def _owner(self) -> Composable:
        return SQL("")

    def _address(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()


class Cluster(Postgres):
    """A server of the tests' own, with its files in a temporary folder.

    It runs as somebody else where it has to, and does not outlive the process of the tests.
    """

    def __init__(self, programs: Path, settings: Mapping[str, str] | None = None) -> None:
        """`programs` is the folder of PostgreSQL's programs; `settings` go before those of the tests."""
        super().__init__("")
        self._identity = postgres.identity()
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-"))
        self._give(self.folder)
        self._settings = SETTINGS | {"unix_socket_directories": str(self.folder)} | dict(settings or {})
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        try:
            self._make()
            self._begin()
            with self.connected() as connection:
                role = SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(role.format(Identifier(ROLE), Literal(_verifier(PASSWORD))))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder)
        if self._watch is not None:
            self._watch.communicate(b"ended\n", SECONDS)

    def start(self) -> None:
        """Starts it where it was stopped or killed, on the same port."""
        deadline = time.monotonic() + SECONDS
        # The last processes of a killed server have its files in use until they notice.
        while not self._started():
            assert time.monotonic() < deadline, f"PostgreSQL did not start: {self.log()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stops it as an operator does: it ends all connections, and what they had not committed is undone."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Ends it as the system does when memory runs out: it has no chance to say or write anything."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops it and starts it again."""
        self.stop()
        self.start()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _make(self) -> None:
        """Makes the files of an empty server, and has somebody watch over them."""
        self._programs = self._reachable(self._programs)
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        self._give(secret)
        options = ["--pgdata", "data", "--username", SUPERUSER, "--pwfile", "secret", "--auth", "scram-sha-256"]
        done = self._launch(self._programs / "initdb", *options, *INITDB)
        said, _ = done.communicate(timeout=SECONDS)
        assert done.returncode == 0, f"PostgreSQL could not be set up: {said.decode()}"
        self._watch = self._launch("/bin/sh", "-c", WATCH, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _begin(self) -> None:
        """Starts it for the first time, on a port that is free."""
        for _ in range(ATTEMPTS):
            self.port = _free_port()
            self.url = self._url(SUPERUSER, "postgres")
            if self._started():
                return
        raise AssertionError(f"PostgreSQL did not start: {self.log()}")

    def _started(self) -> bool:
        """Whether it starts now, and then takes connections."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            server = self._launch(self._programs / "postgres", "-D", "data", "-p", self.port, *settings, stdout=log)
        self._process = server
        deadline = time.monotonic() + SECONDS
        while server.poll() is None:
            assert time.monotonic() < deadline, f"PostgreSQL is not ready: {self.log()}"
            if self._ready(server.pid):
                return True
            time.sleep(0.01)
        return False

    def _ready(self, pid: int) -> bool:
        """Whether the server of a process wrote that it is ready, as the last line of the file that says who it is."""
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return lines[:1] == [str(pid)] and lines[-1].strip() == "ready"

    def _end(self, signal_: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_)
            self._process.wait(SECONDS)
            self._process = None

    def _launch(
        self, *command: object, stdin: int = subprocess.DEVNULL, stdout: IO[bytes] | int = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        """Starts a program as whom the server is to run, apart from the signals of the terminal."""
        return subprocess.Popen(
            [str(part) for part in command],
            **self._identity,
            cwd=self.folder,
            env=ENVIRONMENT,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _give(self, path: Path) -> None:
        """Gives a file to whom the server is to run as."""
        if self._identity:
            os.chown(path, self._identity["user"], self._identity["group"], follow_symlinks=False)

    def _reachable(self, programs: Path) -> Path:
        """The programs, copied when they are where only oneself may look, as in the home of root."""
        if postgres.version(programs, self._identity):
            return programs
        root = postgres.OWN if programs.is_relative_to(postgres.OWN) else programs.parent
        copy = shutil.copytree(root, self.folder / "programs", symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            self._give(path)
        return copy / programs.relative_to(root)

    def _owner(self) -> Composable:
        return SQL(" OWNER {}").format(Identifier(ROLE))

    def _address(self, name: str) -> str:
        return self._url(ROLE, name)

    def _url(self, user: str, name: str) -> str:
        return f"postgresql://{user}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{name}"


def programs() -> Path:
    """The folder of PostgreSQL's programs; without them the test is skipped."""
    found = postgres.find()
    if found is None:
        pytest.skip(f"no PostgreSQL found: run tools/database.py, or name a server in {postgres.VARIABLE}")
    return found


def _copying(template: str | None, connection: "psycopg.Connection[TupleRow]") -> Composable:
    """The options that copy a database; copying its files is quicker than telling the journal all that is in them."""
    if template is None:
        return SQL("")
    quick = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
    return SQL(" TEMPLATE {}").format(Identifier(_name(template))) + SQL(quick)


def _verifier(password: str) -> str:
    """What the server keeps of a password (RFC 5803), mixed once, not 4096 times: each connection does it anew."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client, server = (hmac.digest(salted, text, "sha256") for text in (b"Client Key", b"Server Key"))
    told = (base64.b64encode(part).decode() for part in (salt, hashlib.sha256(client).digest(), server))
    return "SCRAM-SHA-256$1:{}${}:{}".format(*told)


def _name(url: str) -> str:
    """The name of the database at a URL."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def _free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) != 0:
                return port
