"""What operators see: JSON log lines, metrics on their own port, one request id through both. No personal data in any.

Read by the entrypoints only. Everyone else logs through structlog or the standard library, with an event that is a
constant word and keys from `logs.LOG_KEYS`, or is handed a function that counts.
"""

from app.observability.logs import configure_logging
from app.observability.metrics import Metrics, PoolState
from app.observability.requests import RequestTelemetry
from app.observability.scrapes import serve_metrics

__all__ = ["Metrics", "PoolState", "RequestTelemetry", "configure_logging", "serve_metrics"]
