"""Virtualstock, as a supplier meets it, answers on a loopback port."""

from sandbox.http import Server
from sandbox.seed import Seed
from sandbox.settings import SandboxSettings
from sandbox.virtualstock.twin import VirtualstockTwin

__all__ = ["VirtualstockTwin", "serve"]


def serve(settings: SandboxSettings, seed: Seed) -> Server:
    """The twin, answering on ``settings.virtualstock_port`` until `Server.stop`.

    It takes the shop's images to lie on ``settings.centra_port``; where that is 0, tell it by the switch `media_url`.
    """
    twin = VirtualstockTwin(seed, media_url=f"http://127.0.0.1:{settings.centra_port}")
    return Server(twin, settings.virtualstock_port).start()
