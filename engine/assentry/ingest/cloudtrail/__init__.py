"""AWS CloudTrail records as action documents.

    aws.iam.CreateAccessKey      action.name: service and event
    subject, resource, context   who, on what, under which circumstances, from the record's own fields
    destination, network, ...    what the request opens, shares or grants, read out of its parameters

The whole mapping stands in docs/guides/cloudtrail.md; each file here is one part of it. Nulls are dropped,
and nothing is guessed: what a record does not say is absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assentry.errors import InputError
from assentry.ingest.cloudtrail.record import to_action
from assentry.ingest.records import read_records
from assentry.ingest.source import Item, Progress, Source, no_progress


def read(path: Path, on_progress: Progress = no_progress) -> Iterator[Item]:
    """The records of one CloudTrail file (`{"Records": [...]}` or JSON Lines, plain or gzipped; `-` is standard input)."""
    for number, value, problem in read_records(path, on_progress):
        place = f"{path}:record {number}"
        if problem is not None:
            yield Item(place, InputError(f"{place}: {problem}"))
            continue
        try:
            yield Item(place, to_action(value))
        except InputError as error:
            yield Item(place, InputError(f"{place}: {error}"))


SOURCE = Source("cloudtrail", "AWS CloudTrail records", read)

__all__ = ["SOURCE", "read", "to_action"]
