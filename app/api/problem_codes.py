"""Every code a client may meet, what it means and what to do about it: for the page of codes, the document, the README.

`PROBLEM_CODES` are the codes of whole answers, `FINDING_CODES` those of single places inside them. Codes are stable;
new ones may come. The codes of findings in X12 text stand in `x12/findings.py`.
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
    "too_many": ProblemCode(422, "The body has more than 1,000 members and items.", "Split it into several requests."),
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


FINDING_CODES: dict[str, str] = {
    # any field
    "unknown_field": "The schema has no such field.",
    "missing": "A required field is absent.",
    "type": "The value has another JSON type.",
    "too_long": "Longer than the schema allows.",
    "too_short": "Shorter than the schema allows.",
    "format": "Not of the form the schema's pattern says.",
    "range": "A number outside the schema's bounds.",
    "enum": "None of the values the schema lists.",
    "value": "Does not fit the schema in another way.",
    "too_many": "More than 1,000 members and items in the body.",
    "text_invalid": "Half of a surrogate pair.",
    "text_control": "A control character.",
    "text_unsafe": "An invisible, direction-changing, private or unassigned character.",
    "money_format": "Money is a string such as 80.00: no sign, exponent, separator or third decimal.",
    "money_range": "The amount is negative where it may not be, or above 99999999.99.",
    "date_format": "A date is YYYY-MM-DD and a day of the calendar.",
    "date_range": "The date is outside what is taken here.",
    "timestamp_format": "A time is RFC 3339 in UTC, ending in Z.",
    "identifier_format": "An id is a UUID in lower case with dashes.",
    "limit_range": "`limit` is a number from 1 to 100.",
    "cursor_invalid": "The cursor does not continue this list.",
    "query_unknown": "The operation has no such query parameter.",
    # people and providers
    "npi_format": "An NPI has ten digits whose check digit holds.",
    "tax_id_format": "A tax id has nine digits.",
    "taxonomy_format": "A taxonomy code has ten characters, the last one X.",
    "time_zone_unknown": "No time zone of the United States and territories.",
    "state_format": "A state is two letters of the postal service.",
    "phone_format": "A phone number has ten digits.",
    "postal_code_format": "A postal code has five or nine digits.",
    "external_id_format": "An external id has 1 to 64 letters, digits, dots, dashes and underscores.",
    "birth_date_range": "A birth date in the future or before 1890.",
    "release_incomplete": "A release of information has both a kind and a date.",
    "external_id_taken": "Another patient of the practice has this external id.",
    "npi_taken": "Another provider of the practice has this NPI.",
    "provider_name": "A person has `name` only, an organization `organization_name` only.",
    "provider_unknown": "There is no such provider.",
    "payer_unknown": "There is no such payer.",
    "source_required": "A payer's profile entry names its source.",
    "source_url": "The source of a profile entry is an https address.",
    "payer_repeated": "A payer is listed twice.",
    "signature_on_file_missing": "A claim needs the patient's signature on file (CLM10).",
    "release_of_information_missing": "A claim needs the release of information (CLM09).",
    "address_missing": "A claim needs the patient's address (2010BA N3).",
    # coverages
    "member_id_format": "A member id has 2 to 80 characters of the X12 basic set (2010BA NM109).",
    "member_id_mbi": "Original Medicare's member id is a Medicare Beneficiary Identifier.",
    "member_id_owner": "When the patient is the subscriber, the member id is the patient's.",
    "relationship_medicare": "A Medicare beneficiary is always the subscriber.",
    "subscriber_refused": "The patient is the subscriber, so no other is taken.",
    "subscriber_required": "The subscriber is someone else and must be described.",
    "insurance_type_code": "No reason for which Medicare is not primary (SBR05).",
    "claim_filing_code": "No claim filing indicator (SBR09).",
    "insurance_type_required": "Medicare after another payer needs the reason (SBR05).",
    "insurance_type_refused": "Only Original Medicare that is not primary carries a reason (SBR05).",
    "benefits_assigned_missing": "Whether benefits are assigned is not recorded (CLM08).",
    "coverage_unverified": "Not billable until an eligibility check or staff confirm it.",
    "coverage_duplicate": "The patient has this policy already for some of these days.",
    "coverage_rank_taken": "Two coverages at one rank on the same day (SBR01).",
    "coverage_repeated": "A coverage is listed twice in the order.",
    "coverage_not_rankable": "Not a verified coverage of this patient.",
    "coverage_closed": "The coverage was rejected or withdrawn before its payer was asked.",
    "service_date_outside_period": "The payer was asked about a day outside the coverage's period; nothing is confirmed.",
    "coverage_changed_meanwhile": "The coverage changed after the payer was asked; check again.",
    "order_incomplete": "A verified coverage is missing from the order.",
    "order_has_gap": "A rank is skipped; payers after the gap cannot be billed.",
    "patient_rank_refused": "The practice records the primary.",
    "period_order": "The period ends before it begins.",
    "primary_ended": "A later payer stays in force without a primary.",
    # eligibility checks
    "check_not_finished": "The check was begun several times and never finished; check again.",
    "trace_number_not_returned": "The payer's answer does not repeat our trace number (TRN02).",
    "trace_number_differs": "The payer's answer belongs to another question (TRN02).",
    "member_id_differs": "The payer's answer has another member id.",
    "member_id_not_returned": "The payer's answer has no member id.",
    "last_name_differs": "The payer's answer has another last name.",
    "last_name_not_returned": "The payer's answer has no last name.",
    "birth_date_differs": "The payer's answer has another birth date.",
    "birth_date_not_returned": "The payer's answer has no birth date.",
    "other_member_in_answer": "The payer's answer also names other people; they were set aside.",
    "part_rejected": "The payer rejected a part of the question (AAA).",
    "coverage_not_stated": "The payer's answer does not say whether the plan is active.",
    "coverage_contradictory": "The payer says both active and inactive for one day.",
    "carve_out": "The plan is active, but another payer handles its mental health benefits.",
    "percent_above_one": "A coinsurance above 1 is kept as the payer sent it; 0.2 would be 20 %.",
    "cost_share_unusable": "A figure below zero, or too large to be what a patient owes, is left out (EB07, EB08).",
    "clearinghouse_not_sent": "The clearinghouse could not be reached.",
    "clearinghouse_no_answer": "The clearinghouse was asked and did not answer in time.",
    "clearinghouse_credentials": "The clearinghouse does not take our key; tell the operator.",
    "clearinghouse_wrong_address": "The clearinghouse is not at its address; tell the operator.",
    "clearinghouse_rate_limited": "The clearinghouse was asked too often.",
    "clearinghouse_busy": "The clearinghouse had an error of its own.",
    "clearinghouse_payer_unavailable": "The clearinghouse could not reach the payer.",
    "clearinghouse_unreadable": "The clearinghouse's answer is not what was agreed.",
    "clearinghouse_refused_edits": "The clearinghouse found errors in the question.",
    "clearinghouse_refused_syntax": "The clearinghouse says the question breaks the X12 guide.",
    "clearinghouse_refused_request": "The clearinghouse says the request around the question is wrong.",
    "clearinghouse_refused_too_large": "The question is too large for the clearinghouse.",
    # payers' profiles
    "setting_value_type": "The value has another type than its setting asks for.",
    "setting_value_choice": "The value is none of the setting's words.",
    "setting_value_range": "The number is outside the setting's bounds.",
    "setting_value_keys": "A time limit has a basis and either days or months, nothing else.",
    "setting_value_format": "A reason is a group and a code, such as PR-96.",
    "setting_value_repeated": "A reason is listed twice.",
    "findings_left_out": "There were more findings than are kept.",
}
