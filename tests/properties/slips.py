"""The parts of claims with slips: what people enter, payers send and records lack. Some do no harm, and are to do none.

A slip changes one thing of the parts: a member of one record to any value of its type, or what belongs to what.
"""

from typing import Final

from hypothesis import strategies as st

from app.domain.claim_parts import ClaimParts
from tests.properties.claim_parts import sound_parts
from tests.properties.prior_slips import AMOUNT_SLIPS, PRIOR_SLIPS
from tests.properties.record_slips import RECORD_SLIPS, Slip

SLIPS: Final[tuple[Slip, ...]] = (*RECORD_SLIPS, *PRIOR_SLIPS)


@st.composite
def any_parts(draw: st.DrawFn) -> ClaimParts:
    """Sound ones with up to three slips."""
    parts = draw(sound_parts())
    for slip in draw(st.lists(st.sampled_from(SLIPS), max_size=3)):
        parts = slip(draw, parts)
    return parts


@st.composite
def unbalanced_parts(draw: st.DrawFn) -> ClaimParts:
    """Sound but for what earlier payers are said to have decided."""
    parts = draw(sound_parts().filter(lambda sound: sound.chain))
    for slip in draw(st.lists(st.sampled_from(AMOUNT_SLIPS), min_size=1, max_size=3)):
        parts = slip(draw, parts)
    return parts
