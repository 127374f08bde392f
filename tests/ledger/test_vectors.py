"""Vectors that others wrote, from a folder beside the repository; docs/guides/ledger.md says which, and how to get them.

<ASSENTRY_VECTORS or ../shared/vectors>/{merkle,tessera,c2sp,wycheproof,json-canonicalization}
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from pathlib import Path

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assentry.errors import InputError
from assentry.ledger.checkpoint import open_checkpoint, parse_checkpoint
from assentry.ledger.encoding import canonical
from assentry.ledger.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from assentry.ledger.note import Verifier, parse_note, parse_verifier
from assentry.ledger.tiles import bundle_path, from_bundle, tile_path
from assentry.ledger.witness.wire import parse_submission

VECTORS = Path(os.environ.get("ASSENTRY_VECTORS", Path(__file__).parents[3] / "shared" / "vectors"))


def folder(name: str) -> Path:
    """A folder of vectors, or a skip that says that it is not there."""
    path = VECTORS / name
    if not path.exists():
        pytest.skip(f"{path.name}: not in {VECTORS.name} (ASSENTRY_VECTORS says where)")
    return path


def proof_of(case: dict[str, object]) -> list[bytes]:
    proof = case["proof"] or []
    assert isinstance(proof, list)
    return [b64decode(item) for item in proof]


def number(value: object) -> int:
    assert isinstance(value, int)
    return value - 2**64 if value >= 2**63 else value


def test_inclusion_proofs_of_transparency_dev_merkle() -> None:
    cases = sorted((folder("merkle") / "testdata" / "inclusion").rglob("*.json"))
    assert len(cases) > 90
    for path in cases:
        case = json.loads(path.read_text())
        root, leaf = b64decode(case["root"] or ""), b64decode(case["leafHash"] or "")
        good = verify_inclusion(number(case["leafIdx"]), number(case["treeSize"]), leaf, proof_of(case), root)
        assert good is not case["wantErr"], path.name


def test_consistency_proofs_of_transparency_dev_merkle() -> None:
    cases = sorted((folder("merkle") / "testdata" / "consistency").rglob("*.json"))
    assert len(cases) > 90
    for path in cases:
        case = json.loads(path.read_text())
        roots = [b64decode(case[name] or "") for name in ("root1", "root2")]
        good = verify_consistency(number(case["size1"]), number(case["size2"]), proof_of(case), roots[0], roots[1])
        assert good is not case["wantErr"], path.name


def test_the_log_that_tessera_publishes() -> None:
    home = folder("tessera")
    found = re.search(
        r"\"(example\.com/log/testdata\+[0-9a-f]{8}\+[\w+/=]+)\"", (home / "append_lifecycle_test.go").read_text()
    )
    assert found is not None
    key = parse_verifier(found[1])
    log = home / "testdata" / "log"
    sizes = [size for size in range(1, 16) if (log / f"checkpoint.{size}").exists()]
    assert sizes
    for size in sizes:
        checkpoint = open_checkpoint((log / f"checkpoint.{size}").read_bytes(), [key])
        bodies = from_bundle((log / bundle_path(0, size)).read_bytes())
        leaves = [leaf_hash(body) for body in bodies]
        assert b"".join(leaves) == (log / tile_path(0, 0, size)).read_bytes()
        assert (checkpoint.size, checkpoint.root) == (size, root_of(leaves))


def test_the_examples_of_c2sp() -> None:
    home = folder("c2sp")
    text = (home / "signed-note.md").read_text()
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    key = re.search(r"example\.com/foo\+[0-9a-f]{8}\+[\w+/=]+", text)
    assert key is not None
    (note,) = [block for block in blocks if "This is an example message." in block]
    assert parse_note(note).verified([parse_verifier(key[0])])
    # Checkpoints and requests whose keys are not published: they read, and are written as they were.
    for name in ("tlog-checkpoint", "tlog-cosignature"):
        examples = re.findall(r"```\n(example\.com/behind.*?)```", (home / f"{name}.md").read_text(), re.DOTALL)
        assert examples
        for example in examples:
            assert str(parse_checkpoint(example)) == example
    request = re.search(r"Example request body:\n\n((?:    .*\n|\n)+)", (home / "tlog-witness.md").read_text())
    assert request is not None
    body = "\n".join(line[4:] for line in request[1].rstrip("\n").split("\n")) + "\n"
    submission = parse_submission(body.encode())
    assert (submission.old, len(submission.proof), bytes(submission)) == (20852014, 4, body.encode())


def test_ed25519_of_wycheproof() -> None:
    document = json.loads((folder("wycheproof") / "testvectors_v1" / "ed25519_test.json").read_text())
    number_of_tests = 0
    for group in document["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            number_of_tests += 1
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            valid = case["result"] == "valid"
            assert Verifier("wycheproof", public).verify(message, signature) is valid, case["tcId"]
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
            except InvalidSignature:
                assert not valid
    assert number_of_tests == document["numberOfTests"]


def ours(value: object) -> bytes | None:
    """Our canonical form, None where we refuse."""
    try:
        return canonical(value)
    except InputError:
        return None


def test_canonical_json_of_rfc_8785() -> None:
    home = folder("json-canonicalization") / "testdata"
    refused = set()
    for path in sorted((home / "input").glob("*.json")):
        expected = (home / "output" / path.name).read_bytes()
        value = json.loads(path.read_text())
        assert rfc8785.dumps(value) == expected
        assert ours(value) in (expected, None)
        if ours(value) is None:
            refused.add(path.name)
    assert refused == {"structures.json", "values.json", "weird.json"}  # floats; keys that UTF-16 orders in another way
