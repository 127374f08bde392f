"""What the contracts are run on."""

from tests.support.ledgers import durable, ledgers, postgres, settable

__all__ = ["durable", "ledgers", "postgres", "settable"]
