"""Settings: where they come from, what is refused by name, what production refuses, and that no value is ever shown."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.identity.development import AUDIENCE, ISSUER
from app.settings import (
    DEVELOPMENT_API_KEY,
    DEVELOPMENT_ISSUER,
    DEVELOPMENT_MASTER_KEY,
    Mode,
    Settings,
    SettingsRefused,
    check_for_production,
    setting_names,
)

KEY = base64.b64encode(bytes(range(7, 39))).decode()
OTHER_KEY = base64.b64encode(bytes(range(100, 132))).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://crossover_app:pw@db.example.org/crossover",
    "DATABASE_OWNER_URL": "postgresql://crossover_owner:pw@db.example.org/crossover",
    "CROSSOVER_IDENTITY__ISSUER": "https://id.example.org/realms/practice",
    "CROSSOVER_IDENTITY__AUDIENCE": "crossover",
    "CROSSOVER_IDENTITY__JWKS_URL": "https://id.example.org/realms/practice/certs",
    "CROSSOVER_ENCRYPTION__MASTER_KEYS": json.dumps({"2026-11": KEY}),
    "CROSSOVER_ENCRYPTION__ACTIVE_KEY": "2026-11",
    "CROSSOVER_CLEARINGHOUSE__BASE_URL": "https://clearinghouse.example.org/2024-04-01",
    "CROSSOVER_CLEARINGHOUSE__CORE_BASE_URL": "https://core.clearinghouse.example.org/2023-08-01",
    "CROSSOVER_CLEARINGHOUSE__API_KEY": "a-real-key",
    "CROSSOVER_CLEARINGHOUSE__SENDER_ID": "CROSSOVER",
    "CROSSOVER_CLEARINGHOUSE__RECEIVER_ID": "CLEARING",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of this process without any setting in it."""
    for name in [*os.environ]:
        if name.upper().startswith("CROSSOVER_") or name in setting_names():
            monkeypatch.delenv(name)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **names: str) -> Settings:
    for name, value in names.items():
        environment.setenv(name, value)
    return Settings.load()


def problems(environment: pytest.MonkeyPatch, **names: str) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        load(environment, **names)
    assert refused.value.__cause__ is None
    return refused.value.problems


def test_the_mode_is_production_unless_set(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment)
    assert settings.mode is Mode.PRODUCTION
    assert settings.identity.issuer is None
    assert settings.encryption.keys() == {}


def test_time_limits_and_sizes_have_the_agreed_defaults(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment)
    assert (settings.api.statement_seconds, settings.worker.statement_seconds) == (5, 60)
    assert (settings.database.lock_seconds, settings.database.idle_in_transaction_seconds) == (2, 10)
    assert (settings.api.request_seconds, settings.api.stop_seconds) == (30, 10)
    house = settings.clearinghouse
    assert (house.connect_seconds, house.read_seconds, house.total_seconds) == (5, 60, 90)
    assert settings.database.pool_size == 20
    assert (settings.api.port, settings.api.metrics_port, settings.worker.metrics_port) == (8000, 9464, 9465)


def test_nested_names_lists_and_customary_names_are_read(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment,
        CROSSOVER_API__PORT="8443",
        CROSSOVER_API__CORS_ORIGINS='["https://ehr.example.org"]',
        CROSSOVER_LOG_LEVEL="DEBUG",
        CROSSOVER_IDENTITY__ALGORITHMS='["RS256", "ES256"]',
        CROSSOVER_DATA_DIR="/var/lib/crossover",
        DATABASE_URL="postgresql://a@b/c",
        PG_BIN="/usr/lib/postgresql/15/bin",
    )
    assert settings.api.port == 8443
    assert settings.api.cors_origins == ("https://ehr.example.org",)
    assert settings.log_level == "debug"
    assert settings.identity.algorithms == ("RS256", "ES256")
    assert settings.data_dir == Path("/var/lib/crossover")
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://a@b/c"
    assert settings.pg_bin == Path("/usr/lib/postgresql/15/bin")


# Unknown names


