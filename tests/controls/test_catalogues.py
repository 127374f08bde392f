"""What the catalogues hold, and how a mistyped identifier is helped."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from assentry import controls


def test_every_framework_is_complete() -> None:
    counts = Counter(control.framework for control in controls.catalogue())
    assert counts["iso27001"] == 93
    assert counts["iso42001"] == 38
    assert counts["soc2"] == 61
    assert counts["nist"] == 1014 + 4


def test_the_themes_of_annex_a_have_their_known_sizes() -> None:
    themes = Counter(control.theme for control in controls.catalogue() if control.framework == "iso27001")
    assert themes == {"organizational": 37, "people": 8, "physical": 14, "technological": 34}


def test_identifiers_are_unique_and_iso_controls_have_titles() -> None:
    listed = controls.catalogue()
    assert len({control.id for control in listed}) == len(listed)
    assert all(control.title for control in listed if control.framework.startswith("iso"))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A.8.12", "Data leakage prevention"),
        ("iso27001:A.8.12", "Data leakage prevention"),
        ("nist:AC-2(1)", "Automated System Account Management"),
        ("soc2:CC6.1", ""),
    ],
)
def test_resolve(text: str, title: str) -> None:
    control = controls.resolve(text)
    assert control is not None
    assert control.title == title


def test_the_two_iso_standards_are_told_apart_by_prefix() -> None:
    ours, ai = controls.resolve("A.8.2"), controls.resolve("iso42001:A.8.2")
    assert ours is not None
    assert ai is not None
    assert (ours.title, ours.types) == ("Privileged access rights", ("preventive",))
    assert ai.title == "System documentation and information for users"


@pytest.mark.parametrize(
    "text", ["A.8.35", "a.8.12", "A.8", "soc2:CC6.9", "CC6.1", "nist:ZZ-1", "gdpr:32", "", ":", "A.8.12 "]
)
def test_what_does_not_exist_resolves_to_nothing(text: str) -> None:
    assert controls.resolve(text) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a.8.12", "A.8.12"),
        ("A8.12", "A.8.12"),
        ("A.08.12", "A.8.12"),
        ("8.12", "A.8.12"),
        ("ISO27001:A.8.12", "A.8.12"),
        ("CC6.1", "soc2:CC6.1"),
        ("SOC2:cc6.1", "soc2:CC6.1"),
        ("AC-2", "nist:AC-2"),
        ("ac-02(01)", "nist:AC-2(1)"),
        ("A.6.2.4", "iso42001:A.6.2.4"),
    ],
)
def test_the_usual_slips_are_understood(text: str, meant: str) -> None:
    assert controls.suggest(text) == meant


def test_nothing_is_suggested_for_nonsense() -> None:
    assert controls.suggest("quarterly review") is None


def test_importing_the_room_reads_no_data() -> None:
    program = (
        "import assentry.controls as c, assentry.controls.catalogues as k;"
        "c.order('A.8.12'); print(k.read_data.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
