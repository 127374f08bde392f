"""Reading JSON from a server that may be slow, broken or hostile: one address, no redirects, bounded bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assentry.errors import ConfigError, DirectoryUnavailable

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 64 * 1024 * 1024
"""Of all responses to one client."""


def need(module: str) -> None:
    """Raises ConfigError where an optional dependency is missing."""
    if find_spec(module) is None:
        raise ConfigError(f"this needs `{module}`, which is not installed: pip install 'assentry[directory]'")


def checked_address(address: str, what: str) -> str:
    """An address without its last slash. Raises ConfigError unless it is https, or http on this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError as error:
        raise ConfigError(f"{what} is no address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"{what} must be an address such as `https://id.example.org`, without user, query and `#`")
    if parts.scheme == "http" and not _is_here(host):
        raise ConfigError(f"{what} must begin with `https://`: anybody on the way could answer in its name")
    return address.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Web:
    """Requests to one server, which may answer with so many bytes in all."""

    def __init__(self, client: httpx2.AsyncClient, max_bytes: int) -> None:
        self._client = client
        self._left = max_bytes

    async def json(self, address: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON document at an address. Raises DirectoryUnavailable, naming the address and no secret."""
        import httpx2

        try:
            async with self._client.stream("GET", address, params=query) as response:
                _expect_plain_200(address, response)
                raw = await self._read(address, response)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise DirectoryUnavailable(f"`{address}` cannot be read: {type(error).__name__}") from error
        return parse(address, raw)

    async def _read(self, address: str, response: httpx2.Response) -> bytes:
        raw = bytearray()
        async for chunk in response.aiter_raw():
            raw += chunk
            self._left -= len(chunk)
            if self._left < 0:
                raise DirectoryUnavailable(f"`{address}` answers with too many bytes")
        return bytes(raw)


def _expect_plain_200(address: str, response: httpx2.Response) -> None:
    status = response.status_code
    if response.is_redirect:
        raise DirectoryUnavailable(f"`{address}` points elsewhere ({status}): redirects are not followed")
    if status in {401, 403}:
        raise DirectoryUnavailable(f"`{address}` does not accept the token ({status})")
    if status != 200:
        raise DirectoryUnavailable(f"`{address}` answers {status}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise DirectoryUnavailable(f"`{address}` answers compressed, which was not asked for")


def parse(address: str, raw: bytes) -> Any:
    """JSON as RFC 8259 has it, with no key twice. Raises DirectoryUnavailable."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DirectoryUnavailable(f"`{address}` gives no JSON: {type(error).__name__}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@asynccontextmanager
async def web(headers: Mapping[str, str], patience: float) -> AsyncIterator[Web]:
    """A client that waits at most `patience` seconds for any step of a request."""
    import httpx2

    plain = {"accept-encoding": "identity", **headers}
    async with httpx2.AsyncClient(headers=plain, timeout=patience, follow_redirects=False, trust_env=False) as client:
        yield Web(client, MAX_BYTES)
