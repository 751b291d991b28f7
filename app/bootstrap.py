"""The only wiring: builds what use cases reach from settings, and takes it down again."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils.compat
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.clearinghouse.stedi import StediClearinghouse
from app.domain.callers import Caller
from app.http_client import HttpClient
from app.identity.jwks import MAX_DOCUMENT_BYTES, JwksFile, JwksUrl
from app.identity.tokens import ClaimNames, KeySource, Refusal, TokenVerifier
from app.repositories.clearinghouse_connections import ClearinghouseConnections
from app.repositories.control_numbers import ControlNumbers
from app.repositories.database import Database, DatabaseLimits, driver_url
from app.repositories.database_roles import unsafe_facts
from app.repositories.encryption import MasterKeys, ServiceCipher
from app.repositories.jobs import NEW_JOB_CHANNEL
from app.repositories.payers import PayerDirectory
from app.repositories.signals import ANSWER_CHANNEL, Signals
from app.repositories.unit_of_work import UnitsOfWork
from app.settings import Mode, Settings, SettingsRefused, check_for_production
from app.use_cases.context import Context


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process's service: the use cases' context, token verification, the cursors' cipher."""

    context: Context
    verify_token: Callable[[str], Awaitable[Caller]]
    keys_are_loaded: Callable[[], Awaitable[bool]]
    cursor_cipher: ServiceCipher
    database: Database


@asynccontextmanager
async def service(
    settings: Settings,
    *,
    name: str,
    statement_seconds: float,
    on_refused_token: Callable[[Refusal], None] = lambda _reason: None,
) -> AsyncIterator[Service]:
    """Opens database, http clients and signals for as long as the block runs. `name` is seen in pg_stat_activity."""
    refuse_unsafe_settings(settings)
    master_keys = master_keys_of(settings)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            HttpClient(
                connect_seconds=settings.clearinghouse.connect_seconds,
                read_seconds=settings.clearinghouse.read_seconds,
                total_seconds=settings.clearinghouse.total_seconds,
            )
        )
        database = Database.connect(
            required(settings.database_url, "DATABASE_URL"),
            limits=DatabaseLimits(
                statement_ms=int(statement_seconds * 1000),
                lock_ms=int(settings.database.lock_seconds * 1000),
                idle_in_transaction_ms=int(settings.database.idle_in_transaction_seconds * 1000),
                pool_size=settings.database.pool_size,
                pool_wait_seconds=settings.database.pool_wait_seconds,
            ),
            master_keys=master_keys,
            name=f"crossover {name}",
        )
        stack.push_async_callback(database.close)
        await refuse_unsafe_database(settings)
        signals = Signals(required(settings.database_url, "DATABASE_URL"), (NEW_JOB_CHANNEL, ANSWER_CHANNEL))
        await signals.start()
        stack.push_async_callback(signals.stop)
        # The issuer's keys have a client of their own: a hanging issuer must not outlast a request.
        keys_http = await stack.enter_async_context(
            HttpClient(connect_seconds=3, read_seconds=5, total_seconds=10, max_bytes=MAX_DOCUMENT_BYTES)
        )
        keys = _signature_keys(settings, keys_http)
        stack.push_async_callback(keys.close)
        await keys.load()
        yield Service(
            context=_context(settings, database, signals, http),
            verify_token=_token_verifier(settings, keys, on_refused_token).verify,
            keys_are_loaded=keys.load,
            cursor_cipher=master_keys.service_cipher("list cursors"),
            database=database,
        )


def tune_garbage_collection() -> None:
    """Fewer, later collections: with the defaults the collector, not the database, makes the slowest requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def master_keys_of(settings: Settings) -> MasterKeys:
    keys = settings.encryption.keys()
    if not keys or settings.encryption.active_key is None:
        raise SettingsRefused(["CROSSOVER_ENCRYPTION__MASTER_KEYS and CROSSOVER_ENCRYPTION__ACTIVE_KEY are required"])
    return MasterKeys(keys, settings.encryption.active_key)


def required(secret: object, name: str) -> str:
    """A secret's text, or a refusal that names the setting."""
    reveal = getattr(secret, "get_secret_value", None)
    if reveal is None:
        raise SettingsRefused([f"{name} is missing"])
    return str(reveal())


def refuse_unsafe_settings(settings: Settings) -> None:
    if settings.mode is Mode.PRODUCTION:
        problems = check_for_production(settings)
        if problems:
            raise SettingsRefused(problems)


async def refuse_unsafe_database(settings: Settings) -> None:
    """Production does not start on a login or schema that steps over row-level security."""
    refuse_unsafe_settings(settings)
    if settings.mode is not Mode.PRODUCTION:
        return
    engine = create_async_engine(
        driver_url(required(settings.database_url, "DATABASE_URL")), poolclass=NullPool, hide_parameters=True
    )
    try:
        async with engine.connect() as connection:
            problems = await unsafe_facts(connection)
    except (OSError, SQLAlchemyError):
        problems = ["DATABASE_URL cannot be connected to"]
    finally:
        await engine.dispose()
    if problems:
        raise SettingsRefused(problems)


def _context(settings: Settings, database: Database, signals: Signals, http: HttpClient) -> Context:
    clearinghouse = settings.clearinghouse
    return Context(
        units=UnitsOfWork(database, now=utc_now, new_id=uuid_utils.compat.uuid7),
        database=database,
        control_numbers=ControlNumbers(database),
        clearinghouse_connections=ClearinghouseConnections(database),
        signals=signals,
        payer_directory=PayerDirectory(),
        clearinghouse=StediClearinghouse(
            http,
            base_url=clearinghouse.base_url or "",
            core_base_url=clearinghouse.core_base_url or "",
            api_key=required(clearinghouse.api_key, "CROSSOVER_CLEARINGHOUSE__API_KEY"),
        ),
        sender_id=clearinghouse.sender_id or "",
        receiver_id=clearinghouse.receiver_id or "",
        now=utc_now,
        new_id=uuid_utils.compat.uuid7,
    )


def _signature_keys(settings: Settings, http: HttpClient) -> JwksUrl | JwksFile:
    identity = settings.identity
    if identity.jwks_url is not None:
        return JwksUrl(http, identity.jwks_url)
    if identity.jwks_file is not None:
        return JwksFile(identity.jwks_file)
    raise SettingsRefused(["CROSSOVER_IDENTITY__JWKS_URL or CROSSOVER_IDENTITY__JWKS_FILE is required"])


def _token_verifier(settings: Settings, keys: KeySource, on_refusal: Callable[[Refusal], None]) -> TokenVerifier:
    identity = settings.identity
    if identity.issuer is None or identity.audience is None:
        raise SettingsRefused(["CROSSOVER_IDENTITY__ISSUER and CROSSOVER_IDENTITY__AUDIENCE are required"])
    return TokenVerifier(
        issuer=identity.issuer,
        audience=identity.audience,
        algorithms=identity.algorithms,
        keys=keys,
        claim_names=ClaimNames(
            practice=identity.practice_claim,
            roles=identity.roles_claim,
            patient=identity.patient_claim,
            scope=identity.scope_claim,
        ),
        token_types=identity.token_types,
        other_audiences=identity.other_audiences,
        on_refusal=on_refusal,
    )


def utc_now() -> datetime:
    return datetime.now(UTC)
