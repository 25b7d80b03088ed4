"""An address for a browser: it signs what comes and passes it on, since a browser cannot sign.

The stage is in its paths, as at API Gateway's own address: ``/prod/swagger``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .client import Client
from .emulator import HOST

#: What is between two parties only, or is made anew.
NOT_PASSED_ON = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding", "date", "server"})
#: What a browser asks for of its own accord, outside the stage.
ICON = "/favicon.ico"


@contextmanager
def opened(client: Client, stage: str) -> Iterator[str]:
    """Open the door to a stage, at a free port; give the address of the stage.

    Args:
        client: Signs and sends.
        stage: The name of the stage.
    """
    server = ThreadingHTTPServer((HOST, 0), partial(_Visitor, client, f"/{stage}"))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/{stage}"
    finally:
        server.shutdown()
        server.server_close()


class _Visitor(BaseHTTPRequestHandler):
    """One request of a browser."""

    def __init__(self, client: Client, stage: str, *arguments: Any) -> None:
        self._client = client
        self._stage = stage
        super().__init__(*arguments)

    def _pass_on(self) -> None:
        if self.path == ICON:
            self.send_response(204)
            self.end_headers()
            return
        path = self.path.removeprefix(self._stage)
        if path == self.path or not path.startswith("/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        try:
            answer = self._client.send(self.command, path, body, headers)
        except OSError:
            self.send_error(502)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _pass_on

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
