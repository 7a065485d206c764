"""A receiver of webhooks on loopback, for tests."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Received:
    """One message as it arrived."""

    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        self.headers, self.body = headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """What came, in order; each message is answered with the next of some statuses, then with 200."""

    def __init__(self, url: str, statuses: Sequence[int]) -> None:
        self.url = url
        self.statuses = list(statuses)
        self._arrived: queue.Queue[Received] = queue.Queue()

    def put(self, message: Received) -> int:
        self._arrived.put(message)
        return self.statuses.pop(0) if self.statuses else 200

    def next(self) -> Received:
        """Wait for the next message."""
        return self._arrived.get(timeout=10)


@contextlib.contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    """Listen on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(receiver.put(Received(dict(self.headers.items()), body)))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as the library names it
            """Say nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook", statuses)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
