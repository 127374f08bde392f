"""How identifiers are written, and their order."""

from __future__ import annotations

from assentry import controls


def test_numbers_are_ordered_as_numbers_and_frameworks_one_after_the_other() -> None:
    written = ["soc2:A1.1", "nist:AC-2(1)", "A.8.12", "soc2:CC9.2", "A.8.2", "nist:AC-2", "iso42001:A.2.2", "A.5.34"]
    assert sorted(written, key=controls.order) == [
        "A.5.34",
        "A.8.2",
        "A.8.12",
        "iso42001:A.2.2",
        "soc2:CC9.2",
        "soc2:A1.1",
        "nist:AC-2",
        "nist:AC-2(1)",
    ]


def test_an_enhancement_of_ten_follows_that_of_nine() -> None:
    assert sorted(["nist:SC-7(10)", "nist:SC-7(9)", "nist:SC-7"], key=controls.order)[-1] == "nist:SC-7(10)"


def test_unknown_identifiers_come_last_and_never_fail() -> None:
    assert sorted(["what:ever", "", "A.8.12"], key=controls.order)[-1] == "what:ever"


def test_the_catalogue_stands_in_its_own_order() -> None:
    listed = [control.id for control in controls.catalogue()]
    assert listed == sorted(listed, key=controls.order)


def test_an_identifier_is_printed_without_prefix_for_annex_a_only() -> None:
    assert controls.split("iso27001:A.8.12").printed == "A.8.12"
    assert controls.split("soc2:CC6.1").printed == "soc2:CC6.1"
