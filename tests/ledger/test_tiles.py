"""The names and bytes of tlog-tiles, as its specification gives them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.ledger.tiles import (
    bundle_path,
    documents_path,
    from_bundle,
    from_documents,
    tile_path,
    to_bundle,
    to_documents,
    widths,
)


def test_names() -> None:
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(2, 0) == "tile/2/000"
    assert tile_path(1, 999, 17) == "tile/1/999.p/17"
    assert tile_path(0, 1000) == "tile/0/x001/000"
    assert bundle_path(273, 112) == "tile/entries/273.p/112"
    assert documents_path(70_000) == "sealed/x070/000"


def test_the_examples_of_the_specification() -> None:
    assert widths(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert widths(256) == [(0, 1, 0), (1, 0, 1)]
    assert widths(255) == [(0, 0, 255)]
    assert widths(0) == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_and_documents_are_read_as_written(bodies: list[bytes]) -> None:
    assert from_bundle(to_bundle(bodies)) == bodies
    documents = list(enumerate(bodies))
    assert from_documents(to_documents(documents)) == documents


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=5), st.integers(1, 8))
def test_cut_files_are_refused(bodies: list[bytes], cut: int) -> None:
    for whole, read in ((to_bundle(bodies), from_bundle), (to_documents(list(enumerate(bodies))), from_documents)):
        last = len(bodies[-1]) + (2 if read is from_bundle else 12)
        if cut < last:
            with pytest.raises(ValueError, match="in the middle"):
                read(whole[:-cut])