@pytest.mark.parametrize(
    "name",
    [
        "CROSSOVER_API__PROT",
        "CROSSOVER_API_PORT",
        "CROSSOVER_API",
        "CROSSOVER_DATABASE_URL",
        "CROSSOVER_IDENTITY__ISSUER__NAME",
        "CROSSOVER_ENCRYPTION__MASTER_KEYS__2026",
        "CROSSOVER_",
        "crossover_debug",
    ],
)
def test_an_unknown_name_is_refused_by_name_only(environment: pytest.MonkeyPatch, name: str) -> None:
    assert problems(environment, **{name: "canary-value"}) == [f"{name} is no setting"]


def test_all_unknown_names_are_told_at_once(environment: pytest.MonkeyPatch) -> None:
    told = problems(environment, CROSSOVER_A="1", CROSSOVER_B="2")
    assert told == ["CROSSOVER_A is no setting", "CROSSOVER_B is no setting"]


# Secret files


def test_every_setting_may_be_a_file_of_its_name(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in PRODUCTION.items():
        (tmp_path / name.lower()).write_text(value + "\n")
    settings = load(environment, CROSSOVER_SECRETS_DIR=str(tmp_path))
    assert check_for_production(settings) == []
    assert settings.encryption.keys() == {"2026-11": base64.b64decode(KEY)}
    assert settings.clearinghouse.api_key is not None
    assert settings.clearinghouse.api_key.get_secret_value() == "a-real-key"


def test_the_environment_wins_over_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "crossover_api__port").write_text("1")
    assert load(environment, CROSSOVER_SECRETS_DIR=str(tmp_path), CROSSOVER_API__PORT="2").api.port == 2


