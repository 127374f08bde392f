"""Houses and servers for these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gate.house import House
from tests.support.ledgers import durable, postgres

__all__ = ["durable", "house", "postgres"]


@pytest.fixture
def house() -> Iterator[House]:
    """A gate on a log in memory, with a clock that stands."""
    made = House()
    yield made
    made.gate.close()
