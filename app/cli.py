"""The command line: `crossover COMMAND`, each with --help. Exit code 0, or 1 with one line that says why."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    run: Run | None = getattr(chosen, "run", None)
    if run is None:
        parser.print_help()
        return 2
    from app.settings import SettingsRefused

    try:
        return run(chosen)
    except SettingsRefused as refused:
        for problem in refused.problems:
            print(f"crossover: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crossover", description="Coordination of benefits for outpatient practices.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add(commands, "api", "serve the HTTP API", _api)
    _add(commands, "worker", "take jobs and do them", _worker)
    sandbox = _add(commands, "sandbox", "serve the sandbox clearinghouse, for development only", _sandbox)
    sandbox.add_argument("--host", default="127.0.0.1")
    sandbox.add_argument("--port", type=int, default=8100)
    sandbox.add_argument("--state-dir", default=".crossover/sandbox", help="where its ledger survives a restart")
    sandbox.add_argument("--members", default=None, help="a members file other than the one it ships with")
    sandbox.add_argument("--payer-seconds", type=float, default=1, help="how long its payers take for each answer")
    sandbox.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    _add_database(commands)
    _add_practice(commands)
    _add_payers(commands)
    _add_inbound(commands)
    _add_token(commands)
    _add_openapi(commands)
    _add(commands, "seed", "load the payer directory and the demonstration practice, for development only", _seed)
    _add(commands, "run", "everything at once on this machine, for development", _run)
    _add(commands, "demo", "walk through the service over HTTP and print each step", _demo)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, run: Run
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _add_database(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    database = commands.add_parser("database", help="prepare and migrate the database")
    verbs = database.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(verbs, "prepare", "make roles, database and grants as far as they are missing", _database_prepare)
    _add(verbs, "migrate", "bring the schema to this version, one process at a time", _database_migrate)
    _add(verbs, "check-drift", "compare a freshly migrated database with the code's tables", _database_check_drift)


def _add_practice(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    practice = commands.add_parser("practice", help="practices are made here, never by the API")
    verbs = practice.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = _add(verbs, "create", "make a practice with keys of its own and print its id", _practice_create)
    create.add_argument("--name", required=True)
    create.add_argument("--npi", required=True)
    create.add_argument("--time-zone", required=True, help="an IANA name, such as America/Denver")
    create.add_argument("--production", action="store_true", help="its claims go to real payers; test otherwise")


def _add_payers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    payers = commands.add_parser("payers", help="the payer directory, the same for all practices")
    verbs = payers.add_subparsers(title="commands", metavar="COMMAND", required=True)
    load = _add(verbs, "load", "add payers and their profiles from files, or bring them up to date", _payers_load)
    load.add_argument("--payers", required=True, metavar="FILE", help="CSV with the columns of app/local/payers.csv")
    load.add_argument("--profiles", required=True, metavar="FILE", help="CSV, as app/local/payer_profiles.csv")


def _add_inbound(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    inbound = commands.add_parser("inbound", help="what the clearinghouse brought and no practice has")
    verbs = inbound.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(verbs, "list", "the documents that wait for an operator: id, kind, state, why, since when", _inbound_list)
    retry = _add(verbs, "retry", "fetch, read and route such a document once more", _inbound_retry)
    retry.add_argument("document", help="its id, as the list shows it")


def _add_token(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    token = _add(commands, "token", "mint a development token (production refuses its issuer)", _token)
    token.add_argument("role", choices=["patient", "clinician", "biller", "admin", "partner", "ops"])
    token.add_argument("--subject", default=None)
    token.add_argument("--practice", default=None, help="the practice's id; the demonstration practice by default")
    token.add_argument("--patient", default=None, help="the patient's id, for the patient role")
    token.add_argument("--scope", action="append", default=[], help="a partner's scope; may be repeated")


def _add_openapi(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    openapi = commands.add_parser("openapi", help="the API's document")
    verbs = openapi.add_subparsers(title="commands", metavar="COMMAND", required=True)
    write = _add(verbs, "write", "write openapi/openapi.json from the code", _openapi_write)
    check = _add(verbs, "check", "fail when the document is out of step or breaks clients", _openapi_check)
    for command in (write, check):
        command.add_argument("--folder", default="openapi")


def _api(_arguments: argparse.Namespace) -> int:
    from app.main import serve_api

    return serve_api(_settings())


def _worker(_arguments: argparse.Namespace) -> int:
    from app.main import serve_worker

    return serve_worker(_settings())


def _sandbox(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.sandbox.main import run

    members = None if arguments.members is None else Path(arguments.members)
    run(
        host=arguments.host,
        port=arguments.port,
        members_path=members,
        state_dir=Path(arguments.state_dir),
        payer_seconds=arguments.payer_seconds,
        log_level=arguments.log_level,
    )
    return 0


def _database_prepare(_arguments: argparse.Namespace) -> int:
    from app.bootstrap import required
    from app.repositories.database_roles import prepare

    settings = _settings()
    owner_url = required(settings.database_owner_url, "DATABASE_OWNER_URL")
    app_url = required(settings.database_url, "DATABASE_URL")
    admin = settings.database_admin_url
    asyncio.run(prepare(owner_url if admin is None else admin.get_secret_value(), owner_url=owner_url, app_url=app_url))
    print("The database has its roles.")
    return 0


def _database_migrate(_arguments: argparse.Namespace) -> int:
    from sqlalchemy.engine import make_url

    from app.bootstrap import required
    from app.repositories.database_roles import migrate

    settings = _settings()
    app_role = make_url(required(settings.database_url, "DATABASE_URL")).username or ""
    revision = asyncio.run(migrate(required(settings.database_owner_url, "DATABASE_OWNER_URL"), app_role=app_role))
    print(f"The schema is at revision {revision}.")
    return 0


def _database_check_drift(_arguments: argparse.Namespace) -> int:
    from app.local.drift import drift_of_a_new_database

    differences = drift_of_a_new_database()
    for difference in differences:
        print(f"drift: {difference}", file=sys.stderr)
    print("The migrations make the tables the code expects." if not differences else "The schema has drifted.")
    return 1 if differences else 0


def _practice_create(arguments: argparse.Namespace) -> int:
    from app.bootstrap import master_keys_of, required
    from app.local.practices import create_practice

    settings = _settings()
    practice_id = asyncio.run(
        create_practice(
            required(settings.database_owner_url, "DATABASE_OWNER_URL"),
            master_keys_of(settings),
            name=arguments.name,
            npi=arguments.npi,
            time_zone=arguments.time_zone,
            is_test=not arguments.production,
        )
    )
    if practice_id is None:
        print("crossover: the name, the NPI or the time zone is not valid", file=sys.stderr)
        return 1
    print(practice_id)
    return 0


def _payers_load(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.bootstrap import required
    from app.local.directory_file import read_directory
    from app.local.directory_loading import load_directory

    try:
        directory, findings = read_directory(Path(arguments.payers), Path(arguments.profiles))
    except OSError as error:
        print(f"crossover: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    for finding in findings:
        print(f"{finding.pointer}: {finding.message}", file=sys.stderr)
    if findings:
        return 1
    asyncio.run(load_directory(required(_settings().database_owner_url, "DATABASE_OWNER_URL"), directory))
    print(f"The directory has {len(directory.payers)} payers of these files.")
    return 0


def _inbound_list(_arguments: argparse.Namespace) -> int:
    from app.bootstrap import master_keys_of, required
    from app.local.inbound_documents import waiting_documents

    settings = _settings()
    url = required(settings.database_url, "DATABASE_URL")
    for one in asyncio.run(waiting_documents(url, master_keys_of(settings))):
        since = one.received_at.isoformat(timespec="seconds")
        print(one.id, one.kind.value, one.state.value, one.failure or "-", since, sep="\t")
    return 0


def _inbound_retry(arguments: argparse.Namespace) -> int:
    from uuid import UUID

    from app.bootstrap import master_keys_of, required
    from app.local.inbound_documents import retry_document

    settings = _settings()
    url = required(settings.database_url, "DATABASE_URL")
    try:
        document_id = UUID(arguments.document)
    except ValueError:
        print("crossover: this is no id of a document", file=sys.stderr)
        return 1
    if not asyncio.run(retry_document(url, master_keys_of(settings), document_id)):
        print("crossover: no document of this id waits", file=sys.stderr)
        return 1
    print("The document is fetched, read and routed again.")
    return 0


def _token(arguments: argparse.Namespace) -> int:
    from uuid import UUID

    from app.identity.development import DevelopmentIssuer
    from app.local.demonstration import PATIENT_ID, PRACTICE_ID

    role = arguments.role
    patient = UUID(arguments.patient) if arguments.patient else PATIENT_ID
    practice = UUID(arguments.practice) if arguments.practice else PRACTICE_ID
    issuer = DevelopmentIssuer(_settings().data_dir / "identity")
    print(
        issuer.mint(
            arguments.subject or f"demo-{role}",
            [role],
            None if role == "ops" else practice,
            patient_id=patient if role == "patient" else None,
            scopes=arguments.scope,
        )
    )
    return 0


def _openapi_write(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.local.openapi_file import write

    print(f"Wrote {write(Path(arguments.folder))}")
    return 0


def _openapi_check(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from app.local.openapi_file import check

    faults = check(Path(arguments.folder))
    for fault in faults:
        print(f"openapi: {fault}", file=sys.stderr)
    print(
        "The OpenAPI document is in step and breaks no client."
        if not faults
        else "The OpenAPI document is not in order."
    )
    return 1 if faults else 0


def _seed(_arguments: argparse.Namespace) -> int:
    from app.bootstrap import master_keys_of, required
    from app.local.seed import seed
    from app.settings import Mode

    settings = _settings()
    if settings.mode is not Mode.DEVELOPMENT:
        print("crossover: the demonstration is for development only", file=sys.stderr)
        return 1
    count = asyncio.run(seed(required(settings.database_owner_url, "DATABASE_OWNER_URL"), master_keys_of(settings)))
    print(f"The directory has {count} payers; the demonstration practice is there.")
    return 0


def _run(_arguments: argparse.Namespace) -> int:
    import os

    from app.local.supervisor import run

    return run(os.environ)


def _demo(_arguments: argparse.Namespace) -> int:
    from app.local.demo import run

    settings = _settings()
    return run(f"http://127.0.0.1:{settings.api.port}", settings.data_dir)


def _settings() -> "Settings":
    from app.settings import Settings

    return Settings.load()


if __name__ == "__main__":
    sys.exit(main())
