"""A wire to PostgreSQL that can be cut: a proxy that knows when a COMMIT goes by."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Literal

Cut = Literal["", "before", "amid", "behind"]


def hang_up(*sockets: socket.socket) -> None:
    """Close connections also while another thread waits on them."""
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


class Wire:
    """Listens on `port` and passes everything on to `target`; `cut` breaks the connection at the next COMMIT.

    "before": the server never hears of it. "amid": it hears all that is to be committed, and no COMMIT. "behind": it
    commits, and nobody hears of that.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut: Cut = ""
        self.cuts = 0
        self.refusing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                if self.cut and b"COMMIT\0" in data:
                    cut, self.cut = self.cut, ""
                    self.cuts += 1
                    if cut == "amid":
                        server.sendall(data[: data.index(b"COMMIT\0")])
                    if cut == "behind":
                        client.shutdown(socket.SHUT_RDWR)
                        server.sendall(data)
                        self._drain(server)
                    break
                server.sendall(data)
        except OSError:
            return
        finally:
            hang_up(client, server)

    @staticmethod
    def _drain(server: socket.socket) -> None:
        """Let the server finish."""
        server.settimeout(0.5)
        try:
            while server.recv(65536):
                continue
        except OSError:
            return

    @staticmethod
    def _pass(server: socket.socket, client: socket.socket) -> None:
        try:
            while data := server.recv(65536):
                client.sendall(data)
        except OSError:
            return
        finally:
            hang_up(client, server)

    def close(self) -> None:
        self._listener.close()
