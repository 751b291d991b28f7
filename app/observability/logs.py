"""Log lines: one JSON object each, of an event (a constant word of ours) and keys that are allowed, in the shape allowed.

Allowing what may be said is the only rule that still holds when somebody logs a thing nobody thought of. A key that is
not listed, or a value that has not its key's shape, becomes "[redacted]". Of an error only the classes and the places in
the code are kept: its text may quote anything. Of a library's message only the logger and the place are kept, for the
same reason. Every shape is printable ASCII, so that no value can start a line of its own or steer a terminal.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO
from uuid import UUID

import orjson
import structlog

REDACTED = "[redacted]"
_MAX_PLACES = 6
_MAX_ERRORS = 4
_LARGEST = 2**53
"""Beyond it a JSON number is not the same number for every reader (RFC 8259, 6)."""
_SEVERITY = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def _text(pattern: str) -> Callable[[Any], bool]:
    shape = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and len(value) <= 200 and shape.fullmatch(value) is not None


def _number(value: Any) -> bool:
    return type(value) in (int, float) and -_LARGEST < value < _LARGEST


_word = _text(r"[a-z][a-z0-9_]{0,49}")
_dotted = _text(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_<][A-Za-z0-9_>]*)*")
_uuid = _text(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_one_place = _text(r"(?:[A-Za-z_][A-Za-z0-9_.]*)?:[0-9]{1,6}")


def _places(value: Any) -> bool:
    return _one_place(value) or (isinstance(value, list) and all(map(_one_place, value)))


LOG_KEYS: dict[str, Callable[[Any], bool]] = {
    "request_id": _text(r"[A-Za-z0-9._-]{8,64}"),
    "job_id": _uuid,
    "practice_id": _uuid,
    "subject_id": _uuid,
    "method": _text("GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"),
    "route": _text(r"(?:/(?:v[0-9]+|[a-z][a-z_.\-]*|\{[a-z_:]+\})?)+|\([a-z]+\)"),
    "status": _number,
    "ms": _number,
    "kind": _word,
    "outcome": _word,
    "reason": _word,
    "state": _word,
    "code": _word,
    "mode": _word,
    "part": _word,
    "attempt": _number,
    "count": _number,
    "port": _number,
    "pid": _number,
    "version": _text(r"[A-Za-z0-9._+-]{1,40}"),
    "error": _dotted,
    "error_causes": lambda value: isinstance(value, list) and all(map(_dotted, value)),
    "error_at": _places,
    "logger": _dotted,
    "at": _one_place,
}
"""What a log line may hold beside `time`, `level` and `event`. The operations page explains each."""

_event = _text(r"[a-z][a-z0-9_]{0,63}")
_key_name = _text(r"[a-z][a-z_]{0,39}")
_OURS = ("crossover", "app")
_KNOWN_MESSAGES = {
    "Started server process [%d]": "server_started",
    "Finished server process [%d]": "server_stopped",
    "Shutting down": "server_stopping",
    "Application startup complete.": "application_started",
    "Application startup failed. Exiting.": "application_not_started",
    "Application shutdown complete.": "application_stopped",
    "Exception in ASGI application\n": "request_failed",
    "Invalid HTTP request received.": "request_unreadable",
    "Cancel %s running task(s), timeout graceful shutdown exceeded": "requests_cancelled",
}
"""Messages of the server that operators look for, as whole constants; their arguments are not taken."""
_RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_logging(level: str, stream: BinaryIO | None = None) -> None:
    """From now on every log line of this process, whoever writes it, goes to `stream` (standard output) in our form.

    Uncaught errors too: their usual traceback would print their text.
    """
    lines = _Lines(stream or sys.stdout.buffer)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _structlog_line],
        wrapper_class=structlog.make_filtering_bound_logger(_SEVERITY[level]),
        logger_factory=lambda *_name: lines,
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(level, lines)

    def uncaught(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, KeyboardInterrupt):
            lines.msg(render("error", "error_uncaught", {}, error))

    sys.excepthook = lambda _kind, error, _traceback: uncaught(error)
    threading.excepthook = lambda args: uncaught(args.exc_value)
    sys.unraisablehook = lambda args: uncaught(args.exc_value)


def render(level: str, event: Any, fields: Mapping[str, Any], error: BaseException | None = None) -> bytes:
    """The line as bytes, without its end."""
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": event if _event(event) else REDACTED,
    }
    for key, value in fields.items():
        shape = LOG_KEYS.get(key)
        if shape is None:
            line[key if _key_name(key) and key not in line else "unnamed"] = REDACTED
        else:
            shown = str(value) if isinstance(value, UUID) else value
            line[key] = shown if shape(shown) else REDACTED
    if error is not None:
        line.update(_facts(error))
    return orjson.dumps(line)


def _facts(error: BaseException) -> dict[str, Any]:
    """Classes, and where: module and line of the innermost frames. Never text, never a variable's value."""
    steps, places = error.__traceback__, []
    while steps is not None:
        places.append(f"{steps.tb_frame.f_globals.get('__name__', '')}:{steps.tb_lineno}")
        steps = steps.tb_next
    causes = [_class(cause) for cause in _causes(error)]
    facts = {"error": _class(error), "error_causes": causes[:_MAX_ERRORS], "error_at": places[-_MAX_PLACES:]}
    return {key: value if LOG_KEYS[key](value) else REDACTED for key, value in facts.items() if value}


