"""Other people's records become action documents: `eval --from SOURCE FILE...`.

One file or folder here per source, each with a documented mapping; `SOURCES` names them all.
A new source (tool calls of agents, admission reviews, infrastructure plans) is a new entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from assentry.ingest import cloudtrail
from assentry.ingest.source import Item, Progress, Source

SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in (cloudtrail.SOURCE,)})
"""Every source by the name that `--from` takes."""

__all__ = ["SOURCES", "Item", "Progress", "Source"]
