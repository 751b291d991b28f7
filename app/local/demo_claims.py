"""The demonstration's second part: one session, billed to both payers, from the first claim to the second payer's money."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.callers import Role
from app.local.demo_coverages import InsuredPatient
from app.local.demo_sessions import free_day, session_body
from app.local.demo_walk import Reply, Walk

_BILLER = Role.BILLER
_COORDINATION = frozenset({"SBR", "CAS", "AMT", "OI", "SVD", "DTP"})
"""Of a secondary 837P, what tells the next payer about the one before."""


def both_payers_pay(walk: Walk, insured: InsuredPatient) -> None:
    primary = _paid_primary(walk, insured)
    secondary = _reviewed_secondary(walk, primary)
    _paid_secondary(walk, secondary)
    _what_is_on_record(walk, primary["id"])


def _paid_primary(walk: Walk, insured: InsuredPatient) -> Reply:
    """The claim to the first payer, until that has paid by 835."""
    walk.say("A biller looks for a day without a session, and writes the claim for one: 150.00, to the primary payer")
    session = session_body(insured.patient, free_day(walk, insured.primary_payer))
    claim = walk.ask(_BILLER, "POST", "/v1/claims", session, expect=201)
    walk.show(claim, "first_service_date", "id", "status", "rank", "patient_control_number", "total_charge")

    walk.say("Its review: nothing is in the way")
    review = walk.ask(_BILLER, "GET", _path(claim, "/review"), expect=200)
    walk.show(review, "submittable", "findings", "amount_asked")
    walk.expect(review["submittable"] is True, "the claim is submittable")

    walk.say("It is submitted: frozen in the request, sent by the worker")
    _submit(walk, claim["id"], review.etag)
    _show_837(walk, claim["id"], {"CLM", "SBR", "SV1"})

    _wait_for_acceptance(walk, claim["id"])
    walk.say("The payer's remittance (835) arrives by itself, adds up and is posted as the payer's decision")
    paid = _wait_for_decision(walk, claim["id"], "paid")
    _show_remittance(walk, claim["id"])
    versions = walk.ask(_BILLER, "GET", _path(paid, "/adjudications"), expect=200)["data"]
    _show_decision(walk, versions[0])
    _expect_amounts(walk, versions[0], paid="80.00", responsibility="25.00")
    return paid


def _reviewed_secondary(walk: Walk, primary: Reply) -> Reply:
    """The three totals, what the review says of them, and the repair that settles it."""
    walk.say(
        "The secondary claim, in one call. An empty body would take the decision of the 835; here the biller types\n"
        "   the three totals of the paper instead: paid, adjustments, patient responsibility"
    )
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    totals = {"paid": "80.00", "adjustments": "45.00", "patient_responsibility": "25.00"}
    walk.show(totals, *totals)
    entered = {
        "adjudication_date": yesterday.isoformat(),
        "payer_claim_number": primary["payer_claim_number"],
        "totals": totals,
    }
    claim = walk.ask(
        _BILLER, "POST", _path(primary, "/secondary"), {"adjudication": entered}, expect=201, If_Match=_etag(primary)
    )
    walk.show(claim, "id", "status", "rank", "total_charge", "previous_claim_id")

    walk.say("Its review: the totals add up, but nobody has said what the patient's 25.00 are")
    review = walk.ask(_BILLER, "GET", _path(claim, "/review"), expect=200)
    _show_review(walk, review)
    walk.expect(review["submittable"] is False, "the claim is not submittable yet")
    walk.lines(f"repair {one['kind']}: {one['title']}" for one in review["repairs"])
    refused = walk.ask(_BILLER, "POST", _path(claim, "/submissions"), expect=409, If_Match=review.etag)
    walk.show(refused, "code")

    walk.say("The biller accepts a repair: all of it is copayment (PR-3)")
    repair = next(one for one in review["repairs"] if one["kind"] == "responsibility_to_pr_3")
    repaired = walk.ask(_BILLER, "POST", _path(claim, f"/repairs/{repair['id']}"), expect=200, If_Match=review.etag)
    _show_review(walk, repaired)
    walk.expect(repaired["submittable"] is True, "the claim is submittable")
    return repaired


def _paid_secondary(walk: Walk, review: Reply) -> None:
    claim_id = review["claim"]["id"]
    walk.say("The secondary is submitted; it tells the payer what the one before decided (loops 2320 and 2430)")
    _submit(walk, claim_id, review.etag)
    text = _show_837(walk, claim_id, _COORDINATION)
    walk.expect("~CAS*CO*45*45~CAS*PR*3*25~" in text.replace("\n", ""), "the 837P has CO-45 and PR-3")

    _wait_for_acceptance(walk, claim_id)
    walk.say("And pays what the first payer left to the patient")
    paid = _wait_for_decision(walk, claim_id, "paid")
    _show_remittance(walk, claim_id)
    versions = walk.ask(_BILLER, "GET", _path(paid, "/adjudications"), expect=200)["data"]
    _show_decision(walk, versions[0])
    _expect_amounts(walk, versions[0], paid="25.00", responsibility="0.00")


def _what_is_on_record(walk: Walk, primary_id: str) -> None:
    walk.say("The first payer's decision in its versions: as remitted, as typed, as repaired")
    versions = walk.ask(_BILLER, "GET", f"/v1/claims/{primary_id}/adjudications", expect=200)["data"]
    walk.table(
        ["version", "source", "status", "outcome"],
        [[one["number"], one["source"], one["status"], one["outcome"]] for one in versions],
    )
    walk.expect([one["source"] for one in versions] == ["repair", "manual", "era"], "there are three versions")

    walk.say("The timeline of both claims: what happened, who did it, and why")
    events = walk.ask(_BILLER, "GET", f"/v1/claims/{primary_id}/timeline?limit=100", expect=200)["data"]
    walk.table(
        ["time", "claim", "event", "by", "status after"],
        [
            [
                event["occurred_at"][11:19],
                "primary" if event["claim_id"] == primary_id else "secondary",
                event["kind"],
                event["actor"],
                event["facts"].get("to_status", ""),
            ]
            for event in events
        ],
    )


def _submit(walk: Walk, claim_id: str, etag: str) -> None:
    submission = walk.ask(
        _BILLER, "POST", f"/v1/claims/{claim_id}/submissions", expect=201, If_Match=etag, Prefer="wait=20"
    )
    walk.show(submission, "state", "sequence", "sha256", "clearinghouse_id")
    walk.expect(submission["state"] == "sent", "the clearinghouse took it")


def _show_837(walk: Walk, claim_id: str, names: Iterable[str]) -> str:
    text = walk.ask(_BILLER, "GET", f"/v1/claims/{claim_id}/837", expect=200).text
    wanted = set(names)
    walk.lines(segment for segment in text.split("~") if segment.strip().partition("*")[0] in wanted)
    return text


def _wait_for_acceptance(walk: Walk, claim_id: str) -> None:
    """By the payer: the clearinghouse's word came with its answer, and is not yet that. A decision may overtake it."""
    walk.say("The payer's acknowledgment (277CA) arrives by itself")
    path = f"/v1/claims/{claim_id}/timeline?limit=100"
    timeline = walk.wait(_BILLER, path, lambda reply: bool(_news(reply, claim_id)), "The acknowledgment")
    for event in _news(timeline, claim_id):
        walk.show(event, "kind", "facts")
        walk.expect(event["kind"] in {"accepted", "adjudicated"}, "the payer accepted the claim")


