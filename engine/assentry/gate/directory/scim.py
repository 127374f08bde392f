"""A directory on a SCIM 2.0 server (RFC 7644): all users and groups, page by page, kept for a short while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assentry.errors import DirectoryUnavailable
from assentry.gate.directory.kept import Ages, Kept
from assentry.gate.directory.records import Records
from assentry.gate.directory.scimread import Naming, read_records
from assentry.gate.directory.snapshot import Snapshot
from assentry.gate.directory.source import CombinedDirectory
from assentry.gate.directory.web import Web, checked_address, need, web

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
MAX_RESOURCES = 100_000
PAGE = 200
_ATTEMPTS = 3

_USER = "userName,externalId,displayName,active,emails,roles"
_GROUP = "displayName,members"


class ScimDirectory:
    """The users and groups of a SCIM server. `token` gives the bearer token at each refresh, so that it can be renewed.

    `user_filter` and `group_filter` are SCIM filters that the server applies. Raises ConfigError for an address that
    is neither https nor local, and where the extra `directory` is not installed. Threads may share one.
    """

    def __init__(
        self,
        address: str,
        token: Callable[[], str],
        *,
        naming: Naming | None = None,
        user_filter: str | None = None,
        group_filter: str | None = None,
        ages: Ages | None = None,
    ) -> None:
        need("httpx2")
        self._address = checked_address(address, "the address of the SCIM server")
        self._token = token
        self._naming = naming or Naming()
        self._filters = (user_filter, group_filter)
        self._ages = ages or Ages()
        self._kept = Kept(f"the SCIM server `{self._address}`", self._ask, self._ages)
        self._whole = CombinedDirectory(self)

    def snapshot(self) -> Snapshot:
        """The directory as the server gave it. Raises DirectoryUnavailable."""
        return self._whole.snapshot()

    def records(self) -> Records:
        """The records as the server gave them. Raises DirectoryUnavailable."""
        return self._kept.get()

    async def _ask(self) -> Records:
        headers = {"authorization": f"Bearer {self._token()}", "accept": "application/scim+json, application/json"}
        async with web(headers, self._ages.timeout) as server:
            users = await _all(server, f"{self._address}/Users", _USER, self._filters[0])
            groups = await _all(server, f"{self._address}/Groups", _GROUP, self._filters[1])
        return read_records(users, groups, self._naming)


class _Moved(Exception):
    """The list changed while it was read."""


async def _all(server: Web, address: str, attributes: str, chosen: str | None) -> list[dict[str, Any]]:
    """All resources of a list that stood still while it was read."""
    for _ in range(_ATTEMPTS):
        try:
            return await _pages(server, address, attributes, chosen)
        except _Moved:
            continue
    raise DirectoryUnavailable(f"`{address}` changes all the while that it is read")


async def _pages(server: Web, address: str, attributes: str, chosen: str | None) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    total: int | None = None
    while total is None or len(found) < total:
        start = len(found) + 1
        query = {"startIndex": str(start), "count": str(PAGE), "attributes": attributes}
        page = await server.json(address, query if chosen is None else {**query, "filter": chosen})
        resources, said = _page(address, page, start)
        if said > MAX_RESOURCES:
            raise DirectoryUnavailable(f"`{address}` lists more than {MAX_RESOURCES} resources: a filter can choose")
        if total is not None and said != total:
            raise _Moved
        total = said
        fresh = {each["id"]: each for each in resources}
        if len(fresh) != len(resources) or found.keys() & fresh.keys():
            raise _Moved
        found |= fresh
        if len(found) > total or (not resources and len(found) < total):
            raise DirectoryUnavailable(f"`{address}` lists {len(found)} resources and says that they are {total}")
    return list(found.values())


def _page(address: str, page: Any, start: int) -> tuple[list[dict[str, Any]], int]:
    """The resources of one page, and how many it says there are in all."""
    if not isinstance(page, dict) or LIST_RESPONSE not in _list(page.get("schemas")):
        raise DirectoryUnavailable(f"`{address}` gives no SCIM list")
    total, resources = page.get("totalResults"), page.get("Resources", [])
    if type(total) is not int or total < 0 or not isinstance(resources, list):
        raise DirectoryUnavailable(f"`{address}` gives a SCIM list without its resources or their number")
    if page.get("startIndex", start) != start:
        raise DirectoryUnavailable(f"`{address}` gives another page than the one that was asked for")
    for each in resources:
        if not isinstance(each, dict) or not isinstance(each.get("id"), str) or not each["id"]:
            raise DirectoryUnavailable(f"`{address}` lists a resource without an id")
    return resources, total


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
