"""One valid claim to a second payer, and what can be wrong with its structure, its codes and its formats, once each.

A mutant is an edit of the text: what is replaced by what, the code and the place of the one finding that names it. Some
are named by another check than that of the structure: of the envelope, or of the claim. `is_missed` are those that
pyx12 4.0.0 accepts.
"""

import functools
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.domain.codes import PayerResponsibility, Relationship
from tests.factories import an_npi
from tests.x12.claims import (
    BEN,
    BILLED_BY,
    CAL,
    HOME,
    SUBMITTER,
    a_decision,
    a_line,
    a_policy,
    a_prior_line,
    a_secondary,
    an_other_payer,
    co,
    named,
    pr,
    written,
)
from tests.x12.texts_837 import changed, counted

FACILITY_NPI: Final = an_npi(3)


@functools.cache
def valid() -> str:
    """Two lines, of a child of the subscriber, at a facility of its own; the first payer decided on both lines."""
    from app.domain.professional_claims import NamedProvider

    claim = a_secondary(
        billed_by=BILLED_BY.__class__(**{**vars(BILLED_BY), "contact": SUBMITTER.contact}),
        policy=a_policy(
            responsibility=PayerResponsibility.SECONDARY, insured=named(CAL), relationship=Relationship.CHILD
        ),
        patient=BEN,
        patient_is_subscriber=False,
        prior_authorization="AUTH1",
        service_facility=NamedProvider(name="Invented Rooms", npi=FACILITY_NPI, address=HOME),
        lines=(a_line(1), a_line(2)),
        other_payers=(
            an_other_payer(
                policy=a_policy(
                    insured=named(CAL, at_home=True),
                    relationship=Relationship.CHILD,
                    member_id="PRM900800700",
                    claim_filing_code="BL",
                ),
                payer_claim_number="ICN1",
                decision=a_decision(
                    paid=Decimal("160.00"),
                    lines=(
                        a_prior_line(),
                        a_prior_line(line_number=2, adjustments=(co("40.00"), pr("30.00", "1"))),
                    ),
                ),
            ),
        ),
    )
    return written(claim)
