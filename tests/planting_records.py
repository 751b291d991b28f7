"""The ids and words of one patient's planted records. `planting.py` writes the records."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

import uuid_utils.compat

from app.domain.payers import payer_id


@dataclass(frozen=True, kw_only=True)
class Records:
    """The ids of what was planted. The words are lower case; they stand in any case in the data.

    `word` is in what belongs to the patient, `house_word` in what belongs to the practice alone. A member that is called
    like a parameter of a path is what the path is asked with.
    """

    practice_id: UUID
    word: str = field(default_factory=lambda: f"zq{secrets.token_hex(5)}")
    house_word: str = field(default_factory=lambda: f"zh{secrets.token_hex(5)}")
    external_id: str = field(default_factory=lambda: secrets.token_hex(12))
    payer_id: UUID = field(default_factory=lambda: payer_id("XOVR1"))
    second_payer_id: UUID = field(default_factory=lambda: payer_id("XOVR2"))
    override_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    provider_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """In the networks of both payers."""
    patient_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    coverage_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """The patient's own addition, unverified."""
    check_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Of that addition, answered."""
    verified_coverage_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Recorded by the practice, which a patient does not see; holds the primary rank."""
    secondary_coverage_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Recorded by the practice too; holds the secondary rank."""
    verified_check_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Of the practice's coverage, answered."""
    work_item_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    paid_claim_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """To the primary payer: sent, acknowledged, paid by a remittance."""
    submission_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Of the paid claim."""
    draft_claim_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """Another encounter's; it lacks nothing."""
    held_claim_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """A third encounter's, held by hand."""
    decided_claim_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """A fourth encounter's: its decision was entered by hand and leaves cents unexplained."""
    next_claim_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """The draft to the secondary payer that follows it."""
    line_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """The only line of all claims."""
    adjudication_id: UUID = field(default_factory=uuid_utils.compat.uuid7)
    """What a remittance proposes beside the entry of the decided claim."""
    repair_id: str = field(default_factory=lambda: secrets.token_hex(16))
    """The first that the review of the next claim offers."""
    remittance_id: UUID = field(default_factory=uuid_utils.compat.uuid7)

    @property
    def claim_id(self) -> UUID:
        """The one that most can be done with."""
        return self.draft_claim_id

    @property
    def encounter_id(self) -> str:
        """The draft's."""
        return encounter_of(self.draft_claim_id)

    @property
    def of_the_practice(self) -> tuple[str, ...]:
        """What the practice knows of the patient, which the patient is not told here."""
        ids = (
            *(self.verified_coverage_id, self.secondary_coverage_id, self.verified_check_id, self.paid_claim_id),
            *(self.draft_claim_id, self.held_claim_id, self.decided_claim_id, self.next_claim_id, self.line_id),
            *(self.submission_id, self.adjudication_id, self.remittance_id),
        )
        return tuple(map(str, ids))

    @property
    def marks(self) -> tuple[str, ...]:
        """All that nobody outside the practice may be told: the words, the ids, the record system's id."""
        ids = (
            *(self.practice_id, self.override_id, self.provider_id, self.patient_id, self.coverage_id),
            *(self.check_id, self.work_item_id),
        )
        words = (self.word, self.house_word, self.external_id, self.repair_id)
        return (*words, *map(str, ids), *self.of_the_practice)


def encounter_of(claim_id: UUID) -> str:
    """The record system's id of the session for which that claim was planted."""
    return f"ENC-{claim_id.hex}"
