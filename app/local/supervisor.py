"""The whole service on a laptop: PostgreSQL, sandbox clearinghouse, worker and API, in one terminal, until Ctrl-C.

It prepares a new data folder, waits until the service is ready and hands out a token for each role. It restarts nothing:
when a part ends, it says which, and ends the others.
"""

import contextlib
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from app.identity.development import DevelopmentIssuer
from app.local.binaries import ClusterError
from app.local.demonstration import tokens
from app.local.first_run import Stamp
from app.local.ports import PortRefused, Ports
from app.local.postgres import EmbeddedPostgres
from app.local.processes import ProcessEnded, ServiceProcess, stop_all

STOP_SECONDS = 10.0
READY_SECONDS = 60.0
_NOT_FOR_THE_SERVICE = {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"}


class ModeUnsaid(Exception):
    """A database that is not ours is not taken for a playground."""


class LocalService:
    """All parts of one laptop's service. `stop` ends whatever was started, in order."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        if "DATABASE_URL" in environ and "CROSSOVER_MODE" not in environ:
            raise ModeUnsaid(
                "DATABASE_URL names a server of its own, and CROSSOVER_MODE does not say what it is for. "
                "Set CROSSOVER_MODE=development to run the demonstration on it."
            )
        self.data_dir = Path(environ.get("CROSSOVER_DATA_DIR", ".crossover")).resolve()
        self.ports = Ports.read(environ)
        self._environ = {
            **environ,
            **self.ports.environment,
            "CROSSOVER_MODE": environ.get("CROSSOVER_MODE", "development"),
            "CROSSOVER_DATA_DIR": str(self.data_dir),
        }
        self._began = time.monotonic()
        self._postgres: EmbeddedPostgres | None = None
        self._setup: list[ServiceProcess] = []
        self._sandbox: list[ServiceProcess] = []
        self._service: list[ServiceProcess] = []

    def start(self) -> None:
        """Return when the service answers, with the tokens printed."""
        for port in self.ports.all:
            port.refuse_if_in_use()
        logs = self._make_folders()
        self._say(f"Data folder {_short(self.data_dir)}, with a log of every part in {_short(logs)}")
        self._say(f"Starting the sandbox clearinghouse on port {self.ports.sandbox.number}")
        state = str(self.data_dir / "sandbox")
        sandbox = ("app.cli", "sandbox", "--port", str(self.ports.sandbox.number), "--state-dir", state)
        self._sandbox.append(self._run("sandbox", *sandbox, env=self._environ))
        issuer = DevelopmentIssuer(self.data_dir / "identity")
        env = self._prepared_database()
        self._say(f"Starting the API on port {self.ports.api.number}")
        self._service.append(self._run("API", "app.cli", "api", env=env))
        self._wait_for("API", self._api_is_ready)
        self._say("The API is ready; starting the worker")  # not sooner: their imports would slow each other down
        self._service.append(self._run("worker", "app.cli", "worker", env=env))
        self._wait_for("worker", self.ports.worker_metrics.answers)
        self._wait_for("sandbox", self.ports.sandbox.answers)
        self._introduce(issuer)

    def watch(self) -> None:
        """Until a part ends or the person ends it."""
        while True:
            self._raise_if_ended()
            time.sleep(0.1)

    def stop(self) -> None:
        if self._service:
            self._say("Stopping the API and the worker")
        killed = stop_all((*self._service, *self._setup), seconds=STOP_SECONDS)
        killed += stop_all(self._sandbox, seconds=2.0)
        for name in killed:
            self._say(f"The {name} did not stop in time and was killed")
        if self._postgres is not None:
            self._say("Stopping PostgreSQL")
            self._postgres.stop()
        self._say("Stopped")

    def _make_folders(self) -> Path:
        logs = self.data_dir / "logs"
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs.mkdir(mode=0o700, exist_ok=True)
        return logs

    def _prepared_database(self) -> dict[str, str]:
        """The environment of API and worker, once the database it names is there and has its tables."""
        own = self._environ.get("DATABASE_URL")
        env = {name: value for name, value in self._environ.items() if name not in _NOT_FOR_THE_SERVICE}
        if own is None:
            return env | {"DATABASE_URL": self._embedded_database()}
        self._say("DATABASE_URL is set: using that server")
        if "DATABASE_OWNER_URL" in self._environ:
            self._first_run().tell(json.dumps(self._environ))
            self._wait_for_first_run()
        else:
            self._say("DATABASE_OWNER_URL is not set: the database must be prepared and migrated already")
        return env

    def _embedded_database(self) -> str:
        self._postgres = postgres = EmbeddedPostgres(self.data_dir / "postgres")
        stamp = Stamp(postgres.data_dir)
        setup = None if stamp.is_current() else self._first_run()
        self._say("Starting PostgreSQL" if postgres.exists else "Making a new PostgreSQL cluster")
        postgres.start()
        if setup is not None:
            urls = {
                "DATABASE_URL": postgres.app_url,
                "DATABASE_OWNER_URL": postgres.owner_url,
                "DATABASE_ADMIN_URL": postgres.superuser_url,
            }
            setup.tell(json.dumps({**self._environ, **urls}))
            self._wait_for_first_run()
            stamp.set()
        return postgres.app_url

    def _first_run(self) -> ServiceProcess:
        setup = self._run("first run", "app.local.first_run", env=self._environ, waits=True)
        self._setup.append(setup)
        return setup

    def _wait_for_first_run(self) -> None:
        self._say("Making roles, tables and the demonstration practice")
        (setup,) = self._setup
        if setup.wait() != 0:
            setup.raise_if_ended()

    def _wait_for(self, part: str, is_up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_up():
            self._raise_if_ended()
            if time.monotonic() > deadline:
                raise ProcessEnded(f"The {part} was not up in {READY_SECONDS:.0f} s; see its log")
            time.sleep(0.03)

    def _api_is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports.api.number, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _raise_if_ended(self) -> None:
        for process in (*self._sandbox, *self._service):
            process.raise_if_ended()
        if self._postgres is not None and self._postgres.pid is None:
            raise ProcessEnded(f"PostgreSQL ended; its log is {_short(self._postgres.log_file)}")

    def _introduce(self, issuer: DevelopmentIssuer) -> None:
        api, metrics, worker_metrics = (
            f"http://127.0.0.1:{port.number}"
            for port in (self.ports.api, self.ports.api_metrics, self.ports.worker_metrics)
        )
        self._say("Everything runs")
        print(f"\n  API pages  {api}/docs\n  Metrics    {metrics}/metrics  {worker_metrics}/metrics")
        print("\nA token for each role of the demonstration practice, good for 12 hours:\n")
        for role, token in tokens(issuer).items():
            print(f"  {role:<10} {token}\n")
        print("Stop with Ctrl-C.", flush=True)

    def _run(
        self, name: str, module: str, *arguments: str, env: Mapping[str, str], waits: bool = False
    ) -> ServiceProcess:
        log_file = self.data_dir / "logs" / f"{name.replace(' ', '-').lower()}.log"
        return ServiceProcess(name, (sys.executable, "-m", module, *arguments), env=env, log_file=log_file, waits=waits)

    def _say(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:5.1f} s  {text}", flush=True)


def run(environ: Mapping[str, str]) -> int:
    """Until Ctrl-C or SIGTERM (0) or until a part fails (1)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    service: LocalService | None = None
    code = 0
    try:
        service = LocalService(environ)
        service.start()
        service.watch()
    except KeyboardInterrupt:
        print(flush=True)
    except (ClusterError, ModeUnsaid, PortRefused, ProcessEnded, PermissionError) as error:
        print(f"\n{error}\n", file=sys.stderr, flush=True)
        code = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # impatience does not leave a database behind
        if service is not None:
            service.stop()
    return code


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


if __name__ == "__main__":
    sys.exit(run(os.environ))
