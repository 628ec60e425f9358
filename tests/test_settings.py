"""A wrong setting stops the start with one line that names it and never shows its value."""

import os
from pathlib import Path

import pytest

from integration.people import Role
from integration.settings import Settings, load

ARGON = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdC9zYWx0$aGFzaA+/s3cret"

LIVE = {
    "CENTRA_GRAPHQL_URL": "https://shop.centra.test/graphql",
    "CENTRA_TOKEN": "live-centra-token",
    "CENTRA_ORDER_API_URL": "https://shop.centra.test/api/order-api/",
    "CENTRA_ORDER_API_KEY": "live-order-key",
    "CENTRA_WEBHOOK_SECRET": "live-webhook-secret",
    "VIRTUALSTOCK_URL": "https://www.the-edge.test",
    "VIRTUALSTOCK_USERNAME": "default-user",
    "VIRTUALSTOCK_PASSWORD": "default-password",
}


class Environment:
    """The environment of one test, which starts empty of our variables, in a folder of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self.folder = folder

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def unset(self, *names: str) -> None:
        for name in names:
            self._monkeypatch.delenv(name)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    ours = {name.upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name in ours or name.startswith("VIRTUALSTOCK_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Environment(monkeypatch, tmp_path)


def stopped(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which loading the settings stopped the program."""
    with pytest.raises(SystemExit) as stop:
        load()
    assert stop.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    [line] = output.err.splitlines()
    return line


def test_an_empty_environment_is_the_sandbox(environment: Environment) -> None:
    settings = load()
    assert settings.sandbox
    assert settings.redis_url is None
    assert settings.database_url == "sqlite:///var/cvsync.db"
    assert settings.centra_graphql_url == "http://127.0.0.1:8801/graphql"
    assert settings.centra_order_api_key.get_secret_value() == "sandbox-order-api-key"
    calder = settings.credential("calder")
    assert (calder.url, calder.username) == ("http://127.0.0.1:8802", "calder")
    assert calder.password.get_secret_value() == "calder-secret"


def test_the_database_file_lies_under_var_dir(environment: Environment) -> None:
    environment.set(VAR_DIR="/srv/state")
    assert load().database_url == "sqlite:////srv/state/cvsync.db"


def test_live_settings_are_read_from_environment_and_env_file(environment: Environment) -> None:
    environment.set(**LIVE)
    environment.unset("CENTRA_TOKEN")
    (environment.folder / ".env").write_text("CENTRA_TOKEN=from-the-file\nVIRTUALSTOCK_URL=https://overruled.test\n")
    settings = load()
    assert not settings.sandbox
    assert settings.centra_token.get_secret_value() == "from-the-file"
    assert settings.virtualstock_url == "https://www.the-edge.test"
    assert settings.centra_order_api_url == "https://shop.centra.test/api/order-api"


@pytest.mark.parametrize("absent", LIVE)
def test_half_a_live_configuration_names_what_is_missing(
    environment: Environment, capsys: pytest.CaptureFixture[str], absent: str
) -> None:
    environment.set(**{**LIVE, absent: ""})
    line = stopped(capsys)
    assert absent in line
    assert not [value for value in LIVE.values() if value in line]
    assert not [name for name in LIVE if name != absent and name in line]


