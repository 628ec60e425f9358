"""A shop that took a second to open can be given back as it was then: both twins, the database and the clock."""

import sqlite3
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from sandbox.centra import clock
from sandbox.centra.limits import Limiter
from sandbox.http import Server
from tests.life.stage import Stage

HELD = ("lock", "options", "webhooks")
"""Parts of Centra's world that others hold on to: they stay the same objects."""


class Kept:
    """What was around a stage when this was made. Nobody may call the twins while it is made or given back."""

    def __init__(self, stage: Stage) -> None:
        self._moment, self._servers = clock.now(), stage.servers
        self._centra, self._virtualstock = (cast(Any, server.twin) for server in stage.servers)
        world = vars(self._centra.world)
        # In one copy: an event and a product that name the same market go on to do so.
        self._world = deepcopy({name: part for name, part in world.items() if name not in HELD})
        self._options = deepcopy(vars(world["options"]))
        self._memory = deepcopy(vars(self._virtualstock.memory))
        self._engine = stage.store.engine
        self._file = Path(str(self._engine.url.database)).with_name("kept.db")
        self._copy(back=False)

    def give_back(self) -> None:
        """Put everything back. The moment is that of then, or the machine's where that is later."""
        clock.reset()
        clock.advance(max(0.0, (self._moment - clock.now()).total_seconds()))
        vars(self._centra.world).update(deepcopy(self._world))
        vars(self._centra.world.options).update(deepcopy(self._options))
        # Its buckets would have to pay for every second that the clock went back.
        self._centra._graphql.limiter = Limiter(self._centra.world.options)
        vars(self._virtualstock.memory).update(deepcopy(self._memory))
        for server in self._servers:
            _forget(server)
        self._copy(back=True)

    def _copy(self, *, back: bool) -> None:
        with closing(self._engine.raw_connection()) as connection, closing(sqlite3.connect(self._file)) as kept:
            live = cast(sqlite3.Connection, connection.driver_connection)
            (kept if back else live).backup(live if back else kept)


def _forget(server: Server) -> None:
    server.faults.clear()
    server.journal.clear()
