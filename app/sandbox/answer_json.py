"""The JSON around the X12, as the published document of Stedi's API describes it (eligibility, raw X12).

Code lists there come as code and name side by side; the names below are the document's.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

from app.sandbox.benefits import Benefit, Entity
from app.sandbox.eligibility import Answer, Rejection
from app.sandbox.inquiry_270 import Inquiry
from app.sandbox.interchange import Interchange, Problem
from app.sandbox.members import Member, Person

Json = dict[str, Any]

_BENEFIT_NAMES: Final = {
    "1": "Active Coverage",
    "6": "Inactive",
    "A": "Co-Insurance",
    "B": "Co-Payment",
    "C": "Deductible",
    "F": "Limitations",
    "G": "Out of Pocket (Stop Loss)",
    "R": "Other or Additional Payor",
    "U": "Contact Following Entity for Eligibility or Benefit Information",
    "V": "Cannot Process",
}
_LEVEL_NAMES: Final = {"IND": "Individual", "FAM": "Family"}
_PERIOD_NAMES: Final = {"23": "Calendar Year", "27": "Visit", "29": "Remaining"}
_NETWORK_NAMES: Final = {"Y": "Yes", "N": "No"}
_ROLE_NAMES: Final = {
    "PR": "Payer",
    "PRP": "Primary Payer",
    "SEP": "Secondary Payer",
    "TTP": "Tertiary Payer",
    "VN": "Vendor",
}
_RELATIONSHIP_NAMES: Final = {
    "01": "Spouse",
    "19": "Child",
    "20": "Employee",
    "21": "Unknown",
    "39": "Organ Donor",
    "40": "Cadaver Donor",
    "53": "Life Partner",
    "G8": "Other Relationship",
}
_FOLLOW_UPS: Final = {"C": "Please Correct and Resubmit", "R": "Resubmission Allowed"}
_REJECTED_PARTY: Final = {"2100A": "payer", "2100B": "provider", "2100C": "subscriber", "2110C": "subscriber"}


def answered(question: Interchange, inquiry: Inquiry, answer: Answer, x12: str, control_number: int) -> Json:
    """The answer when the payer said something, a refusal included."""
    content: Json = {
        **_frame(control_number),
        "meta": {
            "applicationMode": "test",
            "senderId": question.sender_id,
            "submitterId": question.receiver_id,
            "traceId": f"SBX{control_number:09d}",
        },
        "tradingPartnerServiceId": inquiry.payer_id,
        "payer": {
            "entityIdentifier": "Payer",
            "entityType": "Non-Person Entity",
            "name": answer.payer_name,
            "payorIdentification": inquiry.payer_id,
        },
        "provider": {
            "entityIdentifier": "Provider",
            "entityType": "Non-Person Entity",
            "npi": inquiry.provider_npi,
            "providerName": inquiry.provider[3],
        },
        "subscriber": _subscriber(answer),
        "dependents": [_dependent(answer.dependent, answer.relationship)] if answer.dependent else [],
        "subscriberTraceNumbers": _traces(inquiry, control_number),
        "benefitsInformation": [_benefit(benefit) for benefit in answer.benefits],
        "errors": [],
        "warnings": [],
        "x12": x12,
    }
    if answer.member is not None:
        content["planDateInformation"] = _plan_dates(answer.member)
        content["planInformation"] = _given(groupNumber=answer.member.plan.group_number)
    if answer.rejection is not None:
        loop, error = answer.rejection.loop, _aaa_error(answer.rejection)
        party = content["dependents"][0] if loop == "2100D" else content[_REJECTED_PARTY[loop]]
        party["aaaErrors"] = content["errors"] = [error]
    return content


def not_parsed(problems: Iterable[Problem], control_number: int, acknowledgment: str | None) -> Json:
    """The 400 for X12 that cannot be passed on. Stedi reports parse errors under code 71, whatever they are about."""
    content: Json = {
        "id": _check_id(),
        "eligibilitySearchId": str(uuid4()),
        "status": "ERROR",
        "errors": [
            {
                "code": "71",
                "description": f"Parse errors: {problem.text}",
                "followupAction": "Please Correct and Resubmit",
                "location": problem.location,
                "possibleResolutions": "Correct the X12 at this place; it must be one valid 270.",
            }
            for problem in problems
        ],
    }
    if acknowledgment is not None:
        content |= {
            "controlNumber": f"{control_number:09d}",
            "transactionSetAcknowledgement": "R",
            "implementationTransactionSetSyntaxError": "5",
            "x12": acknowledgment,
        }
    return content


def invalid_request(message: str, path: str) -> Json:
    """The other 400: the request around the X12 is wrong."""
    return {"message": message, "fieldList": [{"message": message, "path": path}]}


def _frame(control_number: int) -> Json:
    return {
        "id": _check_id(),
        "eligibilitySearchId": str(uuid4()),
        "controlNumber": f"{control_number:09d}",
        "reassociationKey": f"{control_number:09d}",
    }


def _check_id() -> str:
    return f"ec_{uuid4()}"


def _aaa_error(rejection: Rejection) -> Json:
    return {
        "field": "AAA",
        "code": rejection.reason_code,
        "description": f"The payer refused the inquiry with code {rejection.reason_code}.",
        "followupAction": _FOLLOW_UPS[rejection.follow_up_code],
        "location": f"Loop {rejection.loop}",
        "possibleResolutions": "See the table of refusals in the sandbox's documentation.",
    }


def _subscriber(answer: Answer) -> Json:
    group_number = answer.member.plan.group_number if answer.member else ""
    return {
        "entityIdentifier": "Insured or Subscriber",
        "entityType": "Person",
        **_person(answer.subscriber),
        **_given(memberId=answer.member_id, groupNumber=group_number),
    }


def _dependent(person: Person, relationship: str) -> Json:
    named = relationship if relationship in _RELATIONSHIP_NAMES else ""
    return {
        "entityIdentifier": "Dependent",
        "entityType": "Person",
        "insuredIndicator": "N",
        **_person(person),
        **_given(relationToSubscriberCode=named, relationToSubscriber=_RELATIONSHIP_NAMES.get(named, "")),
    }


def _person(person: Person) -> Json:
    address = _given(
        address1=person.line1,
        address2=person.line2,
        city=person.city,
        state=person.state,
        postalCode=person.postal_code,
    )
    born = f"{person.birth_date:%Y%m%d}" if person.birth_date else ""
    named = _given(firstName=person.first_name, lastName=person.last_name, dateOfBirth=born, gender=person.sex)
    return {**named, **({"address": address} if address else {})}


def _traces(inquiry: Inquiry, control_number: int) -> list[Json]:
    number, company = inquiry.trace
    own = {
        "traceTypeCode": "1",
        "traceType": "Current Transaction Trace Numbers",
        "referenceIdentification": f"SBX{control_number:09d}",
    }
    asked = {
        "traceTypeCode": "2",
        "traceType": "Referenced Transaction Trace Numbers",
        "referenceIdentification": number,
        "originatingCompanyIdentifier": company,
    }
    return [asked, own] if number else [own]


def _plan_dates(member: Member) -> Json:
    if member.ends is None:
        return {"planBegin": f"{member.begins:%Y%m%d}"}
    return {"plan": f"{member.begins:%Y%m%d}-{member.ends:%Y%m%d}"}


def _benefit(benefit: Benefit) -> Json:
    content = _given(
        code=benefit.code,
        name=_BENEFIT_NAMES[benefit.code],
        coverageLevelCode=benefit.level,
        coverageLevel=_LEVEL_NAMES.get(benefit.level, ""),
        insuranceTypeCode=benefit.insurance_type,
        planCoverage=benefit.plan_name,
        timeQualifierCode=benefit.period,
        timeQualifier=_PERIOD_NAMES.get(benefit.period, ""),
        benefitAmount="" if benefit.amount is None else f"{benefit.amount:f}",
        benefitPercent="" if benefit.percent is None else f"{benefit.percent:f}",
        benefitQuantity="" if benefit.visits is None else str(benefit.visits),
        quantityQualifierCode="" if benefit.visits is None else "VS",
        quantityQualifier="" if benefit.visits is None else "Visits",
        authOrCertIndicator=benefit.authorization,
        inPlanNetworkIndicatorCode=benefit.network,
        inPlanNetworkIndicator=_NETWORK_NAMES.get(benefit.network, ""),
    )
    content["serviceTypeCodes"] = list(benefit.service_types)
    if benefit.other_member_id:
        content["benefitsAdditionalInformation"] = {"memberId": benefit.other_member_id}
    if benefit.coordination is not None:
        begins, ends = benefit.coordination
        period = f"{begins:%Y%m%d}" + (f"-{ends:%Y%m%d}" if ends else "")
        content["benefitsDateInformation"] = {"coordinationOfBenefits": period}
    if benefit.message:
        content["additionalInformation"] = [{"description": benefit.message}]
    if benefit.entity is not None:
        content["benefitsRelatedEntities"] = [_entity(benefit.entity)]
    return content


def _entity(entity: Entity) -> Json:
    phone = {"communicationMode": "Telephone", "communicationNumber": entity.phone}
    return {
        "entityIdentifier": _ROLE_NAMES[entity.role],
        "entityType": "Non-Person Entity",
        "entityName": entity.name,
        "entityIdentification": entity.id_qualifier,
        "entityIdentificationValue": entity.identifier,
        **({"contactInformation": {"contacts": [phone]}} if entity.phone else {}),
    }


def _given(**fields: str) -> Json:
    """The fields that have a value: an absent one is left out, never sent empty."""
    return {name: value for name, value in fields.items() if value}