def _news(timeline: Reply, claim_id: str) -> list[dict[str, Any]]:
    """What was heard of the claim after it was sent."""
    events = [event for event in timeline["data"] if event["claim_id"] == claim_id]
    sent = max(at for at, event in enumerate(events) if event["kind"] == "sent")
    return events[sent + 1 :]


def _wait_for_decision(walk: Walk, claim_id: str, status: str) -> Reply:
    decided = walk.wait(
        _BILLER, f"/v1/claims/{claim_id}", lambda reply: reply["status"] in {"paid", "denied"}, "The decision"
    )
    walk.show(decided, "status", "outcome", "payer_claim_number")
    walk.expect(decided["status"] == status, f"the claim is {status}")
    return decided


def _show_remittance(walk: Walk, claim_id: str) -> None:
    newest = walk.ask(_BILLER, "GET", "/v1/remittances?limit=1", expect=200)["data"][0]
    remittance = walk.ask(_BILLER, "GET", f"/v1/remittances/{newest['id']}", expect=200)
    walk.show(remittance, "payer_name", "payment_date", "trace_number", "total_paid")
    payments = [one["status"] for one in remittance["claim_payments"] if one["claim_id"] == claim_id]
    walk.lines([f"its payment for this claim: {', '.join(payments)}"])
    walk.expect(payments == ["posted"], "the remittance's payment was posted")


def _show_decision(walk: Walk, adjudication: dict[str, Any]) -> None:
    walk.show(adjudication, "source", "adjudication_date")
    _show_balance(walk, adjudication["balance"])
    walk.lines(
        f"{one['group']} {one['reason_code']}: {one['amount']}"
        for line in adjudication["decision"]["lines"]
        for one in line["adjustments"]
    )


def _show_review(walk: Walk, review: Reply) -> None:
    walk.show(review, "submittable", "amount_asked")
    for finding in review["findings"]:
        walk.lines([f"{finding['severity']} {finding['code']} at {finding['pointer']}: {finding['message']}"])
    for prior in review["prior_payers"]:
        walk.lines(f"assumed: {one['message']}" for one in prior["assumptions"])
        _show_balance(walk, prior["balance"])


def _show_balance(walk: Walk, balance: dict[str, Any]) -> None:
    walk.table(
        ["line", "charge", "paid", "adjustments", "of it the patient's", "difference"],
        [
            [
                line["line_number"],
                line["charge"],
                line["paid"],
                line["adjustments"],
                line["patient_responsibility"],
                line["difference"],
            ]
            for line in balance["lines"]
        ],
    )


def _expect_amounts(walk: Walk, adjudication: dict[str, Any], *, paid: str, responsibility: str) -> None:
    claim = adjudication["balance"]["claim"]
    walk.expect(adjudication["balance"]["is_balanced"] is True, "the decision adds up to the charge")
    walk.expect(claim["paid"] == paid, f"the payer paid {paid}")
    walk.expect(claim["patient_responsibility"] == responsibility, f"{responsibility} is left to the patient")


def _path(claim: Reply, verb: str) -> str:
    return f"/v1/claims/{claim['id']}{verb}"


def _etag(claim: Reply) -> str:
    return f'"{claim["version"]}"'
