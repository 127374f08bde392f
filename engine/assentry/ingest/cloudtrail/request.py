"""A record's request parameters, read without trust in their shape.

Services write the same thing in several ways: `vpcId`, `VpcId`, `{"CreateX Request": {"VpcId": ...}}`,
`{"items": [...]}`, `{"tag": 1, "content": "..."}`. These readers see through that; whatever is not of the
asked kind counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def without_nulls(value: object) -> dict[str, object]:
    """A JSON object without its null members, all the way down; empty for anything else."""
    cleaned = _clean(value)
    return cleaned if isinstance(cleaned, dict) else {}


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _clean(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_clean(element) for element in value if element is not None]
    return value


def compact(document: Mapping[str, object]) -> dict[str, object]:
    """The members that have a value."""
    return {key: value for key, value in document.items() if value is not None}


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterator[object]:
    """The elements of a list in any of its shapes; a lone value is a list of one, an empty text none."""
    if isinstance(value, dict) and ("items" in value or not value):
        value = value.get("items", [])
    if isinstance(value, dict) and set(value) == {"item"}:
        value = value["item"]
    if isinstance(value, list):
        yield from value
    elif value not in (None, "", {}):
        yield value


class Request:
    """The parameters of one request under their event's `name`; names are looked up whatever their first letter's case."""

    def __init__(self, name: str, parameters: object, record: Mapping[str, object]) -> None:
        self.name = name
        self.parameters = parameters if isinstance(parameters, dict) else {}
        self.account = _account(record)
        inner = self.parameters
        if len(inner) == 1 and (key := next(iter(inner))).endswith("Request") and isinstance(inner[key], dict):
            inner = inner[key]
        self._members = {_lower_first(key): value for key, value in inner.items()}

    @property
    def event(self) -> str:
        """`CreateAccessKey` of `aws.iam.CreateAccessKey`."""
        return self.name.rpartition(".")[2]

    def get(self, *names: str) -> object:
        """The first of the named parameters that is there; `a.b` goes into an object."""
        for name in names:
            value: object = self._members
            for part in name.split("."):
                value = {_lower_first(key): member for key, member in mapping(value).items()}.get(_lower_first(part))
            if value is not None:
                return value
        return None

    def text(self, *names: str) -> str | None:
        """The first of the named parameters that is a text, not empty."""
        for name in names:
            value = self.get(name)
            value = mapping(value).get("content", value)
            if isinstance(value, str) and value:
                return value
        return None

    def flag(self, *names: str) -> bool | None:
        """A truth value, also where it is wrapped as `{"value": true}`."""
        value = self.get(*names)
        value = mapping(value).get("value", value)
        return value if isinstance(value, bool) else None

    def number(self, *names: str) -> int | None:
        """A whole number that is not negative, also where it is written as text."""
        value = self.get(*names)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def texts(self, *names: str) -> list[str]:
        """The texts of a list."""
        return [value for value in items(self.get(*names)) if isinstance(value, str) and value]


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _account(record: Mapping[str, object]) -> str | None:
    account = record.get("recipientAccountId") or mapping(record.get("userIdentity")).get("accountId")
    return account if isinstance(account, str) else None
