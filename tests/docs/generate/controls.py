"""docs/reference/controls.md: how large the catalogues and the crosswalk are, and where they come from."""

from __future__ import annotations

from collections import Counter

from assentry.controls import FRAMEWORK_NAMES, FRAMEWORKS, TARGETS, catalogue, crosswalk
from tests.docs.generate import markdown
from tests.docs.generate.markdown import code, table
from tests.docs.shell import ROOT

_PREFIX = {"iso27001": "none", "iso42001": "`iso42001:`", "soc2": "`soc2:`", "nist": "`nist:`"}
_EXAMPLE = {"iso27001": "A.8.12", "iso42001": "iso42001:A.8.2", "soc2": "soc2:CC6.1", "nist": "nist:AC-2(1)"}
_TARGET_NAMES = {
    "soc2": "SOC 2 trust services criteria",
    "nist": "NIST SP 800-53 revision 5",
    "fedramp": "FedRAMP revision 5, high baseline (it holds the others)",
    "fedramp-low": "FedRAMP revision 5, low baseline",
    "fedramp-moderate": "FedRAMP revision 5, moderate baseline",
    "fedramp-high": "FedRAMP revision 5, high baseline",
    "fedramp-20x": "FedRAMP 20x key security indicators",
}


def page() -> str:
    known = catalogue()
    counts = Counter(control.framework for control in known)
    rows = [(FRAMEWORK_NAMES[key], _PREFIX[key], code(_EXAMPLE[key]), str(counts[key])) for key in FRAMEWORKS]
    themes = Counter(control.theme for control in known if control.framework == "iso27001")
    return markdown.page(
        "Control catalogues",
        "What `controls: [...]` in a rule may cite. `assentry controls` lists every entry with its title.",
        table(("framework", "prefix", "example", "controls"), rows),
        "ISO/IEC 27001:2022 Annex A by theme: "
        + ", ".join(f"{count} {theme}" for theme, count in themes.items())
        + ".",
        "## Crosswalk\n\nA verdict names the controls that its rules cite, and can be asked for those of another\n"
        "framework that the same evidence supports: `verdict.controls_in(\"soc2\")`. A link is a pointer for an\n"
        "auditor, not a claim of equivalence.",
        table(("asked for", "means", "Annex A controls with a link", "links"), map(_target, TARGETS)),
        _sources(),
    )  # fmt: skip


def _target(name: str) -> tuple[str, str, str, str]:
    found = [crosswalk(control.id, name) for control in catalogue() if control.framework == "iso27001"]
    return code(name), _TARGET_NAMES[name], str(sum(map(bool, found))), str(sum(map(len, found)))


def _sources() -> str:
    """The data's own statement of where they come from, one level deeper."""
    text = (ROOT / "engine/assentry/controls/data/SOURCES.md").read_text(encoding="utf-8")
    _, _, body = text.partition("\n")
    return f"## Where the data come from\n\n{body.strip()}"
