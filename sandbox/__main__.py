"""``python -m sandbox`` runs both twins and their life until it is told to stop."""

import signal
import threading

from sandbox import centra, virtualstock
from sandbox.life import Life
from sandbox.seed import build_seed
from sandbox.settings import SandboxSettings


def main() -> None:
    """Serves until SIGINT or SIGTERM."""
    settings = SandboxSettings.from_environment()
    seed = build_seed(settings.seed_skus, settings.seed)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    servers = [centra.serve(settings, seed), virtualstock.serve(settings, seed)]
    life = Life(servers[0].url, servers[1].url, seed, settings.life, settings.seed).start()
    for server in servers:
        print(f"sandbox: {server.twin.name} on {server.url}", flush=True)  # noqa: T201 - the command's own output
    stop.wait()
    life.stop()
    for server in servers:
        server.stop()


if __name__ == "__main__":
    main()
