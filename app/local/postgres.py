"""A real PostgreSQL of our own in a folder: started, stopped and never left behind. For laptops and tests.

It makes no database, role or table of the service; `crossover database prepare` does. It listens on a Unix socket only.
The folder holds `cluster/` (PostgreSQL's own), `sockets/`, `credentials.json`, `server.log` and `lock`.
"""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from app.local.accounts import Account, server_account
from app.local.binaries import Binaries, ClusterError, find_binaries
from app.local.cluster import Cluster, environment, last_lines
from app.local.credentials import APP, OWNER, SUPERUSER, Credentials
from app.local.lifeline import call_off, tie, watch_by_pipe
from app.local.occupancy import Occupancy

__all__ = ["ClusterError", "EmbeddedPostgres"]

DATABASE = "crossover"
_SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103  # sun_path of unix(7), less its NUL
_LOG_LIMIT = 5 * 1024 * 1024


class EmbeddedPostgres:
    """One PostgreSQL server in `data_dir`. Start it from the main thread: on Linux it ends when its starter does.

    `fsync=False` is for tests: a crash of the machine, not of the server, may then cost the cluster. `pg_bin` defaults to the environment's
    PG_BIN. Addresses hold passwords: never print them.
    """

    port = 5432  # only part of the socket's name: nothing listens on the network

    def __init__(
        self, data_dir: Path, *, fsync: bool = True, pg_bin: str | None = None, start_timeout: float = 300.0
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.socket_dir = _socket_dir(self.data_dir)
        self.log_file = self.data_dir / "server.log"
        self._passwords_file = self.data_dir / "credentials.json"
        self._cluster = Cluster(self.data_dir / "cluster")
        self._fsync = fsync
        self._pg_bin = pg_bin
        self._start_timeout = start_timeout  # long: recovery after a crash is part of a start
        self._server: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._occupancy: Occupancy | None = None
        self._credentials: Credentials | None = None

    def password(self, role: str) -> str:
        """Of the superuser, `crossover_owner` or `crossover_app`; known once the folder was started the first time."""
        if self._credentials is None:
            self._credentials = Credentials.read(self._passwords_file)
        return self._credentials.passwords[role]

    def dsn(self, role: str, password: str, database: str) -> str:
        """For asyncpg and libpq."""
        place = f"host={quote(str(self.socket_dir), safe='/')}&port={self.port}"
        return f"postgresql://{quote(role, safe='')}:{quote(password, safe='')}@/{quote(database, safe='')}?{place}"

    def url(self, role: str, password: str, database: str) -> str:
        """For SQLAlchemy."""
        return self.dsn(role, password, database).replace("postgresql://", "postgresql+asyncpg://", 1)

    @property
    def superuser_dsn(self) -> str:
        return self.dsn(SUPERUSER, self.password(SUPERUSER), "postgres")

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, self.password(SUPERUSER), "postgres")

    @property
    def owner_url(self) -> str:
        return self.url(OWNER, self.password(OWNER), DATABASE)

    @property
    def app_url(self) -> str:
        return self.url(APP, self.password(APP), DATABASE)

    @property
    def exists(self) -> bool:
        """Whether there is a cluster in the folder already."""
        return self._cluster.exists

    @property
    def pid(self) -> int | None:
        """The server's process number while it runs."""
        return self._server.pid if self._server is not None and self._server.poll() is None else None

    def start(self) -> None:
        """Return when the server takes connections. Makes the cluster on first use."""
        if self.pid is not None:
            return
        binaries = find_binaries(self._pg_bin)
        self._cluster.refuse_another_major(binaries)
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        account = server_account(self.data_dir, binaries)
        self.data_dir.chmod(0o700)
        self._let_go()  # of a server that died under us
        self._occupancy = Occupancy.take(self.data_dir / "lock", self._cluster.end_orphan)
        try:
            self._prepare(binaries, account)
            self._run(binaries, account, self._occupancy)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every session and shut down cleanly; harmless when nothing runs."""
        if self._server is not None:
            # Fast, then immediate shutdown: PostgreSQL, "Shutting Down the Server"
            for number, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                self._server.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._server.wait(patience)
                    break
        if self.socket_dir.parent != self.data_dir:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()
        self._let_go()

    def _let_go(self) -> None:
        self._server = None
        if self._watcher is not None:
            call_off(self._watcher)
            self._watcher = None
        if self._occupancy is not None:
            self._occupancy.release()
            self._occupancy = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self, binaries: Binaries, account: Account) -> None:
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        found = self.socket_dir.lstat()
        if self.socket_dir.is_symlink() or found.st_uid not in {os.geteuid(), account.uid} or found.st_mode & 0o077:
            raise ClusterError(f"{self.socket_dir} is not a folder that only this account can enter.")
        account.own(self.socket_dir)
        if self._cluster.exists:
            self._credentials = Credentials.read(self._passwords_file)
            if self._cluster.folder.stat().st_uid != account.uid:
                account.own_tree(self.data_dir)
            self._cluster.remove_stale_pid_file()
            (self.socket_dir / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)  # names the same process
        else:
            self._credentials = Credentials.create(self._passwords_file, account)
            self._cluster.make(binaries, account, self.password(SUPERUSER), fsync=self._fsync)

    def _run(self, binaries: Binaries, account: Account, occupancy: Occupancy) -> None:
        tied = tie(signal.SIGINT)
        too_long = self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT
        with os.fdopen(os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            if too_long:
                log.truncate(0)
            account.own(self.log_file)
            self._server = subprocess.Popen(
                (*account.prefix, *tied, binaries.postgres, "-D", str(self._cluster.folder), *self._options()),
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # the terminal's Ctrl-C is for the starter, which stops the database last
                pass_fds=(occupancy.descriptor,),
                **account.identity,
            )
        if not tied:
            self._watcher = watch_by_pipe(self._server.pid, signal.SIGINT)
        self._wait_until_ready(self._server)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": str(self.port),
            "unix_socket_directories": f'"{self.socket_dir}"',
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # The values of a refused row and the text of a failed statement can be a patient's: they stay out of the log.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        if not self._fsync:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_timeout
        while not self._cluster.is_ready(server.pid):
            if server.poll() is not None:
                raise ClusterError(f"PostgreSQL ended at once ({server.returncode}): {self._log_tail()}")
            if time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL was not ready in {self._start_timeout:.0f} s: {self._log_tail()}")
            time.sleep(0.005)

    def _log_tail(self) -> str:
        return last_lines(self.log_file.read_text(encoding="utf-8", errors="replace"))


def _socket_dir(data_dir: Path) -> Path:
    """Inside the data folder, or, where its path is too long or too odd for a socket, a short one named after it."""
    own = data_dir / "sockets"
    longest = own / ".s.PGSQL.5432"
    if len(os.fsencode(longest)) <= _SOCKET_PATH_LIMIT and re.fullmatch(r"[\w./ @+=-]+", str(own), re.ASCII):
        return own
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp", f"crossover-{mark}")  # noqa: S108 - 0700, and checked to be so
