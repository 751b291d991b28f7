"""What all tables are made of: the metadata with its names for constraints, and the columns that recur."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def identifier(name: str = "id", *, nullable: bool = False, **options: Any) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, nullable=nullable, **options)


def moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def day(name: str, *, nullable: bool = True) -> sa.Column[date]:
    return sa.Column(name, sa.Date, nullable=nullable)


def word(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False)


def sealed(name: str = "sealed", *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def stated_amount(name: str) -> sa.Column[Decimal]:
    """Money as somebody outside said it: of any size, since a file must be kept whatever stands in it."""
    return sa.Column(name, sa.Numeric, nullable=False)


def tenant() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    return (
        sa.Column("practice_id", sa.Uuid, primary_key=True, nullable=False),
        sa.Column("id", sa.Uuid, primary_key=True, nullable=False),
    )


def belongs_to_practice() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["practice_id"], ["practice.id"])


def belongs_to(table: str, column: str | None = None) -> sa.ForeignKeyConstraint:
    """Of the same practice: it comes first in the key."""
    return sa.ForeignKeyConstraint(["practice_id", column or f"{table}_id"], [f"{table}.practice_id", f"{table}.id"])


def one_of(column: str, words: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{one}'" for one in words)
    return sa.CheckConstraint(f"{column} in ({listed})", name=column)
