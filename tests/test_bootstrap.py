"""What a production start refuses, as an operator sees it: exit code 1 and the reasons in words, no value shown."""

import asyncio
import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.repositories.database import driver_url
from tests.running import Databases, free_port


def production(databases: Databases, folder: Path, **changes: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CROSSOVER_")}
    return plain | {
        "CROSSOVER_DATA_DIR": str(folder),
        "DATABASE_URL": databases.app_url,
        "CROSSOVER_API__PORT": str(free_port()),
        "CROSSOVER_API__METRICS_PORT": str(free_port()),
        "CROSSOVER_WORKER__METRICS_PORT": str(free_port()),
        "CROSSOVER_IDENTITY__ISSUER": "https://issuer.example",
        "CROSSOVER_IDENTITY__AUDIENCE": "crossover",
        "CROSSOVER_IDENTITY__JWKS_FILE": str(folder / "jwks.json"),
        "CROSSOVER_ENCRYPTION__MASTER_KEYS": f'{{"k1": "{base64.b64encode(os.urandom(32)).decode()}"}}',
        "CROSSOVER_ENCRYPTION__ACTIVE_KEY": "k1",
        "CROSSOVER_CLEARINGHOUSE__BASE_URL": "https://clearinghouse.example/2024-04-01",
        "CROSSOVER_CLEARINGHOUSE__CORE_BASE_URL": "https://clearinghouse.example/2023-08-01",
        "CROSSOVER_CLEARINGHOUSE__API_KEY": "a-real-looking-key",
        "CROSSOVER_CLEARINGHOUSE__SENDER_ID": "SENDER",
        "CROSSOVER_CLEARINGHOUSE__RECEIVER_ID": "RECEIVER",
        **changes,
    }


def start(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["api", "worker"])
def test_production_refuses_a_superuser_and_an_fsync_that_is_off(
    databases: Databases, tmp_path: Path, command: str
) -> None:
    superuser = databases.postgres.superuser_url.replace("/postgres?", "/crossover?")
    refused = start(command, production(databases, tmp_path, DATABASE_URL=superuser))
    assert refused.returncode == 1
    assert "crossover: the database login is a superuser" in refused.stderr
    assert "crossover: the database login has BYPASSRLS" in refused.stderr
    assert "crossover: the server runs with fsync off" in refused.stderr
    assert "postgresql" not in refused.stderr


def test_production_refuses_the_owners_login_and_an_unforced_table(databases: Databases, tmp_path: Path) -> None:
    own = databases.fresh()

    async def unforce() -> None:
        engine = create_async_engine(driver_url(own.owner_url), poolclass=pool.NullPool)
        async with engine.begin() as connection:
            await connection.execute(sa.text("alter table coverage no force row level security"))
        await engine.dispose()

    asyncio.run(unforce())
    refused = start("api", production(own, tmp_path, DATABASE_URL=own.owner_url))
    assert refused.returncode == 1
    assert "crossover: the database login owns tables" in refused.stderr
    assert "crossover: row-level security is not forced on coverage" in refused.stderr


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CROSSOVER_IDENTITY__ISSUER": "https://development.crossover.invalid"}, "is the development issuer"),
        (
            {"CROSSOVER_ENCRYPTION__MASTER_KEYS": '{"k1": "Y3Jvc3NvdmVyIGRldmVsb3BtZW50IG1hc3RlciBrZXk="}'},
            "holds the development key",
        ),
        ({"CROSSOVER_CLEARINGHOUSE__API_KEY": "sandbox-test-key"}, "is the development key"),
        ({"CROSSOVER_CLEARINGHOUSE__BASE_URL": "http://127.0.0.1:8100"}, "must be an https address"),
    ],
)
def test_production_refuses_what_development_fills_in(
    databases: Databases, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    refused = start("api", production(databases, tmp_path, **changes))
    assert refused.returncode == 1
    assert reason in refused.stderr


def test_a_misspelt_setting_is_refused_by_name(databases: Databases, tmp_path: Path) -> None:
    refused = start("api", production(databases, tmp_path, CROSSOVER_ENCRIPTION__ACTIVE_KEY="secret-value"))
    assert refused.returncode == 1
    assert refused.stderr.strip() == "crossover: CROSSOVER_ENCRIPTION__ACTIVE_KEY is no setting"
