"""The National Provider Identifier on the wire."""

from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Format
from app.domain.identifiers import is_npi

Npi = Annotated[
    str,
    Format(
        code="npi_format",
        message="An NPI has ten digits whose check digit holds.",
        pattern="^[12][0-9]{9}$",
        holds=is_npi,
        examples=("1234567893",),
    ),
    Field(description="NM109 with XX: ten digits, the last one a check digit (45 CFR 162.406)."),
]
