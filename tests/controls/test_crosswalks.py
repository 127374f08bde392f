"""Links to other frameworks, and that the shipped data are what their sources give."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assentry import controls

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
needs_sources = pytest.mark.skipif(
    not (SHARED / "crosswalk.csv").exists(), reason="the tables that the data were made of are not beside this checkout"
)


def test_links_to_soc2_are_of_medium_standing_and_name_their_sources() -> None:
    link = next(link for link in controls.links("A.8.15", "soc2") if link.number == "CC7.2")
    assert link.confidence == "medium"
    assert link.agree_count > 1
    assert set(link.sources) == {"Cisco CCF v3", "public tables"}


def test_fedramp_levels_nest() -> None:
    for control in controls.catalogue():
        low, moderate, high = (
            set(controls.crosswalk(control.id, f"fedramp-{level}")) for level in ("low", "moderate", "high")
        )
        assert low <= moderate <= high == set(controls.crosswalk(control.id, "fedramp"))


def test_fedramp_20x_indicators_come_through_nist() -> None:
    assert "KSI-MLA-OSM" in controls.crosswalk("A.8.15", "fedramp-20x")
    assert {link.confidence for link in controls.links("A.8.15", "fedramp-20x")} == {"derived"}
    assert all(re.fullmatch(r"KSI-[A-Z]{3}-[A-Z]{3}", name) for name in controls.crosswalk("A.5.15", "fedramp-20x"))


def test_a_control_of_the_asked_framework_points_to_itself() -> None:
    assert controls.crosswalk("soc2:CC6.1", "soc2") == ("CC6.1",)
    assert controls.crosswalk("nist:AC-2", "fedramp-low") == ("AC-2",)


def test_where_nothing_is_known_there_are_no_links() -> None:
    assert controls.crosswalk("iso42001:A.8.2", "soc2") == ()
    assert controls.crosswalk("A.99.1", "nist") == ()


def test_an_unknown_framework_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown framework `pci`"):
        controls.crosswalk("A.8.12", "pci")


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@needs_sources
@pytest.mark.parametrize(
    ("column", "framework"),
    [
        ("nist_800_53_r5", "nist"),
        ("soc2_tsc_2017_r2022", "soc2"),
        ("fedramp_low_r5", "fedramp-low"),
        ("fedramp_moderate_r5", "fedramp-moderate"),
        ("fedramp_high_r5", "fedramp-high"),
    ],
)
def test_the_pairs_are_those_of_the_source(column: str, framework: str) -> None:
    given = {
        (row["iso_control"], row["control_id"], int(row["agree_count"]))
        for row in _rows("crosswalk.csv")
        if row["framework"] == column
    }
    shipped = {
        (control.id, link.number, link.agree_count)
        for control in controls.catalogue()
        if control.framework == "iso27001"
        for link in controls.links(control.id, framework)
    }
    assert shipped == given


@needs_sources
def test_the_indicators_are_those_of_the_source() -> None:
    given = {(row["nist_800_53_control"], row["ksi_id"]) for row in _rows("fedramp_20x_ksi.csv")} - {("", "")}
    shipped = {
        (control.number, number)
        for control in controls.catalogue()
        if control.framework == "nist"
        for number in controls.crosswalk(control.id, "fedramp-20x")
    }
    assert shipped == {pair for pair in given if pair[0]}


@needs_sources
@pytest.mark.parametrize(
    ("file", "framework", "theme"), [("iso27001", "iso27001", "theme"), ("iso42001", "iso42001", "group")]
)
def test_the_catalogue_is_that_of_the_source(file: str, framework: str, theme: str) -> None:
    given = yaml.safe_load((SHARED / f"{file}_annex_a.yaml").read_text(encoding="utf-8"))["controls"]
    shipped = [control for control in controls.catalogue() if control.framework == framework]
    assert [(c.number, c.title, c.theme, list(c.types)) for c in shipped] == [
        (row["id"], row["title"], row[theme], row.get("control_type", [])) for row in given
    ]
