"""Personal data at rest and in the logs: canary words in every personal field, and afterwards a search for them everywhere.

A cluster of its own, with everything at log level debug. The words go in through the API: in records, as wrong values, in
queries, headers and addresses, and on to payers that answer well and badly, with claims and decisions. Then all is stopped,
and the data folder (tables, indexes, WAL, the server's log), a dump of all rows, the metrics and the logs of API, worker and
sandbox are searched, in every form that `canaries.py` knows. What the sandbox keeps of claims is not: its ledger holds their
X12 text, and stands for the payers.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.repositories.tables import metadata
from tests.canaries import forms, search
from tests.canary_claim_story import ClaimStory
from tests.canary_story import Canaries, Story
from tests.running import MASTER_KEYS_JSON, Databases, RunningService, running_databases


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is left after everything was stopped."""

    canaries: Canaries
    database: Path
    service: Path
    dump: Path
    given: list[str] = field(repr=False)
    refusals: list[httpx.Response] = field(repr=False)
    secrets: list[str] = field(repr=False)

    @property
    def words(self) -> list[str]:
        """The canaries, and what payers and the clearinghouse called the claims."""
        return [*self.canaries.words, *self.given]

    @property
    def logs(self) -> list[Path]:
        return [self.service / f"{name}.log" for name in ("api", "worker", "sandbox")]

    @property
    def sandbox(self) -> Path:
        return self.service / "sandbox"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    root = tmp_path_factory.mktemp("canaries")
    service_folder, dump = root / "service", root / "dump"
    service_folder.mkdir()
    dump.mkdir()
    canaries = Canaries()
    with running_databases(root / "postgres", fsync=True) as databases:
        running = RunningService(databases, service_folder, CROSSOVER_LOG_LEVEL="debug")
        running.sandbox_log_level = "debug"
        try:
            running.start("sandbox", "api", "worker")
            story, claims = asyncio.run(_live_through(databases, running, canaries, dump))
        finally:
            running.stop()
    return Evidence(
        canaries=canaries,
        database=root / "postgres",
        service=service_folder,
        dump=dump,
        given=claims.given,
        refusals=[*story.refusals, *claims.refusals],
        secrets=[*story.tokens, *_service_secrets(databases)],
    )


def _service_secrets(databases: Databases) -> list[str]:
    key = base64.b64encode(bytes(range(32))).decode()
    assert key in MASTER_KEYS_JSON
    return [key, "sandbox-test-key", databases.postgres.password("crossover_app")]


async def _live_through(
    databases: Databases, running: RunningService, canaries: Canaries, dump: Path
) -> tuple[Story, ClaimStory]:
    practice = await databases.add_practice()
    async with httpx.AsyncClient(base_url=running.url, timeout=40) as http:
        story = Story(http, running, practice, canaries)
        await story.bill()
        patient = await story.admit()
        coverage = await story.cover(patient)
        await story.ask_payers(patient)
        await story.refuse(patient, coverage)
        claims = ClaimStory(http, running, practice, canaries)
        await claims.employ()
        claim = await claims.treat(patient)
        await claims.type_in(patient)
        await claims.meet_odd_payers()
        await claims.receive_nonsense(databases)
        await claims.refuse(patient, claim)
        await claims.come_upon_damage(databases, claim)
        await story.come_upon_damage(databases, patient)
        for port in (running.api_metrics_port, running.worker_metrics_port):
            metrics = await http.get(f"http://127.0.0.1:{port}/metrics")
            (dump / f"metrics-{port}.txt").write_bytes(metrics.raise_for_status().content)
    async with databases.as_superuser() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.scalars(
                sa.select(sa.cast(sa.literal_column(table.name), sa.Text)).select_from(table)
            )
            (dump / f"{table.name}.txt").write_text("\n".join(rows), encoding="utf-8")
    return story, claims