def test_a_file_that_is_no_setting_is_refused_and_other_peoples_files_are_not_ours(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kubernetes-token").write_text("x")
    assert load(environment, CROSSOVER_SECRETS_DIR=str(tmp_path))
    (tmp_path / "crossover_clearinghouse__apikey").write_text("canary-value")
    assert problems(environment) == ["crossover_clearinghouse__apikey is no setting"]


def test_a_missing_folder_of_secrets_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (told,) = problems(environment, CROSSOVER_SECRETS_DIR=str(tmp_path / "absent"))
    assert "does not exist" in told


# Values


CANARY = "canary-4711"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSOVER_MODE", CANARY),
        ("CROSSOVER_LOG_LEVEL", CANARY),
        ("CROSSOVER_API__PORT", CANARY),
        ("CROSSOVER_API__PORT", "65536"),
        ("CROSSOVER_API__PORT", "-1"),
        ("CROSSOVER_API__METRICS_PORT", "8000"),
        ("CROSSOVER_API__CORS_ORIGINS", CANARY),
        ("CROSSOVER_API__CORS_ORIGINS", f'["{CANARY}'),
        ("CROSSOVER_API__CORS_ORIGINS", "[1]"),
        ("CROSSOVER_API__REQUEST_SECONDS", "0"),
        ("CROSSOVER_API__REQUEST_SECONDS", "nan"),
        ("CROSSOVER_API__REQUEST_SECONDS", "inf"),
        ("CROSSOVER_DATABASE__POOL_SIZE", "0"),
        ("CROSSOVER_DATABASE__POOL_SIZE", CANARY),
        ("CROSSOVER_IDENTITY__ALGORITHMS", '["none"]'),
        ("CROSSOVER_IDENTITY__ALGORITHMS", '["HS256"]'),
        ("CROSSOVER_IDENTITY__ALGORITHMS", "[]"),
        ("CROSSOVER_IDENTITY__TOKEN_TYPES", "[]"),
        ("CROSSOVER_CLEARINGHOUSE__SENDER_ID", CANARY * 2),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", CANARY),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", json.dumps({"a": CANARY})),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", json.dumps({"a": base64.b64encode(b"short").decode()})),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", json.dumps({"a": KEY + "!"})),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", json.dumps({"": KEY})),
        ("CROSSOVER_ENCRYPTION__MASTER_KEYS", json.dumps({"a": {"b": CANARY}})),
        ("CROSSOVER_ENCRYPTION__ACTIVE_KEY", CANARY),
    ],
)
def test_a_wrong_value_is_refused_and_not_shown(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    told = "; ".join(problems(environment, **{name: value}))
    assert name.split("__", maxsplit=1)[0].removeprefix("CROSSOVER_").lower() in told.lower()
    assert CANARY not in told


def test_what_is_refused_is_named_together_with_the_rule(environment: pytest.MonkeyPatch) -> None:
    told = problems(environment, CROSSOVER_MODE="prod", CROSSOVER_ENCRYPTION__MASTER_KEYS='{"a": "b"}')
    assert told == [
        "CROSSOVER_MODE: Input should be 'production' or 'development'",
        "CROSSOVER_ENCRYPTION__MASTER_KEYS: each key is the base64 of 32 bytes",
    ]


def test_a_list_that_is_not_json_is_refused_by_its_own_name(environment: pytest.MonkeyPatch) -> None:
    told = problems(environment, CROSSOVER_API__CORS_ORIGINS="https://ehr.example.org")
    assert told == ["CROSSOVER_API__CORS_ORIGINS must be written as JSON"]


def test_a_refused_start_shows_no_value_even_as_a_traceback(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CROSSOVER_ENCRYPTION__MASTER_KEYS", f'{{"a": "{CANARY}"')
    environment.setenv("CROSSOVER_API__PORT", CANARY)
    program = "from app.settings import Settings; Settings.load()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert "SettingsRefused" in ended.stderr
    assert CANARY not in ended.stdout + ended.stderr


def test_settings_never_print_their_secrets(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, **PRODUCTION)
    shown = repr(settings) + str(settings.model_dump()) + settings.model_dump_json()
    for secret in (KEY, "a-real-key", ":pw@"):
        assert secret not in shown


def test_settings_built_by_hand_do_not_show_a_wrong_value_either(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CROSSOVER_API__PORT", CANARY)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert CANARY not in str(refused.value)


# Production


def test_a_complete_production_configuration_passes(environment: pytest.MonkeyPatch) -> None:
    assert check_for_production(load(environment, **PRODUCTION)) == []


@pytest.mark.parametrize(
    "name",
    [
        "DATABASE_URL",
        "CROSSOVER_IDENTITY__ISSUER",
        "CROSSOVER_IDENTITY__AUDIENCE",
        "CROSSOVER_IDENTITY__JWKS_URL",
        "CROSSOVER_CLEARINGHOUSE__BASE_URL",
        "CROSSOVER_CLEARINGHOUSE__CORE_BASE_URL",
        "CROSSOVER_CLEARINGHOUSE__API_KEY",
        "CROSSOVER_CLEARINGHOUSE__SENDER_ID",
        "CROSSOVER_CLEARINGHOUSE__RECEIVER_ID",
        "CROSSOVER_ENCRYPTION__ACTIVE_KEY",
    ],
)
def test_production_refuses_to_start_without(environment: pytest.MonkeyPatch, name: str) -> None:
    (told,) = check_for_production(load(environment, **{k: v for k, v in PRODUCTION.items() if k != name}))
    assert name in told


def test_production_refuses_to_start_with_nothing_set(environment: pytest.MonkeyPatch) -> None:
    told = check_for_production(load(environment))
    assert len(told) == 10
    assert all("missing" in line or "must be set" in line for line in told)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"CROSSOVER_IDENTITY__ISSUER": DEVELOPMENT_ISSUER}, "development issuer"),
        ({"CROSSOVER_IDENTITY__ISSUER": DEVELOPMENT_ISSUER.upper() + "."}, "development issuer"),
        ({"CROSSOVER_IDENTITY__ISSUER": "https://other.invalid/x"}, "development issuer"),
        ({"CROSSOVER_IDENTITY__ISSUER": "http://id.example.org"}, "https"),
        ({"CROSSOVER_IDENTITY__JWKS_URL": "http://id.example.org/certs"}, "https"),
        ({"CROSSOVER_IDENTITY__JWKS_FILE": "/run/keys"}, "one of"),
        ({"CROSSOVER_ENCRYPTION__MASTER_KEYS": json.dumps({"2026-11": DEVELOPMENT_MASTER_KEY})}, "development key"),
        (
            {"CROSSOVER_ENCRYPTION__MASTER_KEYS": json.dumps({"2026-11": KEY, "old": DEVELOPMENT_MASTER_KEY})},
            "development key",
        ),
        (
            {"CROSSOVER_ENCRYPTION__MASTER_KEYS": json.dumps({"2026-11": base64.b64encode(bytes(32)).decode()})},
            "not random",
        ),
        ({"CROSSOVER_CLEARINGHOUSE__BASE_URL": "http://127.0.0.1:8100/2024-04-01"}, "https"),
        ({"CROSSOVER_CLEARINGHOUSE__BASE_URL": "https://127.9.9.9/2024-04-01"}, "sandbox"),
        ({"CROSSOVER_CLEARINGHOUSE__BASE_URL": "https://localhost:8100"}, "sandbox"),
        ({"CROSSOVER_CLEARINGHOUSE__BASE_URL": "https://[::1]/"}, "sandbox"),
        ({"CROSSOVER_CLEARINGHOUSE__CORE_BASE_URL": "http://core.example.org/2023-08-01"}, "https"),
        ({"CROSSOVER_CLEARINGHOUSE__CORE_BASE_URL": "https://127.0.0.1/2023-08-01"}, "sandbox"),
        ({"CROSSOVER_CLEARINGHOUSE__API_KEY": DEVELOPMENT_API_KEY}, "development key"),
        ({"DATABASE_OWNER_URL": PRODUCTION["DATABASE_URL"]}, "owner"),
        ({"CROSSOVER_API__CORS_ORIGINS": '["*"]'}, "every origin"),
    ],
)
def test_production_refuses_what_belongs_to_a_laptop(
    environment: pytest.MonkeyPatch, changes: dict[str, str], rule: str
) -> None:
    (told,) = check_for_production(load(environment, **{**PRODUCTION, **changes}))
    assert rule in told
    assert not any(value in told for value in changes.values())


