"""OPA as a server on the loopback interface, asked over one HTTP connection that stays open."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from versus.opa_embedded import opa_version
from versus.peer import InProcess, Said, program_of, said
from versus.texts import rego
from workloads.reference import Action
from workloads.rulesets import Rule

_PATIENCE = 60.0
_HEADERS = {"content-type": "application/json"}


class Server(InProcess):
    """The server, and the connection to it."""

    def __init__(self, module: Path, actions: Sequence[Action]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [
                *(program_of("opa"), "run", "--server", "--addr", f"127.0.0.1:{port}"),
                *("--log-level", "error", "--disable-telemetry", "--skip-version-check", module),
            ],
            stderr=subprocess.DEVNULL,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._wait()
        super().__init__(self._ask, actions, opa_version())

    def mean_us(self, count: int) -> float:
        """Time on the wall: most of it goes by elsewhere."""
        begin = time.perf_counter()
        self.answers(count)
        return (time.perf_counter() - begin) / count * 1e6

    def close(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait()

    def _ask(self, action: Action) -> Said:
        body = json.dumps({"input": action})
        self._connection.request("POST", "/v1/data/bench/verdict", body, _HEADERS)
        return said(json.loads(self._connection.getresponse().read())["result"])

    def _wait(self) -> None:
        """Until it answers. Raises TimeoutError when it never does."""
        begin = time.monotonic()
        while time.monotonic() - begin < _PATIENCE:
            try:
                self._connection.request("GET", "/health")
                if self._connection.getresponse().read() is not None:
                    return
            except OSError:
                self._connection.close()
                time.sleep(0.1)
        raise TimeoutError("the OPA server does not answer")


def make(rules: Sequence[Rule], actions: Sequence[Action], folder: Path) -> Server:
    module = folder / "server.rego"
    module.write_text(rego(rules), encoding="utf-8")
    return Server(module, actions)
