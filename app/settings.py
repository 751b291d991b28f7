"""What an operator decides, read once at start from the environment and from secret files; everyone else gets values.

Names: prefix `CROSSOVER_`, nested with `__` (CROSSOVER_API__PORT); DATABASE_URL, DATABASE_OWNER_URL,
DATABASE_ADMIN_URL and PG_BIN have their customary names. Any setting may instead be a file of its name, in lower case,
in the folder CROSSOVER_SECRETS_DIR (`crossover_encryption__master_keys`, `database_url`); the environment wins. A
CROSSOVER_ name we do not know is refused: a misspelt safeguard is no safeguard. What is refused is named, its value
never shown.

Development mode fills in what a laptop has no operator for; nothing else anywhere asks for the mode, and what it fills in
is refused by `check_for_production`.
"""

import base64
import binascii
import json
import os
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "CROSSOVER_"
SECRETS_DIR = "CROSSOVER_SECRETS_DIR"
DEVELOPMENT_ISSUER = "https://development.crossover.invalid"
DEVELOPMENT_MASTER_KEY = base64.b64encode(b"crossover development master key").decode()
DEVELOPMENT_API_KEY = "sandbox-test-key"

Port = Annotated[int, Field(ge=0, le=65535)]
"""0 lets the system choose: for tests."""
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Mode(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class SettingsRefused(Exception):
    """The settings cannot be used. `problems` name settings and rules, never values."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ApiSettings(_Part):
    host: str = "127.0.0.1"
    port: Port = 8000
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9464
    cors_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    request_seconds: Seconds = 30
    stop_seconds: Seconds = 10
    statement_seconds: Seconds = 5


class WorkerSettings(_Part):
    metrics_host: str = "127.0.0.1"
    metrics_port: Port = 9465
    concurrency: int = Field(default=8, ge=1, le=100)
    stop_seconds: Seconds = 10
    statement_seconds: Seconds = 60


class SandboxSettings(_Part):
    port: Port = 8100


class DatabaseSettings(_Part):
    pool_size: int = Field(default=20, ge=1, le=500)
    pool_wait_seconds: Seconds = 2
    lock_seconds: Seconds = 2
    idle_in_transaction_seconds: Seconds = 10


class ClearinghouseSettings(_Part):
    base_url: str | None = None
    core_base_url: str | None = None
    api_key: SecretStr | None = None
    sender_id: str | None = Field(default=None, min_length=2, max_length=15)
    receiver_id: str | None = Field(default=None, min_length=2, max_length=15)
    connect_seconds: Seconds = 5
    read_seconds: Seconds = 60
    total_seconds: Seconds = 90
    poll_seconds: Seconds = 30


class IdentitySettings(_Part):
    issuer: str | None = None
    audience: str | None = None
    jwks_url: str | None = None
    jwks_file: Path | None = None
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "EdDSA"], ...] = Field(default=("RS256",), min_length=1)
    token_types: tuple[str, ...] = Field(default=("at+jwt",), min_length=1)
    other_audiences: tuple[str, ...] = ()
    practice_claim: str = "practice_id"
    roles_claim: str = "roles"
    patient_claim: str = "patient_id"
    scope_claim: str = "scope"


class EncryptionSettings(_Part):
    master_keys: dict[str, SecretStr] = {}
    active_key: str | None = None

    @field_validator("master_keys")
    @classmethod
    def _are_256_bits(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for key_id, key in keys.items():
            if not 0 < len(key_id) <= 255 or not key_id.isascii():
                raise ValueError("a key id is 1 to 255 ASCII characters")
            try:
                size = len(base64.b64decode(key.get_secret_value(), validate=True))
            except (binascii.Error, ValueError):
                size = 0
            if size != 32:
                raise ValueError("each key is the base64 of 32 bytes")
        return keys

    @model_validator(mode="after")
    def _active_is_among_them(self) -> Self:
        if self.active_key is not None and self.active_key not in self.master_keys:
            raise ValueError("active_key names none of the master keys")
        return self

    def keys(self) -> dict[str, bytes]:
        return {key_id: base64.b64decode(key.get_secret_value()) for key_id, key in self.master_keys.items()}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    mode: Mode = Mode.PRODUCTION
    data_dir: Path = Path(".crossover")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    database_owner_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_OWNER_URL")
    database_admin_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_ADMIN_URL")
    pg_bin: Path | None = Field(default=None, validation_alias="PG_BIN")
    api: ApiSettings = ApiSettings()
    worker: WorkerSettings = WorkerSettings()
    sandbox: SandboxSettings = SandboxSettings()
    database: DatabaseSettings = DatabaseSettings()
    clearinghouse: ClearinghouseSettings = ClearinghouseSettings()
    identity: IdentitySettings = IdentitySettings()
    encryption: EncryptionSettings = EncryptionSettings()

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _metrics_have_their_own_port(self) -> Self:
        if self.api.port and self.api.port == self.api.metrics_port:
            raise ValueError("CROSSOVER_API__METRICS_PORT must differ from CROSSOVER_API__PORT")
        return self

    @classmethod
    def load(cls) -> Self:
        """From the environment and the secret files. Raises SettingsRefused with every problem at once."""
        folder = os.environ.get(SECRETS_DIR)
        refused = [f"{name} is no setting" for name in sorted(_unknown_names(folder))]
        refused += [f"{name} must be written as JSON" for name in _not_json()]
        if refused:
            raise SettingsRefused(refused)
        try:
            return cls(_secrets_dir=folder)
        except ValidationError as error:
            found = error.errors(include_input=False)
            raise SettingsRefused(
                [f"{_name(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}" for problem in found]
            ) from None
        except SettingsError as error:
            raise SettingsRefused([str(error)]) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings  # a file that starts to matter because of the current folder is no place for secrets
        files = NestedSecretsSettingsSource(file_secret_settings, secrets_dir_missing="error")
        return init_settings, env_settings, files, _DevelopmentDefaults(settings_cls)


class _DevelopmentDefaults(PydanticBaseSettingsSource):
    """The last source: it sees what the others said, and adds to it in development mode only."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        said = self.current_state
        if said.get("mode") != Mode.DEVELOPMENT:
            return {}
        folder = Path(said.get("data_dir", Settings.model_fields["data_dir"].default))
        sandbox_port = said.get("sandbox", {}).get("port", SandboxSettings().port)
        defaults: dict[str, dict[str, Any]] = {
            "identity": {"issuer": DEVELOPMENT_ISSUER, "audience": "crossover"},
            "encryption": {},
            "clearinghouse": {
                "base_url": f"http://127.0.0.1:{sandbox_port}/2024-04-01",
                "core_base_url": f"http://127.0.0.1:{sandbox_port}/2023-08-01",
                "api_key": DEVELOPMENT_API_KEY,
                "sender_id": "CROSSOVER",
                "receiver_id": "SANDBOX",
                "poll_seconds": 1,
            },
        }
        if not said.get("identity", {}).keys() & {"jwks_url", "jwks_file"}:
            defaults["identity"]["jwks_file"] = folder / "identity" / "jwks.json"
        if not said.get("encryption", {}).get("master_keys"):
            defaults["encryption"] = {
                "master_keys": {"development": DEVELOPMENT_MASTER_KEY},
                "active_key": "development",
            }
        return defaults


def check_for_production(settings: Settings) -> list[str]:
    """Why this configuration must not meet real patients; empty when it may. Says names and rules, never values."""
    return [
        *_database_problems(settings),
        *_identity_problems(settings.identity),
        *_encryption_problems(settings.encryption),
        *_clearinghouse_problems(settings.clearinghouse),
        *(["CROSSOVER_API__CORS_ORIGINS must not allow every origin"] if "*" in settings.api.cors_origins else []),
    ]


def _database_problems(settings: Settings) -> Iterator[str]:
    if settings.database_url is None:
        yield "DATABASE_URL is missing"
        return
    application = urlsplit(settings.database_url.get_secret_value())
    if settings.database_owner_url is not None:
        owner = urlsplit(settings.database_owner_url.get_secret_value())
        if owner.username == application.username:
            yield "DATABASE_URL must not be the owner's login"


def _identity_problems(identity: IdentitySettings) -> Iterator[str]:
    if identity.issuer is None:
        yield "CROSSOVER_IDENTITY__ISSUER is missing"
    elif _host(identity.issuer).endswith(".invalid"):
        yield "CROSSOVER_IDENTITY__ISSUER is the development issuer"
    elif not _is_https(identity.issuer):
        yield "CROSSOVER_IDENTITY__ISSUER must be an https address"
    if identity.audience is None:
        yield "CROSSOVER_IDENTITY__AUDIENCE is missing"
    if (identity.jwks_url is None) == (identity.jwks_file is None):
        yield "one of CROSSOVER_IDENTITY__JWKS_URL and CROSSOVER_IDENTITY__JWKS_FILE must be set"
    if identity.jwks_url is not None and not _is_https(identity.jwks_url):
        yield "CROSSOVER_IDENTITY__JWKS_URL must be an https address"


def _encryption_problems(encryption: EncryptionSettings) -> Iterator[str]:
    keys = encryption.keys()
    if not keys:
        yield "CROSSOVER_ENCRYPTION__MASTER_KEYS is missing"
    elif encryption.active_key is None:
        yield "CROSSOVER_ENCRYPTION__ACTIVE_KEY is missing"
    if base64.b64decode(DEVELOPMENT_MASTER_KEY) in keys.values():
        yield "CROSSOVER_ENCRYPTION__MASTER_KEYS holds the development key"
    elif any(len(set(key)) < 12 for key in keys.values()):
        # 32 random bytes have fewer than 12 different values about never (p < 1e-20); zeros and patterns do.
        yield "CROSSOVER_ENCRYPTION__MASTER_KEYS holds a key that is not random"


def _clearinghouse_problems(clearinghouse: ClearinghouseSettings) -> Iterator[str]:
    for name in ("base_url", "core_base_url", "api_key", "sender_id", "receiver_id"):
        if getattr(clearinghouse, name) is None:
            yield f"CROSSOVER_CLEARINGHOUSE__{name.upper()} is missing"
    for name in ("base_url", "core_base_url"):
        address = getattr(clearinghouse, name)
        if address is not None and not _is_https(address):
            yield f"CROSSOVER_CLEARINGHOUSE__{name.upper()} must be an https address"
        elif address is not None and _is_loopback(_host(address)):
            yield f"CROSSOVER_CLEARINGHOUSE__{name.upper()} is a sandbox on this machine"
    if clearinghouse.api_key is not None and clearinghouse.api_key.get_secret_value() == DEVELOPMENT_API_KEY:
        yield "CROSSOVER_CLEARINGHOUSE__API_KEY is the development key"


def _is_https(address: str) -> bool:
    return urlsplit(address).scheme == "https" and bool(_host(address))


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").rstrip(".")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def setting_names() -> dict[str, Any]:
    """Every name the environment may use, with its field: the table of the operations page is checked against it."""
    return dict(_names(Settings, PREFIX))


def _names(part: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in part.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{prefix}{name.upper()}__")
        elif isinstance(field.validation_alias, str):
            yield field.validation_alias, field
        else:
            yield f"{prefix}{name.upper()}", field


def _unknown_names(secrets_folder: str | None) -> Iterator[str]:
    known = {*setting_names(), SECRETS_DIR}
    yield from (name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if secrets_folder is not None and Path(secrets_folder).is_dir():
        files = (path.name for path in Path(secrets_folder).iterdir())
        yield from (name for name in files if name.upper().startswith(PREFIX) and name.upper() not in known)


def _not_json() -> Iterator[str]:
    """Lists and mappings in the environment; pydantic's own refusal would only name the group."""
    for name, field in setting_names().items():
        if get_origin(field.annotation) in (tuple, dict) and name in os.environ:
            try:
                json.loads(os.environ[name])
            except ValueError:
                yield name


def _name(place: tuple[int | str, ...]) -> str:
    """The setting's name for a place in the model, so that the operator finds what to change."""
    words = [str(word) for word in place if isinstance(word, str)]
    if not words:
        return "settings"
    return words[0] if words[0].isupper() else PREFIX + "__".join(words).upper()
