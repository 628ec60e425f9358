"""What shall run is decided before anything is started: for which target, how many of each, and on free ports."""

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from integration.settings import Settings
from integration.supervisor import programs

PROCFILE = Path(__file__).parents[2] / "Procfile"
ONCE = ("web", "beat", "flower")
"""Processes of which a second one on this machine would want the same port or the same file."""


class CannotStart(Exception):
    """The system cannot run like this; the text is one line on what to change."""


@dataclass(frozen=True)
class Plan:
    """What runs and where it answers; `flower_login` and `console_login` are secrets, ``name:password``.

    `console_login` is empty where the settings say who may log in.
    """

    settings: Settings
    procs: Mapping[str, int]
    sandbox: bool
    flower_login: str
    console_login: str

    def __repr__(self) -> str:
        return f"Plan(procs={dict(self.procs)}, sandbox={self.sandbox})"

    @property
    def host(self) -> str:
        """Where this machine reaches the web and Flower."""
        return "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host  # noqa: S104

    @property
    def addresses(self) -> dict[str, str]:
        """What answers where, by name."""
        ports = {"web": self.settings.port, "flower": self.settings.flower_port}
        own = {name: f"http://{self.host}:{port}" for name, port in ports.items() if self.procs.get(name) != 0}
        twins = {
            "Centra twin": f"http://127.0.0.1:{port_of(self.settings.centra_graphql_url)}",
            "Virtualstock twin": f"http://127.0.0.1:{port_of(self.settings.virtualstock_url)}",
        }
        return own | twins if self.sandbox else own


def plan(settings: Settings, target: str | None, procs: str | None) -> Plan:
    """What to run.

    :param target: ``sandbox``, ``live`` or None for what the settings say.
    :param procs: ``NAME=N,…``.
    :raises CannotStart: settings and wishes do not fit together, or a port is taken.
    """
    if target == "live" and settings.sandbox:
        raise CannotStart("There are no live settings: set CENTRA_… and VIRTUALSTOCK_…, or use --target sandbox.")
    if target == "sandbox" and not settings.sandbox:
        raise CannotStart("Live settings are given (environment or .env): unset CENTRA_… and VIRTUALSTOCK_… first.")
    given = settings.flower_basic_auth
    login = given.get_secret_value() if given else f"ops:{secrets.token_urlsafe(12)}"
    # Only the twins may be looked at by whoever sees this terminal: a live system names its people.
    own = f"ops:{secrets.token_urlsafe(12)}" if settings.sandbox and settings.console_users is None else ""
    made = Plan(settings, _counts(procs), settings.sandbox, login, own)
    try:
        programs(PROCFILE, made.procs, {})
    except ValueError as problem:
        raise CannotStart(f"--procs: {problem}.") from None
    for name, address in made.addresses.items():
        _must_be_free(name, made.host, port_of(address))
    return made


def port_of(address: str) -> int:
    """The port of a web address."""
    parts = urlsplit(address)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _counts(procs: str | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in (procs or "").split(","):
        if not part.strip():
            continue
        name, _, number = part.strip().partition("=")
        if not number.isdecimal() or len(number) > 3:
            raise CannotStart("--procs takes NAME=N,…, as in worker-orders=2,flower=0.")
        if name in ONCE and int(number) > 1:
            raise CannotStart(f"--procs: only one {name} can run here.")
        counts[name] = int(number)
    return counts


def _must_be_free(name: str, host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the servers do: an address that only waits for late packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CannotStart(f"Port {port} for {name} cannot be used: {problem.strerror}.") from None
