"""`python -m integration.web` serves the web process at HOST and PORT."""

import uvicorn

from integration import settings as settings_module


def main() -> None:
    """Serve until stopped."""
    settings = settings_module.load()
    uvicorn.run(
        "integration.web.app:create", factory=True, host=settings.host, port=settings.port,
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5,
    )  # fmt: skip


main()
