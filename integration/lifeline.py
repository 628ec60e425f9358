"""On Linux a child process ends when its parent is killed without a chance to stop it."""

import ctypes
import os
import sys
from collections.abc import Callable


def die_with_parent(number: int) -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel send signal `number` to the child when its parent dies; None elsewhere.

    The library is loaded before the fork: between fork and exec only a plain call is safe.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    set_parent_death_signal = 1
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(set_parent_death_signal, number)
        if os.getppid() != parent:  # the parent died before the call above
            os._exit(1)

    return before_exec
