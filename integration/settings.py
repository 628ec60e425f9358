"""Every setting is read once, typed, and a wrong one stops the start with one line that names it.

No live setting at all means the sandbox: everything then points at the twins on this machine. Some live settings but
not all of them is an error, because half a configuration would send the merchant's orders to a twin.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from integration.logins import PASSWORD, TOKEN, Login, parse, parse_groups
from integration.people import Role

ENV_FILE = ".env"
CENTRA_LIVE = (
    "centra_graphql_url", "centra_token", "centra_order_api_url", "centra_order_api_key", "centra_webhook_secret",
)
VIRTUALSTOCK_LIVE = ("virtualstock_url", "virtualstock_username", "virtualstock_password")
NO_FILE = "CONSOLE_USERS or CONSOLE_TOKENS names a file that cannot be read"
_NAMED = re.compile(r"VIRTUALSTOCK_(?P<name>[A-Z0-9_]+)_(?P<part>URL|USERNAME|PASSWORD)")
_ALERT = re.compile(r"ALERT_(?P<name>[A-Z0-9_]+)_URL")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like https://host/path")
    return value.rstrip("/")


def _scheme_of(*allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if value.partition(":")[0] not in allowed:
            raise ValueError(f"must start with one of {', '.join(f'{scheme}:' for scheme in allowed)}")
        return value

    return AfterValidator(check)


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone like Europe/London") from None
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Credential(BaseModel):
    """What one Virtualstock login needs."""

    model_config = ConfigDict(frozen=True)

    url: str
    username: str
    password: SecretStr


class Settings(BaseSettings):
    """The environment, typed. Defaults of the platforms are the twins'."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True,
    )

    var_dir: Path = Path("var")
    mappings_dir: Path = Path("mappings")
    database_url: Annotated[str, _scheme_of("sqlite", "postgresql+psycopg")] = Field(
        default_factory=lambda known: f"sqlite:///{known['var_dir']}/cvsync.db", repr=False,
    )
    redis_url: Annotated[str, _scheme_of("redis", "rediss", "unix", "sentinel")] | None = Field(
        default=None, repr=False,
    )
    """None: the embedded server."""

    centra_graphql_url: WebAddress = "http://127.0.0.1:8801/graphql"
    centra_token: SecretStr = SecretStr("sandbox-centra-token")
    centra_order_api_url: WebAddress = "http://127.0.0.1:8801/api/order-api"
    centra_order_api_key: SecretStr = SecretStr("sandbox-order-api-key")
    centra_webhook_secret: SecretStr = SecretStr("sandbox-webhook-secret")
    centra_share: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Our share of the merchant's Centra quota; the rest is left to the merchant's other integrations."""
    centra_timezone: Annotated[str, AfterValidator(_time_zone)] = "Europe/London"

    virtualstock_url: WebAddress = "http://127.0.0.1:8802"
    virtualstock_username: str = "northgate"
    virtualstock_password: SecretStr = SecretStr("northgate-secret")

    sentry_dsn: str | None = Field(default=None, repr=False)
    sentry_environment: str = "production"
    console_users: SecretStr | None = None
    console_tokens: SecretStr | None = None
    console_url: WebAddress | None = None
    """Where people and the identity provider reach the console; None: where a request came to."""
    flower_url: WebAddress | None = None
    """Where people reach Flower; None: at HOST and FLOWER_PORT."""
    oidc_issuer: WebAddress | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid profile email"
    oidc_name: str = "single sign-on"
    """What the button of the login says."""
    oidc_name_claim: str = "email"
    oidc_role_claim: str = "roles"
    oidc_roles: str = "viewer=viewer,operator=operator,admin=admin"
    """Roles by what the claim holds; of several the largest counts."""
    host: str = "127.0.0.1"
    port: Port = 8000
    flower_port: Port = 5555
    flower_basic_auth: SecretStr | None = None
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(lambda value: str(value).upper()),
    ] = "INFO"
    log_format: Literal["text", "json"] | None = None
    """None: text on a terminal, JSON else."""

    metrics_token: SecretStr | None = None
    """What `GET /metrics` asks for as a bearer token; None: it asks for nothing."""

    _named: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)
    _alerts: dict[str, SecretStr] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _no_half_configuration(self) -> Self:
        environment = {**_read_env_file(), **os.environ}
        self._named = _named_credentials(environment)
        self._alerts = _alert_urls(environment)
        missing = self._missing()
        if missing:
            raise ValueError("missing, although other live settings are given: " + ", ".join(missing))
        return self

    @property
    def sandbox(self) -> bool:
        """True when no live setting of any platform is given, so that everything points at the twins."""
        return not self._named and not self.model_fields_set.intersection(CENTRA_LIVE + VIRTUALSTOCK_LIVE)

    def credential(self, name: str) -> Credential:
        """The Virtualstock login that a retailer profile calls `name`; an unknown name means the default login.

        A login of its own may leave out its address, never one half of user name and password.
        """
        if self.sandbox:
            return Credential(url=self.virtualstock_url, username=name, password=SecretStr(f"{name}-secret"))
        own = self._named.get(_variable_part(name), {})
        url = own.get("URL", self.virtualstock_url)
        if "USERNAME" in own:
            return Credential(url=url, username=own["USERNAME"], password=SecretStr(own["PASSWORD"]))
        return Credential(url=url, username=self.virtualstock_username, password=self.virtualstock_password)

    def missing_login(self, name: str) -> list[str]:
        """The variables without which `credential(name)` would be the login of a twin; none in the sandbox."""
        if self.sandbox or "virtualstock_username" in self.model_fields_set:
            return []
        own, part = self._named.get(_variable_part(name), {}), _variable_part(name)
        return [f"VIRTUALSTOCK_{part}_{half}" for half in ("USERNAME", "PASSWORD") if half not in own]

    def secrets(self) -> list[str]:
        """Every secret value in these settings, for `telemetry.hide`."""
        own = (value for value in vars(self).values() if isinstance(value, SecretStr))
        passwords = (urlsplit(url).password for url in (self.database_url, self.redis_url or ""))
        named = (credential.get("PASSWORD") for credential in self._named.values())
        alerts = (value.get_secret_value() for value in self._alerts.values())
        every = (*(value.get_secret_value() for value in own), *passwords, *named, *alerts)
        return [secret for secret in every if secret]

    def alert_urls(self) -> dict[str, SecretStr]:
        """Apprise URLs by the channel that ``teams.yaml`` names: ``ALERT_ON_CALL_URL`` is that of ``on-call``."""
        return dict(self._alerts)

    def console_logins(self) -> list[Login]:
        """The people who may log in with a password, from `CONSOLE_USERS` itself or from the file it names.

        :raises ValueError: an entry cannot be used; it is not repeated in the message.
        """
        given = self.console_users
        return parse("CONSOLE_USERS", given.get_secret_value(), PASSWORD) if given else []

    def console_programs(self) -> list[Login]:
        """The programs that may call the API with a token, from `CONSOLE_TOKENS` in the same way."""
        given = self.console_tokens
        return parse("CONSOLE_TOKENS", given.get_secret_value(), TOKEN) if given else []

    @property
    def flower_address(self) -> str:
        """Where people reach Flower."""
        here = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return self.flower_url or f"http://{here}:{self.flower_port}"

    def single_sign_on(self) -> Mapping[str, Role] | None:
        """The roles that the identity provider gives, by group; None where none is set.

        :raises ValueError: it is set by half.
        """
        given = {"OIDC_ISSUER": self.oidc_issuer, "OIDC_CLIENT_ID": self.oidc_client_id,
                 "OIDC_CLIENT_SECRET": self.oidc_client_secret}  # fmt: skip
        missing = [name for name, value in given.items() if not value]
        if missing and len(missing) < len(given):
            raise ValueError(f"OIDC_… settings are given, but without {', '.join(missing)}")
        return None if missing else parse_groups("OIDC_ROLES", self.oidc_roles)

    def _missing(self) -> list[str]:
        """Variables without which a live start would speak to a twin."""
        if self.sandbox:
            return []
        required = list(CENTRA_LIVE)
        if not any("USERNAME" in own and "PASSWORD" in own for own in self._named.values()):
            required += VIRTUALSTOCK_LIVE
        elif not all("URL" in own for own in self._named.values()):
            required.append("virtualstock_url")
        missing = [name.upper() for name in required if name not in self.model_fields_set]
        for name, own in sorted(self._named.items()):
            if len(own.keys() & {"USERNAME", "PASSWORD"}) == 1:
                absent = "PASSWORD" if "USERNAME" in own else "USERNAME"
                missing.append(f"VIRTUALSTOCK_{name}_{absent}")
        if len(self.model_fields_set & set(VIRTUALSTOCK_LIVE[1:])) == 1:
            missing += [name.upper() for name in VIRTUALSTOCK_LIVE[1:] if name not in self.model_fields_set]
        return list(dict.fromkeys(missing))


def load() -> Settings:
    """Reads environment and ``.env``; a wrong or missing setting ends the program with status 2 and one line."""
    try:
        settings = Settings()
        settings.console_logins()
        settings.console_programs()
        settings.single_sign_on()
    except ValidationError as problem:
        _stop("; ".join(_one_line(dict(error)) for error in problem.errors(include_input=False, include_url=False)))
    except (ValueError, OSError) as problem:
        _stop(str(problem) if type(problem) is ValueError else NO_FILE)
    return settings


def _one_line(error: Mapping[str, Any]) -> str:
    """One fault in words; the value is never repeated, for it may be a secret."""
    text = str(error["msg"]).removeprefix("Value error, ")
    variable = ".".join(str(part) for part in error["loc"]).upper()
    return f"{variable}: {text}" if variable else text


def _stop(line: str) -> NoReturn:
    sys.stderr.write(f"Wrong setting: {line}\n")
    raise SystemExit(2)


def _read_env_file() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(ENV_FILE).items() if value}


def _variable_part(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _named_credentials(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """``VIRTUALSTOCK_<NAME>_<PART>`` variables as {NAME: {PART: value}}; empty ones count as absent."""
    named: dict[str, dict[str, str]] = {}
    for variable, value in environment.items():
        match = _NAMED.fullmatch(variable)
        if match and value:
            named.setdefault(match["name"], {})[match["part"]] = value
    return named


def _alert_urls(environment: Mapping[str, str]) -> dict[str, SecretStr]:
    """``ALERT_<NAME>_URL`` variables by channel; empty ones count as absent."""
    found: dict[str, SecretStr] = {}
    for variable, value in environment.items():
        match = _ALERT.fullmatch(variable)
        if match and value:
            if "://" not in value:
                raise ValueError(f"{variable} must be an address such as mailtos://user:password@host")
            found[match["name"].lower().replace("_", "-")] = SecretStr(value)
    return found
