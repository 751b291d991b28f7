"""What a genuine token must say: when, for whom, by whom, about whom, and with which practice, role and patient."""

import json
import time
from typing import Any
from uuid import UUID

import pytest

from app.domain.callers import Caller, Role
from app.domain.errors import Forbidden
from app.identity.tokens import ClaimNames, Refusal
from tests.identity import forging
from tests.identity.forging import AUDIENCE, ISSUER, PATIENT, PRACTICE, claims, header, token
from tests.identity.refusing import refusal_of, verifier

NOW = int(time.time())
_PLACE = iter(range(10_000))


def by_place(_value: object) -> str:
    """Test ids without the clock in them: parallel test processes must collect the same names."""
    return f"case{next(_PLACE)}"


YEAR_9999 = 253_370_764_800


# Claims: time


@pytest.mark.parametrize(
    "expires",
    [..., None, NOW - 1, 0, -1, str(NOW + 600), NOW + 600.5, float(NOW + 600), 1e308, True, [NOW + 600], YEAR_9999],
    ids=by_place,
)
async def test_an_expiry_that_is_missing_past_far_or_no_whole_number_is_refused(expires: Any) -> None:
    assert await refusal_of(token(body=claims(exp=expires))) is Refusal.TIME


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity"])
async def test_an_expiry_beyond_any_number_is_refused(number: str) -> None:
    body = json.dumps(claims(exp=12345)).replace("12345", number)
    assert await refusal_of(forging.sign(json.dumps(header()).encode(), body.encode())) is Refusal.TIME


async def test_a_token_lives_at_most_a_day() -> None:
    issued = NOW - 60
    assert await verifier().verify(token(body=claims(iat=issued, exp=issued + 86_400)))
    assert await refusal_of(token(body=claims(iat=issued, exp=issued + 86_401))) is Refusal.TIME


async def test_an_expired_token_gets_no_leeway() -> None:
    text = token(body=claims(iat=NOW, exp=NOW + 10))
    assert await verifier(now=lambda: NOW + 9.9).verify(text)
    assert await refusal_of(text, now=lambda: NOW + 10.0) is Refusal.TIME


@pytest.mark.parametrize("name", ["iat", "nbf"])
async def test_a_fast_clock_of_the_issuer_is_forgiven_for_a_minute(name: str) -> None:
    assert await verifier(now=lambda: NOW).verify(token(body=claims(**{name: NOW + 60})))
    assert await refusal_of(token(body=claims(**{name: NOW + 61})), now=lambda: NOW) is Refusal.TIME


@pytest.mark.parametrize("issued", [..., None, str(NOW), NOW + 0.5, True, -1, 0], ids=by_place)
async def test_an_issue_time_that_is_missing_old_or_no_whole_number_is_refused(issued: Any) -> None:
    assert await refusal_of(token(body=claims(iat=issued))) is Refusal.TIME


@pytest.mark.parametrize("not_before", [None, str(NOW), 0.5, True], ids=by_place)
async def test_a_not_before_that_is_no_whole_number_is_refused(not_before: Any) -> None:
    assert await refusal_of(token(body=claims(nbf=not_before))) is Refusal.TIME


# Claims: for whom, from whom, about whom


@pytest.mark.parametrize(
    "audience",
    [
        ...,
        None,
        "",
        "other",
        "Crossover",
        "crossover ",
        [],
        ["other"],
        [AUDIENCE, "other"],
        [AUDIENCE, 1],
        [[AUDIENCE]],
        {"crossover": True},
        True,
    ],
)
async def test_an_audience_that_is_not_ours_alone_is_refused(audience: Any) -> None:
    assert await refusal_of(token(body=claims(aud=audience))) is Refusal.AUDIENCE


async def test_an_audience_may_be_a_list_of_ours() -> None:
    assert await verifier().verify(token(body=claims(aud=[AUDIENCE])))


async def test_another_audience_beside_ours_must_be_allowed_by_name() -> None:
    both = token(body=claims(aud=["account", AUDIENCE]))
    assert await verifier(other_audiences=["account"]).verify(both)
    assert await refusal_of(token(body=claims(aud=["account"])), other_audiences=["account"]) is Refusal.AUDIENCE
    third = token(body=claims(aud=["account", AUDIENCE, "third"]))
    assert await refusal_of(third, other_audiences=["account"]) is Refusal.AUDIENCE


@pytest.mark.parametrize(
    "issuer",
    [..., None, "", ISSUER + "/", ISSUER.upper(), ISSUER + ".evil.example", ISSUER + "#", " " + ISSUER, [ISSUER], 1],
)
async def test_an_issuer_that_is_not_ours_to_the_letter_is_refused(issuer: Any) -> None:
    assert await refusal_of(token(body=claims(iss=issuer))) is Refusal.ISSUER


