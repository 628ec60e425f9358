"""Every option of the sandbox is read from the environment in one place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SandboxSettings:
    """Where the twins listen, how much they hold and how lively they are. Port 0 means any free port."""

    centra_port: int = 8801
    virtualstock_port: int = 8802
    webhook_url: str = "http://127.0.0.1:8000/webhooks/centra"
    webhook_secret: str = field(default="sandbox-webhook-secret", repr=False)
    life: float = 1.0
    seed_skus: int = 2000
    seed: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "SandboxSettings":
        """Settings from ``SANDBOX_*`` variables; an unset variable keeps the default.

        :raises ValueError: a number is malformed.
        """

        def read(name: str, default: object) -> str:
            return environment.get(f"SANDBOX_{name}") or str(default)

        return cls(
            centra_port=int(read("CENTRA_PORT", cls.centra_port)),
            virtualstock_port=int(read("VIRTUALSTOCK_PORT", cls.virtualstock_port)),
            webhook_url=read("WEBHOOK_URL", cls.webhook_url),
            webhook_secret=read("WEBHOOK_SECRET", "sandbox-webhook-secret"),
            life=float(read("LIFE", cls.life)),
            seed_skus=int(read("SEED_SKUS", cls.seed_skus)),
            seed=int(read("SEED", cls.seed)),
        )
