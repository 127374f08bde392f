"""Control catalogues and crosswalks as data: what `controls: [A.8.12]` in a rule refers to.

from assentry import controls

controls.resolve("A.8.12").title             # 'Data leakage prevention'
controls.crosswalk("A.8.15", "soc2")         # ('CC7.1', 'CC7.2', ...)
"""

from __future__ import annotations

from assentry.controls.catalogues import Control, catalogue, resolve, suggest
from assentry.controls.crosswalks import TARGETS, Link, crosswalk, links
from assentry.controls.fingerprint import digest
from assentry.controls.identifiers import FRAMEWORK_NAMES, FRAMEWORKS, Identifier, order, split

__all__ = [
    "FRAMEWORKS",
    "FRAMEWORK_NAMES",
    "TARGETS",
    "Control",
    "Identifier",
    "Link",
    "catalogue",
    "crosswalk",
    "digest",
    "links",
    "order",
    "resolve",
    "split",
    "suggest",
]
