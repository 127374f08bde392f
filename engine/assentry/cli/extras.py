"""Commands that need more packages than the core: they say so, rather than fail to import."""

from __future__ import annotations

from importlib.util import find_spec

from assentry.errors import ConfigError


def ledger() -> None:
    """Raises ConfigError where the packages of `assentry[ledger]` are not installed."""
    missing = [name for name in ("sqlalchemy", "alembic", "cryptography") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"this command needs {', '.join(f'`{name}`' for name in missing)}: install `assentry[ledger]`"
        )
