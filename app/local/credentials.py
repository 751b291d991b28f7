"""The passwords of an embedded PostgreSQL: drawn once per data folder, kept in a file only its account can read."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from app.local.accounts import Account
from app.local.binaries import ClusterError

SUPERUSER = "postgres"
OWNER = "crossover_owner"  # owns the schema and migrates it
APP = "crossover_app"  # the login of API and worker; owns nothing


@dataclass(frozen=True)
class Credentials:
    """One password per role of the cluster."""

    passwords: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        try:
            return cls(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise ClusterError(
                f"{path} is missing: this data folder was never started, or its passwords are lost."
            ) from None

    @classmethod
    def create(cls, path: Path, account: Account) -> Self:
        drawn = cls({role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)})
        write_private(path, json.dumps(drawn.passwords), account)
        return drawn


def write_private(path: Path, text: str, account: Account) -> None:
    """Write a file that is 0600 before it has content, and is there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    account.own(draft)
    draft.rename(path)
