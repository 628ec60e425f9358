"""Virtualstock, as a supplier meets it, answers on a loopback port."""

from sandbox.http import Server
from sandbox.seed import Seed
from sandbox.settings import SandboxSettings
from sandbox.virtualstock.twin import VirtualstockTwin

__all__ = ["VirtualstockTwin", "serve"]


def serve(settings: SandboxSettings, seed: Seed) -> Server:
    """The twin, answering on ``settings.virtualstock_port`` until `Server.stop`."""
    return Server(VirtualstockTwin(seed), settings.virtualstock_port).start()
