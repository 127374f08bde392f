"""From a rule file on disk to a `Source`."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from assentry.diagnostics import Diagnostic
from assentry.language.parse import MAX_BYTES
from assentry.source import Source, Span


def read(path: Path, name: str, report: list[Diagnostic]) -> Source | None:
    """The text of a file under the name that messages show; None, with a finding, when it cannot be used.

    Never raises for what is on the disk: a missing or unreadable file, a directory, a loop of links, a file
    beyond 1 MiB, a byte order mark and broken UTF-8 each become one finding.
    """
    nothing = Source(name, "")
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise OSError(errno.EINVAL, "it is no regular file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name cannot be used").lower()
        report.append(Diagnostic("unreadable-file", f"`{name}` cannot be read: {reason}", nothing, Span(0, 0)))
        return None
    if len(data) > MAX_BYTES:
        message = f"the file is longer than {MAX_BYTES // 1024} KiB"
        report.append(Diagnostic("too-long", message, nothing, Span(0, 0), help="split it into several files"))
        return None
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        message = "the file begins with a byte order mark"
        report.append(Diagnostic("byte-order-mark", message, nothing, Span(0, 0), help="save it as plain UTF-8"))
        return None
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        report.append(_broken(name, data, error.start))
        return None


def _broken(name: str, data: bytes, at: int) -> Diagnostic:
    """The finding at the first byte that is not UTF-8, drawn with the text that can be read."""
    source = Source(name, data.decode("utf-8", "replace"))
    place = len(data[:at].decode("utf-8"))
    message = f"the file is not UTF-8: byte 0x{data[at]:02x} belongs to no character"
    return Diagnostic("not-utf-8", message, source, Span(place, place + 1), help="save it as UTF-8")