# Development


def test_development_needs_nothing_set(environment: pytest.MonkeyPatch) -> None:
    settings = load(
        environment, CROSSOVER_MODE="development", CROSSOVER_DATA_DIR="/srv/crossover", CROSSOVER_SANDBOX__PORT="81"
    )
    assert settings.identity.issuer == ISSUER == DEVELOPMENT_ISSUER
    assert settings.identity.audience == AUDIENCE
    assert settings.identity.jwks_file == Path("/srv/crossover/identity/jwks.json")
    assert list(settings.encryption.keys()) == [settings.encryption.active_key]
    assert settings.clearinghouse.base_url == "http://127.0.0.1:81/2024-04-01"
    assert settings.clearinghouse.core_base_url == "http://127.0.0.1:81/2023-08-01"
    assert settings.clearinghouse.poll_seconds == 1


def test_production_refuses_everything_development_fills_in(environment: pytest.MonkeyPatch) -> None:
    told = check_for_production(load(environment, CROSSOVER_MODE="development"))
    for part in (
        "DATABASE_URL",
        "IDENTITY__ISSUER",
        "MASTER_KEYS",
        "CLEARINGHOUSE__BASE_URL",
        "CLEARINGHOUSE__CORE_BASE_URL",
        "CLEARINGHOUSE__API_KEY",
    ):
        assert any(part in line for line in told)


def test_in_development_what_is_set_wins(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, CROSSOVER_MODE="development", **PRODUCTION)
    assert check_for_production(settings) == []
    assert settings.identity.jwks_file is None
    assert list(settings.encryption.keys()) == ["2026-11"]


def test_several_master_keys_may_be_loaded_and_one_is_active(environment: pytest.MonkeyPatch) -> None:
    keys: dict[str, Any] = {"old": OTHER_KEY, "new": KEY}
    settings = load(
        environment,
        CROSSOVER_ENCRYPTION__MASTER_KEYS=json.dumps(keys),
        CROSSOVER_ENCRYPTION__ACTIVE_KEY="new",
    )
    assert settings.encryption.keys() == {name: base64.b64decode(key) for name, key in keys.items()}


def test_the_operations_page_lists_every_setting_with_its_default() -> None:
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text()
    table = page[page.index("| setting |") : page.index("A master key:")]
    rows = [line.split(" | ") for line in table.splitlines()[2:] if line.startswith("| `")]
    documented = {row[0].strip("| `"): row[1].strip("`") for row in rows}
    assert documented.pop("CROSSOVER_SECRETS_DIR") == "none"
    defaults = {name: field.get_default(call_default_factory=False) for name, field in setting_names().items()}
    assert documented == {name: shown(value) for name, value in defaults.items()}


def shown(default: Any) -> str:
    if default is None:
        return "none"
    return json.dumps(default) if isinstance(default, (tuple, dict)) else str(default)