def test_a_further_credential_of_a_sandbox_is_half_a_live_configuration(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.set(VIRTUALSTOCK_CALDER_USERNAME="calder-user", VIRTUALSTOCK_CALDER_PASSWORD="calder-password")
    assert "CENTRA_TOKEN" in stopped(capsys)


def test_a_further_credential_may_share_the_address_only(environment: Environment) -> None:
    environment.set(
        **LIVE, VIRTUALSTOCK_HARVEY_NORMAN_USERNAME="hn-user", VIRTUALSTOCK_HARVEY_NORMAN_PASSWORD="hn-password",
    )
    settings = load()
    own = settings.credential("harvey-norman")
    assert (own.url, own.username, own.password.get_secret_value()) == (
        "https://www.the-edge.test", "hn-user", "hn-password",
    )
    assert settings.credential("anything else").username == "default-user"


def test_half_of_a_further_credential_is_missing_its_other_half(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.set(**LIVE, VIRTUALSTOCK_CALDER_USERNAME="calder-user")
    assert "VIRTUALSTOCK_CALDER_PASSWORD" in stopped(capsys)


def test_complete_further_credentials_need_no_default(environment: Environment) -> None:
    environment.set(**{name: value for name, value in LIVE.items() if name.startswith("CENTRA")})
    environment.set(
        VIRTUALSTOCK_CALDER_URL="https://calder.test", VIRTUALSTOCK_CALDER_USERNAME="u",
        VIRTUALSTOCK_CALDER_PASSWORD="p",
    )
    assert load().credential("calder").url == "https://calder.test"


@pytest.mark.parametrize(("name", "value"), [
    ("PORT", "s3cret"), ("PORT", "70000"), ("FLOWER_PORT", "no"), ("CENTRA_SHARE", "1.5"), ("CENTRA_SHARE", "0"),
    ("CENTRA_TIMEZONE", "Europe/Nowhere"), ("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "xml"),
    ("DATABASE_URL", "mysql://user:s3cret@host/db"), ("REDIS_URL", "http://:s3cret@host"),
    ("CENTRA_GRAPHQL_URL", "shop.centra.test"), ("CONSOLE_USERS", "anna:hash :s3cret"),
    ("CONSOLE_USERS", "/nowhere/s3cret"),
    ("CONSOLE_USERS", f"anna/boss:{ARGON}"), ("CONSOLE_USERS", f"anna:{ARGON},anna:{ARGON}"),
    ("CONSOLE_USERS", "anna:scrypt:32768:8:1$s3cret"), ("CONSOLE_TOKENS", "bi:s3cret"),
])
def test_a_malformed_setting_is_named_and_its_value_is_not_shown(
    environment: Environment, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    environment.set(**{name: value})
    line = stopped(capsys)
    assert name in line
    assert "s3cret" not in line


def test_no_repr_shows_a_secret(environment: Environment) -> None:
    environment.set(
        **LIVE, DATABASE_URL="postgresql+psycopg://u:db-password@host/x", REDIS_URL="redis://:redis-password@host",
        CONSOLE_USERS=f"anna:{ARGON}", FLOWER_BASIC_AUTH="flower:flower-password", SENTRY_DSN="https://sentry-key@host/1",
    )
    settings = load()
    shown = f"{settings!r} {settings} {settings.credential('calder')!r}"
    secrets = [value for name, value in LIVE.items() if not name.endswith(("URL", "USERNAME"))]
    secrets += ["db-password", "redis-password", ARGON, "flower-password", "sentry-key"]
    assert not [secret for secret in secrets if secret in shown]
    assert set(settings.secrets()) >= {"live-centra-token", "default-password", "db-password", "redis-password"}


def test_console_users_come_from_a_list_or_a_file(environment: Environment) -> None:
    environment.set(CONSOLE_USERS=f"anna:{ARGON},ben.b/admin:{ARGON}")
    logins = load().console_logins()
    assert [(login.name, login.role, login.hash) for login in logins] == [
        ("anna", Role.OPERATOR, ARGON), ("ben.b", Role.ADMIN, ARGON),
    ]
    (environment.folder / "users").write_text(f"anna/viewer:{ARGON}\nben:{ARGON}\n")
    environment.set(CONSOLE_USERS="users")
    assert [(login.name, login.role) for login in load().console_logins()] == [
        ("anna", Role.VIEWER), ("ben", Role.OPERATOR),
    ]


def test_tokens_of_programs_are_read_alike(environment: Environment) -> None:
    environment.set(CONSOLE_TOKENS=f"bi/viewer:{'a1' * 32};erp:{'b2' * 32}")
    assert [(login.name, login.role) for login in load().console_programs()] == [
        ("bi", Role.VIEWER), ("erp", Role.OPERATOR),
    ]


def test_single_sign_on_gives_roles_by_group(environment: Environment) -> None:
    assert load().single_sign_on() is None
    environment.set(
        OIDC_ISSUER="https://id.test", OIDC_CLIENT_ID="cvsync", OIDC_CLIENT_SECRET="s3cret",
        OIDC_ROLES="ops=operator, cn=leads,ou=x=admin",
    )
    with pytest.raises(SystemExit):
        load()
    environment.set(OIDC_ROLES="ops=operator, leads=admin")
    assert load().single_sign_on() == {"ops": Role.OPERATOR, "leads": Role.ADMIN}


def test_single_sign_on_by_half_is_refused(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.set(OIDC_ISSUER="https://id.test", OIDC_CLIENT_SECRET="s3cret")
    line = stopped(capsys)
    assert "OIDC_CLIENT_ID" in line
    assert "s3cret" not in line


def test_log_levels_are_read_in_any_case(environment: Environment) -> None:
    environment.set(LOG_LEVEL="debug")
    assert load().log_level == "DEBUG"
