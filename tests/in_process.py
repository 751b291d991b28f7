"""The real application inside the test's own event loop, on a database of its own, asked without a socket.

For what a test must hold in its hands: the tasks of requests, so as to cancel them, and the pool they share.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.types import ASGIApp, Message

from app.api.application import create_application
from app.api.pagination import CursorCodec
from app.bootstrap import Service, service
from app.domain.callers import Role
from app.identity.development import DevelopmentIssuer
from app.settings import Settings
from tests.running import MASTER_KEYS_JSON, Databases


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class InProcess:
    app: ASGIApp
    service: Service
    issuer: DevelopmentIssuer

    async def ask(
        self,
        method: str,
        path: str,
        token: str,
        body: Any = None,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request as the server hands it over: the body in one piece, and a client that stays until the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"host": "localhost", "authorization": f"Bearer {token}", **(headers or {})}
        if body is not None:
            sent["content-type"] = "application/json"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
        received: list[Message] = []

        async def receive() -> Message:
            if messages:
                return messages.pop()
            await asyncio.Event().wait()
            raise AssertionError("the client stays")

        async def send(message: Message) -> None:
            received.append(message)

        await self.app(scope, receive, send)
        start = received[0]
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], names, b"".join(message.get("body", b"") for message in received[1:]))

    def token(self, role: Role, practice_id: UUID, **more: Any) -> str:
        return self.issuer.mint(f"test-{role}", [role], practice_id, **more)


@contextlib.asynccontextmanager
async def in_process(databases: Databases, folder: Path, *, pool_size: int = 4) -> AsyncIterator[InProcess]:
    issuer = DevelopmentIssuer(folder / "identity")
    settings = Settings.model_validate(
        {
            "mode": "development",
            "data_dir": folder,
            "DATABASE_URL": databases.app_url,
            "encryption": {"master_keys": json.loads(MASTER_KEYS_JSON), "active_key": "test"},
            "database": {"pool_size": pool_size},
            # Nothing listens there: whoever asks a payer is told at once that there is no answer.
            "clearinghouse": {"base_url": "http://127.0.0.1:9/2024-04-01"},
        }
    )
    async with service(settings, name="in process", statement_seconds=5) as running:
        app = create_application(
            version="test",
            context=running.context,
            verify_token=running.verify_token,
            cursor_codec=CursorCodec(running.cursor_cipher.seal, running.cursor_cipher.open),
        )
        yield InProcess(app=app, service=running, issuer=issuer)