# -- the search itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "a", "ab", "\u00e9 "])
def test_the_search_finds_a_word_in_every_form(tmp_path: Path, before: str) -> None:
    word = "Zqxv12ab"
    text = f"{before}{word}, and more"
    written = {
        "plain": text.encode(),
        "lower": text.lower().encode(),
        "upper": text.upper().encode(),
        "utf-16": text.encode("utf-16"),
        "hex": text.encode().hex().encode(),
        "HEX": text.upper().encode().hex().upper().encode(),
        "base64": base64.b64encode(text.encode()),
        "url-safe base64": base64.urlsafe_b64encode(text.upper().encode()),
        "json": "".join(f"\\u{ord(letter):04x}" for letter in text).encode(),
        "repr": "".join(f"\\x{byte:02x}" for byte in text.encode()).encode(),
        "bytea": "".join(f"\\{byte:03o}" for byte in text.encode()).encode(),
        "percent": "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    }
    for name, content in written.items():
        path = tmp_path / name
        path.write_bytes(b"\x00before" + content)
        assert search([path], [word]), name
    assert search([tmp_path], ["Zqxv34ab"]) == []


def test_forms_are_long_enough_to_be_no_accident() -> None:
    assert min(map(len, forms("19070319"))) >= 8


def test_the_search_finds_what_is_not_personal_in_tables_wal_and_dump(evidence: Evidence) -> None:
    control = [evidence.canaries.external_id]
    assert any("plain" in hit for hit in search([evidence.database / "cluster" / "base"], control))
    assert any("plain" in hit for hit in search([evidence.database / "cluster" / "pg_wal"], control))
    assert "patient.txt: word 0, plain" in search([evidence.dump], control)


def test_each_table_that_holds_personal_data_had_rows(evidence: Evidence) -> None:
    sealed = {
        column.table.name for table in metadata.sorted_tables for column in table.columns if "sealed" in column.name
    }
    assert len(sealed) >= 14
    for table in sealed:
        assert (evidence.dump / f"{table}.txt").stat().st_size > 0, table


def test_logs_were_written_at_debug_about_requests_jobs_and_errors(evidence: Evidence) -> None:
    api, worker, sandbox = (path.read_text(encoding="utf-8") for path in evidence.logs)
    assert '"level":"debug"' in api
    assert '"level":"debug"' in worker
    assert all(answer.headers["x-request-id"] in api for answer in evidence.refusals)
    assert "UnreadableValue" in api
    assert worker.count("job_ended") >= 30
    assert all(f'"{kind}"' in worker for kind in ("submission", "inbound_document", "inbound_claims"))
    assert "raw-x12" in sandbox


def test_the_claims_went_out_with_what_is_searched_for(evidence: Evidence) -> None:
    """Else that nothing of it is found anywhere would mean little. An 837 has no dashes in dates, and no birth date of a
    subscriber who is not the patient.
    """
    canaries = evidence.canaries
    unsaid = {canaries.birth_date, canaries.subscriber_birth_date, canaries.subscriber_birth_date.replace("-", "")}
    words = [word for word in evidence.words if word not in unsaid]
    found = {hit.split(": ")[1].split(",")[0] for hit in search([evidence.sandbox], words)}
    assert found == {f"word {number}" for number in range(len(words))}


# -- nothing is found --------------------------------------------------------------------------------------------------


def test_no_personal_word_is_in_the_database_its_indexes_its_wal_or_its_log(evidence: Evidence) -> None:
    assert search([evidence.database], evidence.words) == []


def test_no_personal_word_is_in_a_dump_of_all_rows_or_in_the_metrics(evidence: Evidence) -> None:
    assert search([evidence.dump], evidence.words) == []


def test_no_personal_word_is_in_the_logs_or_in_anything_else_the_service_leaves(evidence: Evidence) -> None:
    left = [path for path in evidence.service.iterdir() if path != evidence.sandbox]
    assert set(evidence.logs) < set(left)
    assert search(left, evidence.words) == []


def test_no_token_or_key_is_in_the_logs(evidence: Evidence) -> None:
    assert search([*evidence.logs, evidence.database / "server.log"], evidence.secrets) == []


def test_no_refusal_repeats_what_was_sent(evidence: Evidence, tmp_path: Path) -> None:
    assert {answer.status_code for answer in evidence.refusals} == {400, 401, 404, 405, 409, 412, 422, 500}
    for number, answer in enumerate(evidence.refusals):
        headers = b"\n".join(name + b": " + value for name, value in answer.headers.raw)
        (tmp_path / f"refusal-{number}").write_bytes(headers + b"\n" + answer.content)
    assert search([tmp_path], evidence.words) == []
