"""Every code of a refusal, what it means and what to do about it: for the page of codes, the document, the README.

Those of single places inside a refusal are `finding_codes.py`'s. Codes are stable; new ones may come.
"""

from typing import NamedTuple


class ProblemCode(NamedTuple):
    status: int
    meaning: str
    remedy: str


PROBLEM_CODES: dict[str, ProblemCode] = {
    # 400: the request cannot be read
    "malformed_request": ProblemCode(400, "The request cannot be read.", "Compare it with the API's document."),
    "header_duplicate": ProblemCode(400, "A header that may stand once stands twice.", "Send it once."),
    "host_invalid": ProblemCode(
        400, "The Host header is missing, doubled or not ours.", "Ask the service by its own name."
    ),
    "json_encoding": ProblemCode(
        400, "The body is not UTF-8, or begins with a byte order mark.", "Encode it as plain UTF-8."
    ),
    "json_syntax": ProblemCode(400, "The body is not one JSON text.", "Let a JSON library write it."),
    "json_duplicate_key": ProblemCode(400, "A member name stands twice in one object.", "Send each name once."),
    "json_number": ProblemCode(
        400, "A number is NaN, infinite or has more than 50 digits.", "Send finite numbers; money is a string."
    ),
    "json_depth": ProblemCode(400, "The body is nested deeper than 32 levels.", "Compare it with the schema."),
    "query_unknown": ProblemCode(
        400, "The operation has no such query parameter.", "Use those in the document; bodies carry the rest."
    ),
    "query_duplicate": ProblemCode(400, "A query parameter stands twice.", "Send it once."),
    "query_invalid": ProblemCode(400, "A query parameter does not fit.", "The findings name it."),
    "limit_range": ProblemCode(400, "`limit` is not a number from 1 to 100.", "Ask for at most 100 and page on."),
    "cursor_invalid": ProblemCode(
        400,
        "The cursor was altered, has aged, or belongs to another caller, list, filter or sort.",
        "Start again without a cursor.",
    ),
    "idempotency_key_missing": ProblemCode(
        400, "The operation needs an Idempotency-Key.", "Send a new random key, the same one on each retry."
    ),
    "idempotency_key_invalid": ProblemCode(
        400, "The Idempotency-Key is not 1 to 255 visible ASCII characters.", "A UUID is a good key."
    ),
    "if_match_invalid": ProblemCode(
        400, "If-Match is not one strong ETag.", "Send the ETag of the record as you read it; no `*`, `W/` or list."
    ),
    "purpose_invalid": ProblemCode(
        400, "Purpose-Of-Use is not one of its words.", "Send treatment, payment or operations, or leave it out."
    ),
    # 401, 403, 404, 405
    "token_invalid": ProblemCode(
        401, "The bearer token is missing, wrong, expired or not for this service.", "Get a new token and try again."
    ),
    "role_forbidden": ProblemCode(
        403, "The token's roles and scopes never allow this operation.", "`x-roles` in the document says which do."
    ),
    "not_found": ProblemCode(
        404, "There is no such record or path, or it is not yours; the two look the same.", "Check the id."
    ),
    "method_not_allowed": ProblemCode(405, "The path does not take this method.", "`Allow` lists those it takes."),
    # 409: a rule says no
    "conflict": ProblemCode(409, "A rule says no.", "The detail and the findings say which."),
    "already_exists": ProblemCode(409, "A record with this identity exists.", "Read it and change it instead."),
    "idempotency_key_in_use": ProblemCode(
        409, "The first request with this key is still running.", "Wait `Retry-After` seconds, send it again."
    ),
    "external_id_taken": ProblemCode(
        409, "The practice has a patient with this external id.", "Find the patient by `external_id`."
    ),
    "npi_taken": ProblemCode(409, "The practice has a provider with this NPI.", "Find the provider in the list."),
    "coverage_conflict": ProblemCode(
        409, "The coverage breaks a rule of coordination.", "The findings name rule and field."
    ),
    "coverage_duplicate": ProblemCode(
        409, "The patient has this policy already for some of these days.", "Change that coverage instead."
    ),
    "coverage_rank_taken": ProblemCode(
        409, "Another coverage holds this rank on some of these days.", "Put all coverages in order in one call."
    ),
    "coverage_closed": ProblemCode(
        409, "The coverage was rejected or withdrawn and stays as it is.", "Add the policy again if it is valid."
    ),
    "coverage_not_unverified": ProblemCode(
        409, "Only an unverified coverage can be verified or rejected.", "Read it: someone has decided already."
    ),
    "coverage_order_refused": ProblemCode(
        409, "The wished order breaks a rule of coordination.", "The findings name each entry that does."
    ),
    "rank_belongs_to_order": ProblemCode(
        409, "A verified coverage's rank changes through the order only.", "Send the whole order."
    ),
    "patient_rank_refused": ProblemCode(
        409, "A patient adds coverages after the primary; the practice records the primary.", "Ask the practice."
    ),
    # 409: claims
    "billing_provider_fixed": ProblemCode(
        409,
        "Who bills stays: an encounter has one claim for each billing provider.",
        "Delete the draft and create a new claim.",
    ),
    "claim_exists": ProblemCode(
        409,
        "The encounter has a live claim for this coverage.",
        "Correct and submit that claim, or go on to the next payer.",
    ),
    "encounter_billed": ProblemCode(
        409, "The encounter has a live claim already.", "Find it by `encounter_id`; later payers follow from it."
    ),
    "encounter_of_other_patient": ProblemCode(
        409, "The encounter was billed for another patient.", "Check encounter and patient in the record system."
    ),
    "claim_state": ProblemCode(
        409, "The claim's status does not allow this.", "Read the claim; its timeline says what happened."
    ),
    "claim_not_deletable": ProblemCode(
        409,
        "The claim was submitted or decided, or another claim follows from it.",
        "Only a draft that went nowhere is deleted.",
    ),
    "coverage_of_other_patient": ProblemCode(
        409, "The coverage belongs to another patient of the practice.", "List the patient's coverages."
    ),
    "coverage_unverified": ProblemCode(
        409, "The coverage is unverified.", "Confirm it by an eligibility check or by staff, then bill it."
    ),
    "coverage_not_active": ProblemCode(
        409,
        "The coverage is not in force on the service date, or holds no rank then.",
        "Check its period and the order of coverages.",
    ),
    "coverage_benefits_differ": ProblemCode(
        409, "The coverage does not pay for what is billed.", "Bill the coverage for behavioral benefits."
    ),
    "no_next_payer": ProblemCode(
        409,
        "No verified coverage is left to bill on the service date.",
        "Add the coverage, or confirm it, if one is missing.",
    ),
    "order_has_gap": ProblemCode(
        409, "A rank before this payer's is empty on the service date.", "Put the patient's coverages in order."
    ),
    "order_changed": ProblemCode(
        409,
        "The encounter was billed in another order of payers.",
        "Put the coverages in the order in which it was billed.",
    ),
    "payer_skipped": ProblemCode(
        409, "A payer ahead was not billed.", "Bill it first; a later payer's claim is made from the earlier one's."
    ),
    "prior_payer_undecided": ProblemCode(
        409, "A payer ahead has not decided.", "Wait for its remittance, or enter its decision."
    ),
    "claim_held": ProblemCode(
        409, "The claim is held.", "Release it, then submit it; the finding says why it is held."
    ),
    "claim_not_submittable": ProblemCode(
        409, "The claim cannot be submitted as it stands.", "The findings say what; its review shows the way out."
    ),
    "submission_open": ProblemCode(
        409, "A submission of this claim is under way.", "Wait for its outcome; the list of submissions shows it."
    ),
    "submission_state": ProblemCode(
        409, "The submission's state does not allow this.", "Read the list of the claim's submissions."
    ),
    "lines_required": ProblemCode(
        409,
        "The payer's decision is needed for each line: totals do not say what belongs to which.",
        "Enter it in full, line by line; `line_template` lists the lines.",
    ),
    "adjustment_reason_required": ProblemCode(
        409,
        "What the payer took off has no reason, and none may be taken by default.",
        "Give `adjustment_group` and `adjustment_reason_code`.",
    ),
    "denial_reason_required": ProblemCode(
        409,
        "Nothing was paid and nothing left to the patient, and no reason says why.",
        "Give `denial_group` and `denial_reason_code`.",
    ),
    "earlier_payers_effect_required": ProblemCode(
        409,
        "A later payer's totals say what earlier payers did (OA-23).",
        "Give `earlier_payers_effect`, 0.00 if nothing.",
    ),
    "earlier_payers_effect_refused": ProblemCode(
        409, "No payer decided before this one.", "Leave `earlier_payers_effect` out."
    ),
    "adjudication_not_proposed": ProblemCode(
        409, "The version does not wait to be accepted.", "List the adjudications: somebody has decided already."
    ),
    "repair_stale": ProblemCode(
        409, "The repair is not offered any more.", "Read the review again and choose from what it offers."
    ),
    "release_refused": ProblemCode(409, "The payer takes no such claim electronically.", "Bill it on paper."),
    "release_needs_confirmation": ProblemCode(
        409, "This hold is released by a confirmation.", "Send `confirmed: true`."
    ),
    "release_needs_reason": ProblemCode(
        409, "This hold is overridden for a reason that fits it.", "Send one of the reasons that the detail names."
    ),
    # 412 to 429
    "version_stale": ProblemCode(
        412, "The record has changed since it was read.", "Read it again, apply the change, send the new ETag."
    ),
    "version_required": ProblemCode(428, "If-Match is missing.", "Send the ETag of the record as you read it."),
    "body_too_large": ProblemCode(413, "The body is larger than 1 MiB.", "Nothing the schema takes is that large."),
    "url_too_long": ProblemCode(414, "The address is longer than 4 KiB.", "Search with a body, not a query."),
    "headers_too_large": ProblemCode(
        431, "The headers exceed 16 KiB or 64 lines.", "Send only what the document names."
    ),
    "content_type_unsupported": ProblemCode(
        415, "The body is not application/json in UTF-8, or is compressed.", "Send it plain with its Content-Type."
    ),
    # 422: readable, but wrong
    "validation_failed": ProblemCode(422, "The body does not fit the schema.", "The findings name every place."),
    "body_not_object": ProblemCode(422, "The body is not one JSON object.", "Wrap the members in an object."),
    "too_many": ProblemCode(422, "The body has more than 5,000 members and items.", "Split it into several requests."),
    "idempotency_key_reused": ProblemCode(
        422, "This key was used for another request.", "Use a new key for each new request."
    ),
    # 429
    "limit_reached": ProblemCode(429, "Too many of these for now.", "Wait `Retry-After` seconds."),
    "patient_coverage_limit": ProblemCode(
        429, "Too many of the patient's own additions wait to be confirmed.", "Wait, or ask the practice."
    ),
    # 500 and more
    "internal_error": ProblemCode(
        500, "The service made a mistake.", "Retry with the same Idempotency-Key; report the request id."
    ),
    "unavailable": ProblemCode(503, "A part of the service is not available.", "Try again shortly."),
    "deadline_exceeded": ProblemCode(
        503, "The request took longer than 30 seconds.", "Retry with the same Idempotency-Key."
    ),
    "database_unavailable": ProblemCode(503, "The database is not available.", "Try again shortly."),
    "clearinghouse_unavailable": ProblemCode(
        503, "The clearinghouse gave no usable answer.", "Try again later; nothing was lost."
    ),
    "clearinghouse_refused": ProblemCode(
        503, "The clearinghouse refused what we sent.", "Tell the operator: sending again changes nothing."
    ),
    "lease_lost": ProblemCode(503, "The work moved to another worker.", "Read the record again."),
    "error": ProblemCode(503, "The request was refused.", "Report the request id."),
}
