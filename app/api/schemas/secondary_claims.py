"""The claim to the next payer, as it is asked for."""

from pydantic import Field

from app.api.schemas.adjudications import AdjudicationFields
from app.api.schemas.base import Identifier, Schema
from app.use_cases.secondary_claims import WantedNext


class NextClaim(Schema):
    """Nothing has to be said: the next payer in the order of benefits is asked, by the decision that is recorded."""

    coverage_id: Identifier | None = Field(
        default=None, description="The next coverage in the order of benefits, which is also the default."
    )
    adjudication: AdjudicationFields | None = Field(
        default=None, description="What this claim's payer decided, entered in the same call."
    )

    def wanted(self) -> WantedNext:
        entered = None if self.adjudication is None else self.adjudication.entered("/adjudication")
        return WantedNext(coverage_id=self.coverage_id, entered=entered)
