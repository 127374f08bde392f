"""The numbers that a deployment sets; the laws hold whatever they are."""

from __future__ import annotations

from dataclasses import dataclass

from assentry.approvals.terms import Who
from assentry.errors import ConfigError

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Times in milliseconds. Raises ConfigError for numbers below one.

    `grant_ms` from approval to lapse, `lease_ms` from use to an outcome, `cool_off_ms` from a person's deny to the
    same being asked again, `remind_ms` between reminders. `actor_open` and `actor_hourly` are a requester's open
    questions and those of an hour, `approver_open` the questions that one person is asked at once. `attempts` is how
    often one effect is attempted while it fails. `responders` are those who may break the glass; when empty, every
    person outside the chain.
    """

    grant_ms: int = 5 * MINUTE_MS
    lease_ms: int = 15 * MINUTE_MS
    cool_off_ms: int = 10 * MINUTE_MS
    remind_ms: int = 10 * MINUTE_MS
    actor_open: int = 20
    actor_hourly: int = 100
    approver_open: int = 50
    attempts: int = 100
    responders: tuple[Who, ...] = ()

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name != "responders" and (type(value) is not int or value < 1):
                raise ConfigError(f"`{name}` of the approvals is no whole number above zero")


DEFAULT = Settings()
