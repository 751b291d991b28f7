"""`make demo`: walks through a running service, again and again, and fails when an answer is not what it should be."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from app.domain.callers import Role
from app.local.demonstration import PRACTICE_ID, PROVIDER_ID
from tests.documents import REPOSITORY
from tests.running import Databases, RunningService, free_port


@pytest.fixture(scope="module")
def demonstrated(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of its own: the demonstration is walked in the demonstration practice."""
    running = RunningService(databases.fresh(), tmp_path_factory.mktemp("demo"))
    try:
        running.start("sandbox", "api", "worker")
        yield running
    finally:
        running.stop()


def demo(service: RunningService, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "app.cli", "demo"),
        cwd=REPOSITORY,
        env=service.environment | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_both_payers_pay_and_it_can_be_walked_again(demonstrated: RunningService) -> None:
    first, second = demo(demonstrated), demo(demonstrated)
    for walked in (first, second):
        assert walked.returncode == 0, walked.stdout + walked.stderr
        assert walked.stdout.endswith("\nDone.\n")
        assert "SVD*XOVR1*80*HC:90837**1" in walked.stdout
        assert 'code: "claim_not_submittable"' in walked.stdout


def test_an_answer_that_should_not_be_ends_it_with_an_error(demonstrated: RunningService) -> None:
    """The therapist has no terms with any payer, so the claim lacks something."""
    headers = {
        "Authorization": f"Bearer {demonstrated.token(Role.ADMIN, PRACTICE_ID)}",
        "If-Match": '"1"',
    }
    with httpx.Client(base_url=demonstrated.url, headers=headers, timeout=40) as admin:
        changed = admin.patch(f"/v1/providers/{PROVIDER_ID}", json={"participations": []})
    assert changed.status_code == 200, changed.text
    walked = demo(demonstrated)
    assert walked.returncode == 1
    assert "This should be so, and is not: the claim is submittable" in walked.stderr
    assert "Done." not in walked.stdout


def test_without_a_service_it_says_what_to_start(demonstrated: RunningService) -> None:
    walked = demo(demonstrated, CROSSOVER_API__PORT=str(free_port()))
    assert walked.returncode == 1
    assert "make run" in walked.stderr
    assert "Traceback" not in walked.stderr
