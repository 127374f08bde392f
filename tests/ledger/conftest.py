"""Ledgers for these tests."""

from tests.support.ledgers import durable, ledgers, postgres, settable

__all__ = ["durable", "ledgers", "postgres", "settable"]