@pytest.mark.parametrize("subject", [..., None, "", 17, ["user-17"], "a\nb", "a\x1b[31m", "\ud800", "s" * 256])
async def test_a_subject_that_is_missing_or_unreadable_is_refused(subject: Any) -> None:
    assert await refusal_of(token(body=claims(sub=subject))) is Refusal.SUBJECT


# Claims: practice, roles, patient, scopes


@pytest.mark.parametrize(
    "practice",
    [
        ...,
        None,
        "",
        "practice-a",
        [PRACTICE],
        {"id": PRACTICE},
        1,
        PRACTICE.replace("-", ""),
        f"{{{PRACTICE}}}",
        f"urn:uuid:{PRACTICE}",
        PRACTICE + " ",
        PRACTICE + ",",
    ],
)
@pytest.mark.parametrize("role", ["patient", "clinician", "biller", "admin", "partner"])
async def test_without_one_practice_a_valid_token_is_forbidden(practice: Any, role: str) -> None:
    with pytest.raises(Forbidden):
        await verifier().verify(token(body=claims(practice_id=practice, roles=[role], patient_id=PATIENT)))


async def test_a_practice_id_may_be_written_in_capitals() -> None:
    assert (await verifier().verify(token(body=claims(practice_id=PRACTICE.upper())))).practice_id == UUID(PRACTICE)


@pytest.mark.parametrize(
    "roles", [..., None, [], ["root"], ["Biller"], ["BILLER"], "biller", {"biller": True}, [["biller"]], ["biller", 1]]
)
async def test_without_a_known_role_a_valid_token_is_forbidden(roles: Any) -> None:
    with pytest.raises(Forbidden):
        await verifier().verify(token(body=claims(roles=roles)))


async def test_roles_of_other_applications_are_ignored_beside_ours() -> None:
    caller = await verifier().verify(token(body=claims(roles=["offline_access", "clinician", "biller"])))
    assert caller.roles == {Role.CLINICIAN, Role.BILLER}


async def test_ops_has_no_practice_whatever_its_token_says() -> None:
    caller = await verifier().verify(token(body=claims(roles=["ops"], practice_id=PRACTICE)))
    assert caller.practice_id is None
    assert (await verifier().verify(token(body=claims(roles=["ops"], practice_id=...)))).practice_id is None


async def test_ops_with_another_role_needs_the_practice_of_that_role() -> None:
    with pytest.raises(Forbidden):
        await verifier().verify(token(body=claims(roles=["ops", "biller"], practice_id=...)))


async def test_a_patient_is_bound_to_its_record() -> None:
    caller = await verifier().verify(token(body=claims(roles=["patient"], patient_id=PATIENT)))
    assert caller.patient_id == UUID(PATIENT)
    assert caller.is_patient


@pytest.mark.parametrize("patient", [..., None, "", "17", [PATIENT], 17, PATIENT.replace("-", "")])
async def test_a_patient_without_one_record_is_forbidden(patient: Any) -> None:
    for roles in (["patient"], ["patient", "biller"]):
        with pytest.raises(Forbidden):
            await verifier().verify(token(body=claims(roles=roles, patient_id=patient)))


async def test_staff_carry_no_patient() -> None:
    assert (await verifier().verify(token(body=claims(patient_id=PATIENT)))).patient_id is None


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("coverages:read  eligibility:read", {"coverages:read", "eligibility:read"}),
        (["coverages:read"], {"coverages:read"}),
        (..., set()),
        (None, set()),
        (7, set()),
        ({"coverages:read": True}, set()),
        ([["coverages:read"]], set()),
    ],
)
async def test_scopes_are_those_the_token_names(scope: Any, granted: set[str]) -> None:
    assert (await verifier().verify(token(body=claims(roles=["partner"], scope=scope)))).scopes == granted


async def test_the_names_of_the_claims_can_be_set() -> None:
    names = ClaimNames(practice="https://x.example/practice", roles="groups", patient="person", scope="scp")
    body = claims(practice_id=..., roles=..., groups=["patient"], person=PATIENT, scp="a b")
    body["https://x.example/practice"] = PRACTICE
    assert await verifier(claim_names=names).verify(token(body=body)) == Caller(
        subject="user-17",
        practice_id=UUID(PRACTICE),
        roles=frozenset({Role.PATIENT}),
        scopes=frozenset({"a", "b"}),
        patient_id=UUID(PATIENT),
    )
