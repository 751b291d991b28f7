"""What the sandbox refuses before any payer is asked, and in which shape."""

from typing import Any

import pytest

from app.sandbox.main import BASE_PATH
from tests.sandbox.inquiries import Asked
from tests.sandbox.reading import lines, segments
from tests.sandbox.running import RunningSandbox

PATH = f"{BASE_PATH}/change/medicalnetwork/eligibility/v3/raw-x12"


@pytest.mark.parametrize("key", ["", "another-key", "Bearer sandbox-test-key"])
def test_another_key_is_denied(sandbox: RunningSandbox, key: str) -> None:
    status, content = sandbox.call("POST", PATH, {"x12": Asked().text()}, key=key)
    assert (status, set(content)) == (403, {"code", "message"})


def test_the_key_may_be_written_in_the_older_way(sandbox: RunningSandbox) -> None:
    assert sandbox.call("POST", PATH, {"x12": Asked().text()}, key="Key sandbox-test-key")[0] == 200


def test_a_production_transaction_is_denied_to_a_test_key(sandbox: RunningSandbox) -> None:
    before = sandbox.ledger()["total"]
    assert sandbox.ask(Asked(usage="P").text())[0] == 403
    assert sandbox.ledger()["total"] == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"x12": 7}', b"{}", b"\xff\xfe", b"[" * 100_000, b'{"x12":"' + b"A" * 2_000_000],
    ids=["empty", "cut", "list", "null", "number", "nothing", "not utf-8", "deep", "long"],
)
def test_a_request_that_is_not_the_agreed_json_is_refused_with_a_message(sandbox: RunningSandbox, body: bytes) -> None:
    status, content = sandbox.call("POST", PATH, body)
    assert (status, set(content)) == (400, {"message", "fieldList"})


def test_a_patient_id_that_is_too_long_is_refused(sandbox: RunningSandbox) -> None:
    request = {"x12": Asked().text(), "externalPatientId": "x" * 37}
    status, content = sandbox.call("POST", PATH, request)
    assert (status, content["fieldList"][0]["path"]) == (400, "/externalPatientId")


def test_x12_that_cannot_be_read_is_refused_with_parse_errors_and_without_x12(sandbox: RunningSandbox) -> None:
    status, content = sandbox.ask(Asked().text().replace("HL*3*2*22*0", "HL*3*2*21*0"))
    assert status == 400
    assert content["status"] == "ERROR"
    assert [error["location"] for error in content["errors"]] == ["subscriber_level_HL_loop"]
    assert "x12" not in content


def test_x12_that_breaks_the_guide_is_refused_with_a_999(sandbox: RunningSandbox) -> None:
    status, content = sandbox.ask(Asked(npi="1999999983", sex="X").text())
    assert (status, content["transactionSetAcknowledgement"]) == (400, "R")
    assert lines(content["x12"], "AK1", "AK2", "IK3", "IK4", "IK5", "AK9") == [
        "AK1*HS*42*005010X279A1",
        "AK2*270*0001*005010X279A1",
        "IK3*DMG*10*2100C*8",
        "IK4*3**7",
        "IK5*R*5",
        "AK9*R*1*1*0",
    ]
    parts = {one[0]: one for one in segments(content["x12"])}
    assert (parts["GS"][1], parts["ST"][1:]) == ("FA", ["999", "0001", "005010X231A1"])
    assert parts["ISA"][13] == parts["IEA"][2]
    assert int(parts["SE"][1]) == len(segments(content["x12"])) - 4


def test_two_errors_in_one_segment_stand_under_one_ik3(sandbox: RunningSandbox) -> None:
    text = Asked().text().replace("DMG*D8*19850412*F", "DMG*D8*19850431*X")
    assert lines(sandbox.ask(text)[1]["x12"], "IK3", "IK4") == ["IK3*DMG*10*2100C*8", "IK4*2**8", "IK4*3**7"]


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/elsewhere", 404), ("GET", PATH, 403)])
def test_an_unknown_address_or_verb_is_told_in_their_words(
    sandbox: RunningSandbox, method: str, path: str, status: int
) -> None:
    answer: tuple[int, Any] = sandbox.call(method, path)
    assert (answer[0], set(answer[1])) == (status, {"message"})


def test_what_is_refused_is_not_in_the_ledger(sandbox: RunningSandbox) -> None:
    before = sandbox.ledger()["total"]
    sandbox.ask(Asked(npi="1999999983", trace_number="NEVER").text())
    assert sandbox.ledger()["total"] == before
