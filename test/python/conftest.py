import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CALLERS = Path(__file__).parents[2] / "docs" / "callers" / "python"
sys.dont_write_bytecode = True
sys.path.insert(0, str(CALLERS))

from fiskil_tokens import TokenVendingError


class Fiskil(ThreadingHTTPServer):
    """Takes the token `good` alone. What came is in `seen`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, str | None, bytes]] = []
        self.redirects: dict[str, str] = {}
        self.origin = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Fiskil

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        shown = self.headers.get("authorization")
        self.server.seen.append((self.command, self.path, shown, body))
        target = self.server.redirects.get(self.path)
        self.send_response(302 if target else 200 if shown == "Bearer good" else 401)
        if target:
            self.send_header("location", target)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class Tokens:
    """In the provider's place: a stale token, and a good one for whoever rejects it."""

    def __init__(self) -> None:
        self.token = "stale"
        self.rejected: list[str] = []
        self.fails = False

    def get_token(self, min_ttl: int = 0) -> str:
        return self.token

    def reject(self, token: str) -> str:
        self.rejected.append(token)
        if self.fails:
            raise TokenVendingError("rejection_too_soon", "", 429, 17)
        self.token = "good"
        return self.token


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


def _serve() -> Iterator[Fiskil]:
    with Fiskil() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def fiskil() -> Iterator[Fiskil]:
    yield from _serve()


@pytest.fixture
def elsewhere() -> Iterator[Fiskil]:
    yield from _serve()
