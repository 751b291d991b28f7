"""Stedi's APIs as a clearinghouse: raw X12 in JSON (healthcare, document of 2024-04-01), and the feed of what came back
(core, document of 2023-08-01). https://www.stedi.com/docs

Here stand the calls; what an answer means stands in `stedi_eligibility`, `stedi_claims` and `stedi_feed`.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from app.clearinghouse import stedi_feed
from app.clearinghouse.port import FeedPage, FeedPosition, SubmissionAnswer, UnavailableReason
from app.clearinghouse.stedi_claims import submission_answer
from app.clearinghouse.stedi_eligibility import eligibility_answer
from app.domain.errors import ClearinghouseUnavailable
from app.http_client import Failure, HttpAnswer, HttpClient, NotSent, OutcomeUnknown

_ELIGIBILITY_PATH: Final = "/change/medicalnetwork/eligibility/v3/raw-x12"
_CLAIMS_PATH: Final = "/change/medicalnetwork/professionalclaims/v3/raw-x12-submission"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class StediClearinghouse:
    """One Stedi account: the key decides between test and production, the addresses do not.

    `base_url` is the healthcare API's, `core_base_url` that of transactions and their documents. A page of the feed has
    at most 500 entries. A document longer than `max_document_bytes` is not read to its end.
    """

    name: Final = "stedi"

    def __init__(
        self,
        http: HttpClient,
        *,
        base_url: str,
        core_base_url: str,
        api_key: str,
        page_size: int = 500,
        max_document_bytes: int = 64 * 1024 * 1024,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._core_base_url = core_base_url.rstrip("/")
        self._headers = {"authorization": api_key}
        self._page_size = page_size
        self._max_document_bytes = max_document_bytes
        self._now = now

    def __repr__(self) -> str:
        return "StediClearinghouse()"

    async def ask_eligibility(self, x12: str) -> str:
        return eligibility_answer(await self._post(_ELIGIBILITY_PATH, x12))

    async def submit_claim(self, x12: str, *, idempotency_key: str) -> SubmissionAnswer:
        return submission_answer(await self._post(_CLAIMS_PATH, x12, {"idempotency-key": idempotency_key}))

    async def list_inbound(self, position: FeedPosition) -> FeedPage:
        now = self._now()
        answer = await self._get(f"/polling/transactions?{stedi_feed.feed_query(position, now, self._page_size)}")
        return stedi_feed.feed_page(answer, position, now)

    async def fetch_inbound(self, document_id: str) -> bytes:
        told = await self._get(stedi_feed.document_path(document_id))
        near = stedi_feed.is_loopback(self._core_base_url)
        address = stedi_feed.download_address(told, may_be_plain=near)
        # The address is signed by itself and belongs to somebody else: our key does not go there.
        download = self._http.get(address, headers={"accept": "*/*"}, max_bytes=self._max_document_bytes)
        return stedi_feed.document(await _answer_of(download))

    async def _post(self, path: str, x12: str, headers: dict[str, str] | None = None) -> HttpAnswer:
        body = json.dumps({"x12": x12}, ensure_ascii=True).encode("ascii")
        url = self._base_url + path
        return await _answer_of(self._http.post_json(url, headers={**self._headers, **(headers or {})}, body=body))

    async def _get(self, path: str) -> HttpAnswer:
        return await _answer_of(self._http.get(self._core_base_url + path, headers=self._headers))


async def _answer_of(call: Awaitable[HttpAnswer]) -> HttpAnswer:
    try:
        return await call
    except NotSent:
        reason = UnavailableReason.NOT_SENT
    except OutcomeUnknown as unknown:
        unwanted = unknown.failure in {Failure.TOO_LARGE, Failure.COMPRESSED}
        reason = UnavailableReason.UNREADABLE if unwanted else UnavailableReason.NO_ANSWER
    # Raised out here, with nothing chained.
    raise ClearinghouseUnavailable(reason)
