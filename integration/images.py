"""What stands behind an image link is known before a retailer is told it: an image, or words for what is wrong.

Links come from texts of a catalogue, so they are not trusted: only http and https, no address inside the house but
Centra's own host, no credentials, few redirects, and no body is read.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

from integration.http import open_session

TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and of silence."""
MOST_REDIRECTS = 3
LARGEST = 20 * 1024 * 1024
"""Bytes of an image, by its Content-Length."""
_PASSING = frozenset({408, 425, 429})
_NO_HEAD = frozenset({405, 501})


@dataclass(frozen=True)
class Verdict:
    """What was found: `wrong` None = an image. `lasting` False: it may pass by itself, so look again soon."""

    wrong: str | None = None
    lasting: bool = True


UNSURE = Verdict("its host cannot be reached or is in trouble", lasting=False)
"""One for all that may pass: a host in trouble fails in another way each time, and each would be news to everybody."""


class ImageLinks:
    """Looks at image links, one request at a time.

    :param own_url: Centra's address; its host may lie inside the house, every other one may not.
    """

    def __init__(self, own_url: str, session: requests.Session | None = None) -> None:
        self._own_host = urlsplit(own_url).hostname
        self._session = session or open_session(own_url)

    def look(self, url: str) -> Verdict:
        """Say what is behind a link. Never raises."""
        for _ in range(MOST_REDIRECTS + 1):
            if wrong := self._untrusted(url):
                return wrong
            try:
                with self._ask(url) as answer:
                    if not answer.is_redirect:
                        return _judged(answer)
                    url = urljoin(url, answer.headers["Location"])
            except requests.RequestException:
                return UNSURE
            except ValueError:
                return Verdict("it is no link")
        return Verdict(f"it leads on more than {MOST_REDIRECTS} times")

    def _ask(self, url: str) -> requests.Response:
        answer = self._once("HEAD", url)
        if answer.status_code not in _NO_HEAD:
            return answer
        answer.close()
        return self._once("GET", url)

    def _once(self, method: str, url: str) -> requests.Response:
        accept = {"Accept": "image/*"}
        return self._session.request(method, url, headers=accept, timeout=TIMEOUT, allow_redirects=False, stream=True)

    def _untrusted(self, url: str) -> Verdict | None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return Verdict("it is no link")
        if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
            return Verdict("it is not a plain http or https link")
        if host == self._own_host:
            return None
        try:
            found = socket.getaddrinfo(host, port or 443, proto=socket.IPPROTO_TCP)
        except (OSError, UnicodeError):
            return UNSURE
        if any(not ipaddress.ip_address(each[4][0]).is_global for each in found):
            return Verdict(f"the host {host} is not on the public internet")
        return None


def _judged(answer: requests.Response) -> Verdict:
    status = answer.status_code
    if status in _PASSING or status >= 500:
        return UNSURE
    if status != 200:
        return Verdict(f"it answers {status}")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        return Verdict(f"it is {kind[:60] or 'of no known type'} and not an image")
    length = answer.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length) > LARGEST:
        return Verdict(f"it has {int(length) // 1024 // 1024} MB, more than {LARGEST // 1024 // 1024}")
    return Verdict()
