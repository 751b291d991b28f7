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
    "too_many": "More than 5,000 members and items in the body.",
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
    # claims
    "patient_unknown": "There is no such patient.",
    "coverage_unknown": "There is no such coverage.",
    "procedure_format": "A procedure is a HCPCS code of five characters (SV101-2).",
    "modifier_format": "A modifier has two letters or digits (SV101-3 to 6).",
    "modifier_repeated": "A modifier stands once on a line.",
    "modifiers_too_many": "A line has at most 4 modifiers.",
    "charge_zero": "A line has a charge above zero (SV102).",
    "amount_limit": "An amount, or the sum of the charges, is above 99999999.99.",
    "amount_negative": "The amount is below zero.",
    "amount_decimals": "An amount has two decimals.",
    "units_format": "Units are a decimal text above zero: up to five digits and three decimals, no zeros at the ends.",
    "units_range": "Units are a number above zero of at most eight digits (SV104).",
    "units_decimals": "Units have at most three decimals.",
    "pointers_missing": "A line points at one diagnosis at least (SV107).",
    "pointers_too_many": "A line points at 4 diagnoses at most.",
    "pointer_unknown": "A line points at none of the claim's diagnoses, which count from 1.",
    "pointer_repeated": "A line points at a diagnosis once.",
    "date_future": "A service that is billed is not in the future.",
    "date_before_birth": "The service is before the patient's birth.",
    "date_order": "The service ends before it begins.",
    "place_of_service_unknown": "No code of CMS's place of service code set (CLM05-1, SV105).",
    "diagnosis_format": "A diagnosis is an ICD-10-CM code without its point (HI).",
    "diagnosis_repeated": "A diagnosis is listed once.",
    "diagnoses_missing": "A claim has one diagnosis at least.",
    "diagnoses_too_many": "A claim has at most 12 diagnoses.",
    "lines_missing": "A claim has one service line at least.",
    "lines_too_many": "A claim has at most 50 service lines.",
    "line_unknown": "The claim has no line with this id.",
    "line_duplicate": "The same service twice, without a modifier that says it was done twice.",
    "line_id_repeated": "A line's id stands once in a claim.",
    "line_control_number_repeated": "A line's control number stands once in a claim (REF*6R).",
    "line_added": "The payer before was not billed for this line.",
    "line_removed": "A line that the payer before was billed for is missing.",
    "line_changed": "Charge, units and days stay as the payer before was billed.",
    "patient_paid_above_charge": "The patient paid no more than the charges (AMT*F5).",
    "reference_format": "A number has 1 to 50 characters of the X12 basic set (REF02).",
    "payer_assigned_id_repeated": "One payer-assigned number for each role (REF*G2).",
    "payer_assigned_id_unplaced": "A payer-assigned number belongs to someone the claim names (REF*G2).",
    "split_claim": "Other payers are in force on this line's days than on the claim's first.",
    # submissions
    "claim_held": "The claim waits; its hold reason says for what.",
    "paper_required": "The payer takes no claim after another payer electronically.",
    "prior_payer_undecided": "A payer ahead has not decided (2320).",
    # decisions
    "totals_or_decision": "Either the three totals are given or the whole decision.",
    "lines_required": "The decision is needed for each line, and only totals or claim-level amounts are there (2430).",
    "adjustment_reason_required": "What the payer took off needs a group and a reason; none is taken by default here.",
    "denial_reason_required": "Nothing paid and nothing left to the patient: a group and a reason say why.",
    "earlier_payers_effect_required": "A later payer's totals say what earlier payers did (OA-23), 0.00 if nothing.",
    "earlier_payers_effect_refused": "No payer decided before this one.",
    "split_mismatch": "Deductible, coinsurance and copay do not add up to the patient's responsibility.",
    "adjustment_reason_refused": "Nothing was paid and nothing is left to the patient: the reason is the denial's.",
    "denial_reason_refused": "A denial reason goes with nothing paid.",
    "denial_amount_required": "A denial takes off an amount; it is missing.",
    "adjudication_before_service": "The payer decided before the last service (DTP*573).",
    "adjudication_in_future": "The payer's decision is in the future (DTP*573).",
    "amount_invalid": "An amount is whole cents, up to 99999999.99.",
    "reason_code_format": "A reason code (CARC) has 1 to 5 letters and digits (CAS02).",
    "reason_code_required": "Only patient responsibility may wait for its reason (CAS02).",
    "remark_code_format": "A remark code (RARC) has one or two letters and up to four digits.",
    "quantity_format": "A quantity has at most 8 digits, of them 3 after the point (CAS04).",
    "procedure_code_format": "An adjudicated procedure has five letters and digits (SVD03-2).",
    "procedure_code_required": "Modifiers go with the procedure that was adjudicated (SVD03).",
    "procedure_qualifier": "A claim cannot say a procedure of this code set (SVD03-1).",
    "payer_claim_number_format": "A payer's claim number has 1 to 50 characters of the X12 basic set (REF*F8).",
    "line_repeated": "The same decision on a line stands there twice.",
    "bundled_into_line": "A line is bundled into another line of the claim, which is not bundled itself (SVD06).",
    "bundled_line_paid": "A bundled line is paid 0; its payment stands on the other line.",
    "too_many_services": "A line has room for 15 adjudicated services (2430).",
    "too_many_remarks": "There are more remark codes than a claim has room for.",
    "too_many_adjustments": "A group has more than six reasons at one level (CAS).",
    "adjustment_duplicate": "A group and reason stand twice at one level; a claim carries them once, with the sum.",
    "adjustment_zero": "An adjustment of zero is not sent.",
    "adjustment_negative": "A negative adjustment is legal, but some payers refuse it.",
    "adjustment_reason_missing": "Patient responsibility is not split into deductible, coinsurance and copay.",
    "line_undecided": "The earlier payer has not decided this line.",
    "line_out_of_balance": "Paid and adjustments of a line are not its charge; the message says by how many cents.",
    "claim_out_of_balance": "Paid and adjustments of the claim are not its charge; the message says by how many cents.",
    "paid_differs_from_lines": "The claim's paid amount (AMT*D) is not what its lines say.",
    "amount_at_both_levels": "The same amount stands at claim level and on the lines; a dollar stands once.",
    "liability_at_two_levels": "What is left to pay is stated for the claim and for its lines, and the two differ.",
    "prior_claim_number_missing": "The payer turns away claims without the earlier payer's claim number (REF*F8).",
    # the next claim and its review
    "payer_skipped": "A payer ahead was not billed.",
    "claim_exists": "The encounter has a live claim to this payer.",
    "no_next_payer": "No verified coverage is left to bill on the service date.",
    "coverage_benefits_differ": "The coverage does not pay for what is billed.",
    "coverage_not_active": "The coverage is not in force on the service date, or holds no rank then.",
    "coverage_of_other_patient": "The coverage belongs to another patient.",
    "order_changed": "The encounter was billed in another order of payers than holds now.",
    "payer_claim_number_missing": "A replacement or void names the claim by the payer's own number (REF*F8).",
    "accepts_assignment_unknown": "Whether the provider accepts assignment from the payer is not recorded (CLM07).",
    "rendering_provider_missing": "The practice bills and nobody is named who rendered the service (2310B).",
    "provider_inactive": "The provider is not active any more.",
    "provider_not_person": "Only a person refers or supervises (2310A, 2310D).",
    "billing_taxonomy_missing": "Many payers want the taxonomy of who bills (2000A PRV03).",
    "billing_contact_missing": "Neither claim nor practice says whom to ask about the bill (1000A PER).",
    "practice_tax_id_missing": "The practice's tax id is not recorded (2010AA REF02).",
    "practice_address_missing": "The practice's address is not recorded (2010AA N3).",
    "zip_nine_digits": "The postal code needs nine digits here.",
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
    "clearinghouse_key_reused": "The clearinghouse holds another text under this key; tell the operator.",
    "clearinghouse_position_expired": "The clearinghouse does not know this place in its feed any more.",
    "clearinghouse_refused_edits": "The clearinghouse found errors in the question.",
    "clearinghouse_refused_syntax": "The clearinghouse says the question breaks the X12 guide.",
    "clearinghouse_refused_request": "The clearinghouse says the request around the question is wrong.",
    "clearinghouse_refused_too_large": "The question is too large for the clearinghouse.",
    "clearinghouse_refused_not_found": "The clearinghouse does not have this document.",
    # remittances
    "adjudication_date_missing": "The payment has no date.",
    "adjustment_unreadable": "An adjustment has a group nobody knows or no reason.",
    "claim_charge_differs": "The charge is not the one that was billed for the claim.",
    "claim_status_unknown": "The claim's status is none that decides it.",
    "payer_differs": "The remittance names another payer than the claim's.",
    "payer_order_disputed": "The payer says that it stands elsewhere in the order of benefits than it was billed.",
    "payment_differs_from_services": "The services' payments less the claim's adjustments are not what was paid.",
    "payment_has_unknown_claims": "The payment also pays claims whose numbers are not known here.",
    "payment_out_of_balance": "The charge less all adjustments is not what was paid.",
    "payment_shared": "The payment also pays claims of others; the total is that of your claims.",
    "payment_unreadable": "A part of the payment could not be read.",
    "procedure_not_representable": "A professional claim cannot say a procedure of this code set.",
    "responsibility_differs": "The patient responsibility the payer states is not the sum of its adjustments.",
    "service_charge_differs": "The charge is not the one that was billed for the line.",
    "service_out_of_balance": "The service's charge less its adjustments is not what was paid.",
    "service_unmatched": "The service is none of the claim's lines, or could be more than one.",
    "services_missing": "One of several payments for the claim does not say which lines it is about.",
    # payers' profiles
    "setting_value_type": "The value has another type than its setting asks for.",
    "setting_value_choice": "The value is none of the setting's words.",
    "setting_value_range": "The number is outside the setting's bounds.",
    "setting_value_keys": "A time limit has a basis and either days or months, nothing else.",
    "setting_value_format": "A reason is a group and a code, such as PR-96.",
    "setting_value_repeated": "A reason is listed twice.",
    "findings_left_out": "There were more findings than are kept.",
}
