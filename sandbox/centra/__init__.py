"""Centra, as an integration meets it, answers on a loopback port: GraphQL, Order API, events and webhooks."""

from sandbox.centra.options import Options
from sandbox.centra.twin import CentraServer, CentraTwin
from sandbox.http import Server
from sandbox.seed import Seed
from sandbox.settings import SandboxSettings

__all__ = ["CentraTwin", "serve"]


def serve(settings: SandboxSettings, seed: Seed) -> Server:
    """The twin, answering on ``settings.centra_port`` and posting to ``settings.webhook_url`` until `Server.stop`."""
    options = Options(webhook_url=settings.webhook_url or None, webhook_secret=settings.webhook_secret)
    return CentraServer(CentraTwin(options, seed), settings.centra_port).start()
