"""The processes of the service, and what a laptop needs beside them."""

import argparse
import sys

from app.cli.commands import Commands, add, load_settings


def add_processes(commands: Commands) -> None:
    add(commands, "api", "serve the HTTP API", _api)
    add(commands, "worker", "take jobs and do them", _worker)
    sandbox = add(commands, "sandbox", "serve the sandbox clearinghouse, for development only", _sandbox)
    sandbox.add_argument("--host", default="127.0.0.1")
    sandbox.add_argument("--port", type=int, default=8100)
    sandbox.add_argument("--state-dir", default=".crossover/sandbox", help="where its ledger survives a restart")
    sandbox.add_argument("--members", default=None, help="a members file other than the one it ships with")
    sandbox.add_argument("--payer-seconds", type=float, default=1, help="how long its payers take for each answer")
    sandbox.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])


def add_demonstration(commands: Commands) -> None:
    add(commands, "seed", "load the payer directory and the demonstration practice, for development only", _seed)
    add(commands, "run", "everything at once on this machine, for development", _run)
    add(commands, "demo", "walk through the service over HTTP and print each step", _demo)


def _api(_arguments: argparse.Namespace) -> int:
    from app.main import serve_api

    return serve_api(load_settings())


def _worker(_arguments: argparse.Namespace) -> int:
    from app.main import serve_worker

    return serve_worker(load_settings())


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


def _seed(_arguments: argparse.Namespace) -> int:
    import asyncio

    from app.bootstrap import master_keys_of, required
    from app.local.seed import seed
    from app.settings import Mode

    settings = load_settings()
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

    settings = load_settings()
    return run(f"http://127.0.0.1:{settings.api.port}", settings.data_dir)
