"""Work in forked processes: quick to start, since everything is imported already."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Child:
    """A forked process; what its work returns, as JSON, is read by `result`."""

    pid: int
    pipe: int

    def result(self) -> Any:
        """Wait for the end. Raises AssertionError when the child failed or was killed."""
        with os.fdopen(self.pipe) as stream:
            text = stream.read()
        _, status = os.waitpid(self.pid, 0)
        assert status == 0, f"a child ended with status {status}"
        return json.loads(text)

    def line(self) -> Any:
        """Wait for the next thing that it says."""
        text = b""
        while not text.endswith(b"\n"):
            text += os.read(self.pipe, 1)
        return json.loads(text)

    def lines(self) -> list[Any]:
        """What `say` wrote until the end, however the child ended."""
        with os.fdopen(self.pipe) as stream:
            text = stream.read()
        os.waitpid(self.pid, 0)
        return [json.loads(line) for line in text.splitlines() if line.endswith(("}", "]", '"')) or line.isdigit()]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


Say = Callable[[object], None]


def fork(work: Callable[[Say], object]) -> Child:
    """Run `work` in a child; it may `say` lines of JSON on its way, or return one value."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    try:
        os.close(reading)

        def say(value: object) -> None:
            os.write(writing, json.dumps(value).encode() + b"\n")

        value = work(say)
        if value is not None:
            say(value)
        os._exit(0)
    except BaseException:  # noqa: BLE001 -- the child must not go on as a second test run
        traceback.print_exc()
        os._exit(1)
