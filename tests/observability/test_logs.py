"""What can reach a log line, and what cannot: canaries are planted wherever a program can put a text."""

import asyncio
import io
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.observability.logs import LOG_KEYS, REDACTED, render
from tests.observability.conftest import Log

CANARY = "Canaria Testperson 1980-02-29"
JOB = "0199f000-0000-7000-8000-00000000000a"


def fail(text: str) -> None:
    nobody: dict[str, str] = {}
    try:
        nobody[text]
    except KeyError as error:
        raise ValueError(f"cannot use {text}") from error


# What is allowed


def test_a_line_is_an_event_with_keys_from_the_list(log: Log) -> None:
    structlog.get_logger("worker").info("job_ended", kind="eligibility_check", attempt=2, outcome="confirmed")
    assert log.last == {
        "level": "info",
        "event": "job_ended",
        "kind": "eligibility_check",
        "attempt": 2,
        "outcome": "confirmed",
    }


def test_ids_of_the_request_and_the_job_are_on_every_line_within(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef", job_id=UUID(JOB)):
        structlog.get_logger().warning("database_unavailable")
        first = log.last
        logging.getLogger("crossover.api").error(
            "unhandled_error", extra={"error": "ValueError", "error_at": "app.x:7"}
        )
    assert first == {
        "level": "warning",
        "event": "database_unavailable",
        "request_id": "0123456789abcdef",
        "job_id": JOB,
    }
    assert log.last == {
        "level": "error",
        "event": "unhandled_error",
        "request_id": "0123456789abcdef",
        "job_id": JOB,
        "error": "ValueError",
        "error_at": "app.x:7",
    }
    structlog.get_logger().info("outside")
    assert log.last == {"level": "info", "event": "outside"}


def test_of_an_error_the_classes_and_places_are_kept(log: Log) -> None:
    try:
        fail(CANARY)
    except ValueError:
        structlog.get_logger().exception("job_failed")
    line = log.last
    assert line["error"] == "ValueError"
    assert line["error_causes"] == ["KeyError"]
    assert [place.rsplit(":", 1)[0] for place in line["error_at"]] == [__name__] * 2
    assert CANARY not in log.text


def test_the_members_of_an_error_group_are_named(log: Log) -> None:
    structlog.get_logger().error("failed", exc_info=ExceptionGroup(CANARY, [ValueError(CANARY), OSError(CANARY)]))
    assert log.last["error_causes"] == ["ValueError", "OSError"]
    assert CANARY not in log.text


def test_messages_of_the_server_that_operators_look_for_become_events(log: Log) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 4711)
    assert log.last["event"] == "server_started"
    assert "4711" not in log.text


@pytest.mark.parametrize(("level", "written"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_holds_for_both_ways_to_log(log: Log, level: str, written: int) -> None:
    log.configure(level)
    for logger in (structlog.get_logger(), logging.getLogger("crossover.x")):
        for name in ("debug", "info", "warning", "error"):
            getattr(logger, name)("something")
    assert len(log.lines) == 2 * written


def test_libraries_are_heard_from_warning_on_unless_we_debug(log: Log) -> None:
    log.configure("info")
    logging.getLogger("httpx").info("HTTP Request")
    assert log.lines == []
    logging.getLogger("httpx").warning("careful")
    assert log.last["event"] == "library_message"


# Canaries


@pytest.mark.parametrize(
    "value", [CANARY, CANARY.encode(), [CANARY], {"a": CANARY}, ValueError(CANARY), object(), None]
)
@pytest.mark.parametrize("key", ["patient", "detail", "message", "path", "query", *LOG_KEYS])
def test_no_personal_text_passes_under_any_key(log: Log, key: str, value: Any) -> None:
    structlog.get_logger().info("something", **{key: value})
    assert log.last == {"level": "info", "event": "something", key: REDACTED}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("route", "/v1/patients/0199f000-0000-7000-8000-00000000000a"),
        ("route", "/v1/patients?name=doe"),
        ("route", "/v1/Doe"),
        ("route", "/v1//" + "a" * 200),
        ("method", "DOE"),
        ("status", "200"),
        ("ms", True),
        ("count", 10**30),
        ("count", float("nan")),
        ("job_id", "not-a-uuid"),
        ("request_id", "short"),
        ("request_id", "with space in it"),
        ("outcome", "Confirmed"),
        ("outcome", "confirmed\n"),
        ("error_at", ["app.x:7", CANARY]),
        ("error", "builtins.ValueError: doe"),
    ],
)
def test_a_value_must_have_the_shape_of_its_key(log: Log, key: str, value: Any) -> None:
    structlog.get_logger().info("something", **{key: value})
    assert log.last[key] == REDACTED


