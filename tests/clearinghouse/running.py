"""The adapter for whatever listens on a port of this machine."""

from typing import Any

from app.clearinghouse.stedi import StediClearinghouse
from app.http_client import HttpClient

CORE_BASE_PATH = "/2023-08-01"
"""The version of the API of transactions and their documents."""


def core_base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}{CORE_BASE_PATH}"


def stedi(http: HttpClient, port: int, *, api_key: str, **more: Any) -> StediClearinghouse:
    base_url = f"http://127.0.0.1:{port}/2024-04-01"
    return StediClearinghouse(http, base_url=base_url, core_base_url=core_base_url(port), api_key=api_key, **more)