def _causes(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        yield from error.exceptions[:_MAX_ERRORS]
    seen = {id(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and id(cause) not in seen and len(seen) <= _MAX_ERRORS:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _class(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class _Lines:
    """The end of the line for structlog and for standard logging. A full disk or a closed pipe stops no request."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def msg(self, line: bytes) -> None:
        try:
            with self._lock:
                self._stream.write(line + b"\n")
                self._stream.flush()
        except (OSError, ValueError):
            pass

    debug = info = warning = warn = error = critical = exception = msg


def _structlog_line(_logger: Any, method: str, fields: structlog.typing.EventDict) -> bytes:
    event = fields.pop("event", None)
    error = _error_of(fields.pop("exc_info", None))
    return render({"exception": "error", "warn": "warning"}.get(method, method), event, fields, error)


def _error_of(exc_info: Any) -> BaseException | None:
    """What logging calls exc_info: an error, a triple, or true for the one being handled."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        error = exc_info[1]
        return error if isinstance(error, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


class _StandardLines(logging.Handler):
    """Takes the records of the standard library's logging, ours and everyone's."""

    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        bound = structlog.contextvars.get_contextvars()
        if record.name.split(".", 1)[0] in _OURS:
            extra = {key: value for key, value in vars(record).items() if key not in _RECORD_ATTRIBUTES}
            event, fields = record.msg, {**bound, **extra}
        else:
            event = _KNOWN_MESSAGES.get(record.msg if isinstance(record.msg, str) else "", "library_message")
            fields = {**bound, "logger": record.name, "at": f"{record.module}:{record.lineno}"}
        self._lines.msg(render(record.levelname.lower(), event, fields, _error_of(record.exc_info)))


def _route_standard_logging(level: str, lines: _Lines) -> None:
    """One handler at the root; what libraries have set up for themselves is taken away.

    Libraries speak from `warning` on, at `debug` always; the request log replaces uvicorn's, which holds raw paths.
    """
    for name, known in logging.root.manager.loggerDict.items():
        if isinstance(known, logging.Logger):
            known.handlers.clear()
            known.propagate = True
            known.disabled = name == "uvicorn.access"
    logging.root.handlers[:] = [_StandardLines(lines)]
    logging.root.setLevel("DEBUG" if level == "debug" else max(_SEVERITY[level], logging.WARNING))
    for ours in (*_OURS, "uvicorn.error"):
        logging.getLogger(ours).setLevel(_SEVERITY[level])
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(capture=True)