def test_a_text_in_place_of_an_event_or_a_key_is_not_written(log: Log) -> None:
    structlog.get_logger().info(f"saw {CANARY}", **{CANARY: 1, "Canaria": 2})
    assert log.last == {"level": "info", "event": REDACTED, "unnamed": REDACTED}
    logging.getLogger("crossover.api").warning("saw %s", CANARY)
    assert log.last == {"level": "warning", "event": REDACTED}
    logging.getLogger("app.x").warning(CANARY, extra={"patient": CANARY, "outcome": CANARY})
    assert log.last == {"level": "warning", "event": REDACTED, "patient": REDACTED, "outcome": REDACTED}


@pytest.mark.parametrize(
    "name", ["", "uvicorn.error", "uvicorn.access", "sqlalchemy.engine", "asyncpg", "httpx", CANARY]
)
def test_no_message_of_a_library_is_written(log: Log, name: str) -> None:
    logger = logging.getLogger(name)
    for level in (logging.DEBUG, logging.WARNING, logging.CRITICAL):
        logger.log(level, CANARY)
        logger.log(level, "asked for %s with %r", CANARY, {"name": CANARY}, stack_info=True, extra={"person": CANARY})
    try:
        fail(CANARY)
    except ValueError:
        logger.exception(CANARY)
    assert "Canaria" not in log.text
    assert {line["event"] for line in log.lines} <= {"library_message"}


async def test_an_error_that_nobody_awaited_is_written_without_its_text(log: Log) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": CANARY, "exception": ValueError(CANARY), "task": CANARY})
    assert log.last["logger"] == "asyncio"
    assert log.last["error"] == "ValueError"
    assert CANARY not in log.text


def test_a_whole_service_run_at_debug_writes_no_canary_anywhere() -> None:
    """Real libraries, a real server, and every way a Python program prints an error by itself."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.observability.noisy_service", CANARY],
        capture_output=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr == b""
    for part in (CANARY, *CANARY.split(), CANARY.replace(" ", "%20"), CANARY.replace(" ", "+")):
        assert part.encode() not in ended.stdout
    lines = [orjson.loads(line) for line in ended.stdout.splitlines()]
    loggers = {line.get("logger", "").split(".")[0] for line in lines}
    assert {"sqlalchemy", "httpcore", "httpx", "uvicorn", "py", "noisy"} <= loggers
    events = [line["event"] for line in lines]
    assert events.count("error_uncaught") == 3
    assert {"server_started", "server_stopped", "request", "request_failed"} <= set(events)
    by_route = {line["route"]: line["status"] for line in lines if line["event"] == "request"}
    assert by_route == {"/v1/patients/{patient_id}": 500, "(none)": 404}


# Lines


@pytest.mark.parametrize("key", ["time", "level", "event"])
def test_a_field_never_takes_the_place_of_the_lines_own(key: str) -> None:
    line = orjson.loads(render("info", "something", {key: CANARY}))
    assert line == {"time": line["time"], "level": "info", "event": "something", "unnamed": REDACTED}
    assert line["time"] != REDACTED


@given(
    event=st.text(),
    fields=st.dictionaries(
        st.one_of(st.text(), st.sampled_from(sorted(LOG_KEYS))), st.one_of(st.text(), st.binary(), st.integers())
    ),
)
def test_nothing_can_break_out_of_its_line(event: str, fields: dict[str, Any]) -> None:
    line = render("info", event, fields, ValueError(event))
    assert line.isascii()
    assert not any(byte < 0x20 or byte == 0x7F for byte in line)
    assert orjson.loads(line)["level"] == "info"


@pytest.mark.parametrize(
    "attack", ["a\nb", 'a"}\n{"event":"forged"', "\x1b[2J\x1b[31m", "\r", "\x85", "\u2028", "\u202e", "\x00", "\x9b31m"]
)
def test_forged_lines_and_terminal_commands_do_not_get_through(log: Log, attack: str) -> None:
    structlog.get_logger().info(attack, outcome=attack, **{attack: attack})
    logging.getLogger(f"crossover.{attack}").info(attack, extra={"reason": attack})
    logging.getLogger(attack).warning(attack)
    assert len(log.lines) == 3
    assert "forged" not in log.text
    assert log.text.replace("\n", "").isprintable()


def test_a_log_that_cannot_be_written_stops_nothing(log: Log) -> None:
    log.stream = io.BytesIO()
    log.configure("debug")
    log.stream.close()
    structlog.get_logger().info("something")
    logging.getLogger("crossover.x").info("something")


def test_every_key_is_explained_on_the_operations_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    for key in LOG_KEYS:
        assert f"| `{key}` |" in page
