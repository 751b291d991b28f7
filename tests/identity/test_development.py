"""The development issuer: its key file, its tokens, and that they pass the same verifier as any issuer's."""

import asyncio
import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.callers import Caller, Role
from app.domain.errors import Unauthenticated
from app.identity.development import ALGORITHM, AUDIENCE, ISSUER, DevelopmentIssuer
from app.identity.jwks import JwksFile
from app.identity.tokens import TokenVerifier
from tests.identity.forging import PATIENT, PRACTICE


def verifier(issuer: DevelopmentIssuer) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, algorithms=[ALGORITHM], keys=JwksFile(issuer.jwks_path))


async def test_its_tokens_carry_everything_a_caller_has(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer(tmp_path)
    minted = issuer.mint(
        "portal-3", ["patient"], UUID(PRACTICE), patient_id=UUID(PATIENT), scopes=("coverages:read", "payers:read")
    )
    assert await verifier(issuer).verify(minted) == Caller(
        subject="portal-3",
        practice_id=UUID(PRACTICE),
        roles=frozenset({Role.PATIENT}),
        scopes=frozenset({"coverages:read", "payers:read"}),
        patient_id=UUID(PATIENT),
    )


@pytest.mark.parametrize("role", Role)
async def test_every_role_gets_a_token(tmp_path: Path, role: Role) -> None:
    issuer = DevelopmentIssuer(tmp_path)
    caller = await verifier(issuer).verify(issuer.mint("u", [role], UUID(PRACTICE), patient_id=UUID(PATIENT)))
    assert caller.roles == {role}


async def test_its_tokens_expire(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer(tmp_path)
    minted = issuer.mint("u", ["biller"], UUID(PRACTICE), lifetime=timedelta(seconds=1))
    assert await verifier(issuer).verify(minted)
    await asyncio.sleep(1.1)
    with pytest.raises(Unauthenticated):
        await verifier(issuer).verify(minted)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=24, seconds=1)])
def test_it_mints_nothing_the_verifier_would_refuse_for_its_lifetime(tmp_path: Path, lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="a day"):
        DevelopmentIssuer(tmp_path).mint("u", ["biller"], UUID(PRACTICE), lifetime=lifetime)


async def test_the_key_stays_the_same_over_restarts(tmp_path: Path) -> None:
    minted = DevelopmentIssuer(tmp_path).mint("u", ["biller"], UUID(PRACTICE))
    assert await verifier(DevelopmentIssuer(tmp_path)).verify(minted)


def test_files_are_for_the_owner_only_and_the_key_set_holds_no_private_part(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "identity"
    issuer = DevelopmentIssuer(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "signing-key.json": 0o600,
        "jwks.json": 0o600,
    }
    (entry,) = json.loads(issuer.jwks_path.read_bytes())["keys"]
    assert set(entry) == {"kty", "n", "e", "kid", "use", "alg"}


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.identity.development import DevelopmentIssuer;"
        "print(DevelopmentIssuer(Path(sys.argv[1]))._key.kid)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(4)
    ]
    answers = [process.communicate(timeout=30)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert len(set(answers)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jwks.json", "signing-key.json"]
