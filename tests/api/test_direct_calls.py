from typing import Annotated, Any

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, Header, Query, Request
from fastapi.dependencies.utils import get_dependant
from starlette.responses import Response

from app.api.answers import json_answer
from app.api.dependencies import CallerDep, IdempotencyDep, VersionDep
from app.api.direct_calls import direct_call
from app.api.route import CrossoverRoute
from app.api.schemas.base import Identifier
from app.domain.errors import NotFound
from tests.api import kit


async def _of_a_dependency(caller: CallerDep) -> str:
    return caller.subject


def _in_a_thread(request: Request) -> int:
    return 1


async def _generator(request: Request) -> Any:
    yield 1


async def _the_framework(_request: Request) -> Response:
    return Response(status_code=418)


def _scope(query: str, state: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "http",
        "path_params": {"record_id": str(kit.RECORD)},
        "query_string": query.encode(),
        "headers": [],
        "state": state or {},
    }


async def _plain(record_id: Identifier, caller: CallerDep) -> Response:
    return json_answer(b'{"%s":"%s"}' % (caller.subject.encode(), str(record_id).encode()))


async def _with_header(record_id: Identifier, q: Annotated[str, Header()]) -> Response:
    raise NotImplementedError


async def _with_body(record_id: Identifier, body: kit.Sheet) -> Response:
    raise NotImplementedError


async def _with_model(record_id: Identifier) -> kit.Sheet:
    raise NotImplementedError


async def _with_anything(record_id: Identifier) -> Any:
    raise NotImplementedError


async def _with_tasks(record_id: Identifier, tasks: BackgroundTasks) -> Response:
    raise NotImplementedError


async def _with_nested(record_id: Identifier, name: Annotated[str, Depends(_of_a_dependency)]) -> Response:
    raise NotImplementedError


async def _with_thread(record_id: Identifier, one: Annotated[int, Depends(_in_a_thread)]) -> Response:
    raise NotImplementedError


async def _with_generator(record_id: Identifier, one: Annotated[int, Depends(_generator)]) -> Response:
    raise NotImplementedError


def _not_async(record_id: Identifier) -> Response:
    raise NotImplementedError


@pytest.mark.parametrize(
    "endpoint",
    [
        *[_with_header, _with_body, _with_model, _with_anything, _with_tasks, _with_nested, _with_thread],
        *[_with_generator, _not_async],
    ],
)
def test_what_needs_solving_is_left_to_the_framework(endpoint: Any) -> None:
    assert direct_call(get_dependant(path="/{record_id}", call=endpoint), _the_framework) is None


async def test_ids_and_plain_dependencies_are_given_to_the_function() -> None:
    call = direct_call(get_dependant(path="/{record_id}", call=_plain), _the_framework)
    assert call is not None
    caller = await kit.verify_token("clinician")
    scope = _scope("", {"caller": caller})
    assert bytes((await call(Request(scope))).body) == b'{"clinician":"%s"}' % str(kit.RECORD).encode()
    scope["path_params"] = {"record_id": str(kit.RECORD).upper()}
    with pytest.raises(NotFound):
        await call(Request(scope))


async def test_versions_and_keys_are_plain() -> None:
    async def act(record_id: Identifier, version: VersionDep, key: IdempotencyDep) -> Response:
        raise NotImplementedError

    assert direct_call(get_dependant(path="/{record_id}", call=act), _the_framework) is not None


async def test_words_of_the_query_are_given_to_the_function_and_its_dependencies() -> None:
    async def both(first: int, last: Annotated[int, Query()] = 9) -> int:
        return first * 10 + last

    async def act(
        record_id: Identifier, span: Annotated[int, Depends(both)], word: Annotated[str, Query(max_length=3)] = "abc"
    ) -> Response:
        return json_answer(f'["{word}", {span}]'.encode())

    call = direct_call(get_dependant(path="/{record_id}", call=act), _the_framework)
    assert call is not None
    assert bytes((await call(Request(_scope("first=4&word=xy")))).body) == b'["xy", 49]'
    assert bytes((await call(Request(_scope("first=4&last=2")))).body) == b'["abc", 42]'
    for unfit in ("", "first=four", "first=4&word=long", "last=1"):
        assert (await call(Request(_scope(unfit)))).status_code == 418


async def test_the_framework_and_the_direct_call_answer_alike() -> None:
    async def read_patient(patient_id: Identifier) -> Any:  # no response, it seems: the framework calls it
        return await kit.read_patient(patient_id)

    app = kit.service()
    app.router.routes.append(CrossoverRoute("/v1/slow/{patient_id}", read_patient))
    transport, headers = httpx.ASGITransport(app), {"Authorization": "Bearer clinician"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test", headers=headers) as session:
        for record in (kit.RECORD, "nothing", "01980000-0000-7000-8000-0000000000ff"):
            answers = [await session.get(f"/v1/{noun}/{record}") for noun in ("slow", "patients")]
            assert answers[0].status_code == answers[1].status_code
            bodies = [{**answer.json(), "request_id": ""} for answer in answers]
            assert bodies[0] == bodies[1]
