"""The embedded server's life: begin, end, crash, and everything that must be refused."""

import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.local.binaries import find_binaries
from app.local.cluster import Cluster
from app.local.credentials import APP, OWNER, SUPERUSER
from app.local.occupancy import is_alive
from app.local.postgres import ClusterError, EmbeddedPostgres
from tests.local.launching import (
    answers,
    ask,
    every_account_reaches,
    launched,
    path_with_only,
    refusal_of_launch,
    short_folder,
    wait_until_dead,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("running") / "data", fsync=False) as postgres:
        yield postgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(tmp_path / "data", fsync=False)
    yield postgres
    postgres.stop()


async def test_a_started_server_answers_and_a_stopped_one_does_not(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert await answers(postgres)
    postgres.stop()
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await ask(postgres.superuser_dsn, "select 1")
    assert postgres.pid is None


async def test_what_was_written_is_there_after_a_warm_start(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    await ask(postgres.superuser_dsn, "create table kept as select 7 as n")
    passwords = [postgres.password(role) for role in (SUPERUSER, OWNER, APP)]
    postgres.stop()
    again = EmbeddedPostgres(postgres.data_dir, fsync=False)
    with again:
        assert await ask(again.superuser_dsn, "select n from kept") == 7
        assert [again.password(role) for role in (SUPERUSER, OWNER, APP)] == passwords


def test_start_and_stop_twice_are_harmless(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    first = postgres.pid
    postgres.start()
    assert postgres.pid == first
    postgres.stop()
    postgres.stop()


async def test_the_server_listens_on_no_network_address(running: EmbeddedPostgres) -> None:
    assert await ask(running.superuser_dsn, "show listen_addresses") == ""


async def test_a_wrong_password_is_refused(running: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(running.dsn(SUPERUSER, "guessed", "postgres"), "select 1")


async def test_passwords_are_scram_hashed_and_the_encoding_and_clock_are_fixed(running: EmbeddedPostgres) -> None:
    hashed = await ask(running.superuser_dsn, "select rolpassword from pg_authid where rolname = 'postgres'")
    assert str(hashed).startswith("SCRAM-SHA-256$")
    assert await ask(running.superuser_dsn, "show server_encoding") == "UTF8"
    assert await ask(running.superuser_dsn, "show timezone") == "UTC"


async def test_sorting_is_by_code_point_and_letter_case_knows_more_than_ascii(running: EmbeddedPostgres) -> None:
    assert await ask(running.superuser_dsn, "select array_agg(w order by w) from unnest(array['b', 'Z', 'a']) w") == [
        "Z",
        "a",
        "b",
    ]
    assert await ask(running.superuser_dsn, "select lower('ÄÉ')") == "äé"


async def test_the_sqlalchemy_address_reaches_the_same_server(running: EmbeddedPostgres) -> None:
    engine = create_async_engine(running.superuser_url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("select current_user"))).scalar_one() == "postgres"
    await engine.dispose()


def test_owner_and_application_have_addresses_of_their_own(running: EmbeddedPostgres) -> None:
    owner, app = urlsplit(running.owner_url), urlsplit(running.app_url)
    assert (owner.username, owner.path, app.username, app.path) == (OWNER, "/crossover", APP, "/crossover")
    assert owner.password != app.password
    assert running.owner_url not in repr(running)


def test_only_its_account_can_enter_the_data_folder(running: EmbeddedPostgres) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(running.data_dir) == mode(running.socket_dir) == mode(running.data_dir / "cluster") == 0o700
    assert mode(running.socket_dir / f".s.PGSQL.{running.port}") == 0o700
    for name in ("credentials.json", "lock", "server.log"):
        assert mode(running.data_dir / name) == 0o600
    assert not (running.data_dir / "initdb-password").exists()


async def test_the_log_keeps_neither_the_values_of_a_refused_row_nor_the_statement(running: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(running.superuser_dsn)
    await connection.execute("create table names (name text primary key)")
    for _ in range(2):
        try:
            await connection.execute("insert into names values ('Wilhelmina Canary')")
        except asyncpg.UniqueViolationError:
            break
    await connection.close()
    log = running.log_file.read_text(encoding="utf-8")
    assert "duplicate key value" in log
    assert "Canary" not in log


async def test_a_killed_postmaster_is_started_again_with_all_committed_rows(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    await ask(postgres.superuser_dsn, "create table kept as select generate_series(1, 1000) as n")
    pid = postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_dead(pid)
    postgres.start()
    assert await ask(postgres.superuser_dsn, "select count(*) from kept") == 1000


def test_a_second_launcher_is_refused_at_once(running: EmbeddedPostgres) -> None:
    began = time.monotonic()
    with pytest.raises(ClusterError, match=rf"in use.*process {os.getpid()}"):
        EmbeddedPostgres(running.data_dir, fsync=False).start()
    assert "in use" in refusal_of_launch(running.data_dir)
    assert time.monotonic() - began < 3
    assert running.pid is not None


def test_killing_the_launcher_ends_its_server_cleanly(tmp_path: Path) -> None:
    with launched(tmp_path / "data") as launcher:
        launcher.kill()
    assert not (tmp_path / "data/cluster/postmaster.pid").exists()
    assert "database system is shut down" in (tmp_path / "data/server.log").read_text(encoding="utf-8")


async def test_after_both_were_killed_a_new_launcher_starts_without_help(tmp_path: Path) -> None:
    with launched(tmp_path / "data") as launcher:
        os.kill(launcher.server_pid, signal.SIGKILL)  # a zombie of the launcher's from here on
        assert "in use" in refusal_of_launch(tmp_path / "data")
        launcher.kill()
    with launched(tmp_path / "data") as next_one:
        assert await ask(next_one.dsn, "select 1") == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells the children of a process")
async def test_a_server_that_outlived_its_killed_launcher_is_ended_by_the_next_one(tmp_path: Path) -> None:
    if os.geteuid() == 0 and not every_account_reaches(find_binaries().folder):
        pytest.skip("without setpriv root needs programs that other accounts can reach")
    path = path_with_only(folder=tmp_path / "bin")  # no setpriv: the tie is a watching shell, which is killed first
    with short_folder(0o755) as folder, launched(folder / "data", env={"PATH": path}) as launcher:
        children = Path(f"/proc/{launcher.process.pid}/task/{launcher.process.pid}/children").read_text(
            encoding="ascii"
        )
        (watcher,) = {int(child) for child in children.split()} - {launcher.server_pid}
        os.kill(watcher, signal.SIGKILL)
        launcher.process.kill()
        launcher.process.communicate()
        assert is_alive(launcher.server_pid)
        with launched(folder / "data") as next_one:
            assert not is_alive(launcher.server_pid)
            assert await ask(next_one.dsn, "select 1") == 1


def test_a_left_over_pid_file_with_a_number_in_use_by_another_program_is_no_obstacle(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data_dir / "cluster/postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data_dir}\n", encoding="utf-8")
    postgres.start()
    assert postgres.pid is not None


def test_a_server_started_by_hand_in_the_folder_is_left_alone(running: EmbeddedPostgres) -> None:
    with pytest.raises(ClusterError, match="started by hand"):
        Cluster(running.data_dir / "cluster").remove_stale_pid_file()
    assert (running.data_dir / "cluster/postmaster.pid").exists()


def test_a_folder_of_another_major_version_is_refused_in_plain_words(tmp_path: Path) -> None:
    cluster = tmp_path / "data/cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("13\n", encoding="ascii")
    major = find_binaries().major
    with pytest.raises(ClusterError, match=rf"made by PostgreSQL 13, and .* is PostgreSQL {major}\. Set PG_BIN"):
        EmbeddedPostgres(tmp_path / "data").start()
    assert list((tmp_path / "data").iterdir()) == [cluster]


def test_lost_passwords_are_named(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data_dir / "credentials.json").unlink()
    with pytest.raises(ClusterError, match="passwords are lost"):
        EmbeddedPostgres(postgres.data_dir, fsync=False).start()


def test_a_cluster_half_made_is_made_anew(postgres: EmbeddedPostgres) -> None:
    draft = postgres.data_dir / "cluster.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n", encoding="ascii")
    postgres.start()
    assert not draft.exists()


def test_what_the_server_says_is_in_the_error_when_it_does_not_start(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data_dir / "cluster/postgresql.conf").write_text("max_connections = none\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="max_connections"):
        postgres.start()
    assert postgres.pid is None


@pytest.mark.parametrize("name", ["x" * 100, 'a folder, with : odd "signs" é'])
async def test_a_path_too_long_or_too_odd_for_a_socket_gets_a_short_one(tmp_path: Path, name: str) -> None:
    with EmbeddedPostgres(tmp_path / name, fsync=False) as postgres:
        assert re.fullmatch(r"crossover-[0-9a-f]{16}", postgres.socket_dir.name)
        assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700
        assert await answers(postgres)
        engine = create_async_engine(postgres.superuser_url)
        async with engine.connect():
            pass
        await engine.dispose()
    assert not postgres.socket_dir.exists()


async def test_a_space_in_the_path_is_no_obstacle(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "two words", fsync=False) as postgres:
        assert postgres.socket_dir.parent == postgres.data_dir
        engine = create_async_engine(postgres.superuser_url)
        async with engine.connect():
            pass
        await engine.dispose()


def test_a_socket_folder_laid_out_by_someone_else_is_refused(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / ("x" * 100), fsync=False)
    postgres.socket_dir.mkdir(mode=0o755)
    with pytest.raises(ClusterError, match="only this account"):
        postgres.start()
