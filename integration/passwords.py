"""Passwords and tokens are known to us only as hashes, made here and compared here."""

import hashlib
import threading

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

LONGEST = 1024
"""Characters; whatever is longer is no password that anybody chose."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Argon2 takes 64 MB at a time, and a flood of guesses must not take the machine's memory."""
_HASHER = PasswordHash((Argon2Hasher(),))


def password_hash(password: str) -> str:
    """The argon2 hash that CONSOLE_USERS takes."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password: str, hashed: str) -> bool:
    """Whether `hashed` was made of `password`; an unreadable hash fits nothing."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(password[:LONGEST], hashed) and len(password) <= LONGEST
    except UnknownHashError:
        return False


def token_hash(token: str) -> str:
    """The SHA-256 hash that CONSOLE_TOKENS takes, in hexadecimal. A token is random and long, so a quick hash will do.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
