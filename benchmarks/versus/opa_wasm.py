"""OPA compiled to WebAssembly, run by wasmtime through the interface that OPA documents for such modules.

The package `opa-wasm` runs them by wasmer, which has no build for the Pythons of today; this does the same calls.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from versus.opa_embedded import opa_version
from versus.peer import InProcess, Said, imported, package_version, program_of, said
from versus.texts import rego
from workloads.reference import Action
from workloads.rulesets import Rule

_PAGE = 65536
_CHUNK = 4096


class Module:
    """An instance of a policy module. Memory below `heap` holds the data document; each decision begins above it."""

    def __init__(self, code: bytes) -> None:
        wasmtime = imported("wasmtime")
        engine = wasmtime.Engine()
        self._store: Any = wasmtime.Store(engine)
        module = wasmtime.Module(engine, code)
        self._memory = wasmtime.Memory(self._store, wasmtime.MemoryType(wasmtime.Limits(64, None)))
        given = [
            self._memory if wanted.name == "memory" else self._imported(wasmtime, wanted) for wanted in module.imports
        ]
        self._exports: Any = wasmtime.Instance(self._store, module, given).exports(self._store)
        self._data = self._parsed(b"{}")
        self._heap = self._call("opa_heap_ptr_get")

    def decide(self, document: object) -> Any:
        """The value of the module's only entry point for an input."""
        text = json.dumps(document).encode()
        end = self._heap + len(text)
        missing = end - self._memory.data_len(self._store)
        if missing > 0:
            self._memory.grow(self._store, missing // _PAGE + 1)
        self._memory.write(self._store, text, self._heap)
        found = self._call("opa_eval", 0, 0, self._data, self._heap, len(text), end, 0)
        return json.loads(self._text(found))[0]["result"]

    def _parsed(self, text: bytes) -> int:
        address = self._call("opa_malloc", len(text))
        self._memory.write(self._store, text, address)
        return self._call("opa_json_parse", address, len(text))

    def _call(self, name: str, *arguments: int) -> int:
        found: int = self._exports[name](self._store, *arguments)
        return found

    def _text(self, address: int) -> bytes:
        """The text there, up to the zero that ends it."""
        found = b""
        while b"\0" not in found:
            found += bytes(self._memory.read(self._store, address + len(found), address + len(found) + _CHUNK))
        return found[: found.index(b"\0")]

    def _imported(self, wasmtime: Any, wanted: Any) -> Any:
        """Functions that the rules here have no use for."""

        def call(*arguments: int) -> int:
            raise RuntimeError(f"the policy called {wanted.name} {arguments}")

        return wasmtime.Func(self._store, wanted.type, call)


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> InProcess:
    version = f"{opa_version()}, {package_version('wasmtime')}"
    source, bundle = folder / "wasm.rego", folder / "bundle.tar.gz"
    source.write_text(rego(rules), encoding="utf-8")
    build: list[str | Path] = [program_of("opa"), "build", "-t", "wasm", "-e", "bench/verdict", "-o", bundle, source]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(bundle) as packed:
        code = packed.extractfile("/policy.wasm")
        assert code
        module = Module(code.read())

    def decide(action: Action) -> Said:
        return said(module.decide(action))

    return InProcess(decide, actions, version)
