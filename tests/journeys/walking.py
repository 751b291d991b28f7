"""A person with a token who uses the API: the verbs of the journeys."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from app.domain.callers import Role
from app.domain.payers import payer_id
from tests.running import RunningService

JSON = dict[str, Any]


@dataclass(frozen=True)
class Someone:
    """One role of one practice at the running API."""

    http: httpx.AsyncClient
    token: str

    @classmethod
    def of(
        cls,
        http: httpx.AsyncClient,
        service: RunningService,
        role: Role,
        practice_id: UUID | None,
        *,
        patient_id: UUID | None = None,
        scopes: tuple[str, ...] = (),
        subject: str | None = None,
    ) -> "Someone":
        return cls(http, service.token(role, practice_id, patient_id=patient_id, scopes=scopes, subject=subject))

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self._headers())

    async def post(
        self, path: str, body: JSON | None = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = self._headers() | {"Idempotency-Key": key or str(uuid4())} | _named(headers)
        return await self.http.post(path, json={} if body is None else body, headers=sent)

    async def patch(self, path: str, body: JSON, *, version: int) -> httpx.Response:
        return await self.http.patch(path, json=body, headers=self._headers() | {"If-Match": f'"{version}"'})

    async def put(self, path: str, body: JSON, *, version: int) -> httpx.Response:
        return await self.http.put(path, json=body, headers=self._headers() | {"If-Match": f'"{version}"'})

    async def new_patient(self, **changes: Any) -> JSON:
        answer = await self.post("/v1/patients", a_patient_body(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def new_coverage(self, patient: str, **changes: Any) -> JSON:
        answer = await self.post(f"/v1/patients/{patient}/coverages", a_coverage_body(**changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def verified_coverage(self, patient: str, **changes: Any) -> JSON:
        """Added and confirmed by staff."""
        coverage = await self.new_coverage(patient, **changes)
        answer = await self.post(
            f"/v1/coverages/{coverage['id']}/verify",
            {"outcome": "verified", "evidence": "card_seen"},
            If_Match=f'"{coverage["version"]}"',
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def a_patient_body(**changes: Any) -> JSON:
    return {
        "external_id": uuid4().hex,
        "name": {"last": "Walker", "first": "Imagina"},
        "birth_date": "1984-02-29",
        "sex": "female",
        "address": {"line1": "9 Pretend Court", "city": "Denver", "state": "CO", "postal_code": "80202"},
        "signature_on_file": "2026-01-05",
        "release_of_information": "signed",
        "release_on_file": "2026-01-05",
        **changes,
    }


def a_coverage_body(**changes: Any) -> JSON:
    """A policy of a sandbox payer that knows whoever is asked about (member ids MLK7nnnnn)."""
    return {
        "payer_id": str(payer_id("XOVR1")),
        "wished_rank": "primary",
        "member_id": f"MLK7{uuid4().int % 100_000:05d}",
        "member_id_belongs_to": "patient",
        "relationship": "self",
        "benefits_assigned": "yes",
        **changes,
    }


def blue_heron(**changes: Any) -> JSON:
    return {
        "payer_id": str(payer_id("XOVR2")),
        "member_id": f"BHM7{uuid4().int % 100_000:05d}",
        "wished_rank": "secondary",
        **changes,
    }
