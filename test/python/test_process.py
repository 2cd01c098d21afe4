"""What only a process of its own shows, and what no contract of two languages can say."""

import contextlib
import copy
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
from datetime import datetime, timezone

import pytest
from botocore.credentials import Credentials

import fiskil_tokens
from conftest import CALLERS
from fiskil_tokens import TokenDetails, TokenProvider, TokenVendingError

ENVIRONMENT = {
    "AWS_REGION": "ap-southeast-2",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONPATH": str(CALLERS),
    "PYTHONDONTWRITEBYTECODE": "1",
}
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "canary-secret"}

# A token API that answers the first request, of a token due for its refresh, and no other.
PROGRAM = """
import json, socket, threading, fiskil_tokens
server = socket.create_server(("127.0.0.1", 0))
asked = threading.Event()
def serve():
    kept = []
    for turn in range(9):
        kept.append(server.accept()[0])
        kept[-1].recv(9999)
        if turn: asked.set()
        body = json.dumps(dict(token="t1", expires_in=900, expires_at="2026-11-25T07:15:00Z", client_id="c", credential="default"))
        if not turn: kept[-1].sendall(f"HTTP/1.1 200 OK\\r\\ncontent-length: {len(body)}\\r\\n\\r\\n{body}".encode())
threading.Thread(target=serve, daemon=True).start()
class Clock(fiskil_tokens.Clock):
    ahead = 0
    def now(self): return super().now() + self.ahead
tokens = fiskil_tokens.TokenProvider(f"http://127.0.0.1:{server.getsockname()[1]}/v1/", clock=Clock())
tokens.get_token()
Clock.ahead = 700
print(tokens.get_token(), asked.wait(10))
"""


def test_a_refresh_under_way_holds_no_process():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**ENVIRONMENT, **KEYS},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert (run.stdout, run.stderr) == ("t1 True\n", "")


def failure_of(call) -> TokenVendingError:
    with pytest.raises(TokenVendingError) as failure:
        call()
    assert "canary" not in f"{failure.value!r} {failure.value} {failure.value.__cause__}"
    return failure.value


@pytest.fixture
def environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("AWS_", "FISKIL_"))]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_one_is_made_without_an_environment_and_says_at_the_first_call_what_is_missing(environment):
    tokens = TokenProvider()
    assert failure_of(tokens.get_token).code == "invalid_option"


@pytest.mark.parametrize("option", [{"url": "canary"}, {"credential": "CANARY"}, {"region": "canary"}])
def test_what_is_given_is_checked_at_once(option):
    assert failure_of(lambda: TokenProvider(**option)).code == "invalid_option"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("http://host.docker.internal:3000/v1/", True), ("http://x.execute-api.us-east-1.amazonaws.com/v1/", False)],
)
def test_http_to_another_machine_must_be_asked_for_and_is_never_aws(url, allowed):
    assert failure_of(lambda: TokenProvider(url)).code == "invalid_option"
    if allowed:
        TokenProvider(url, allow_http=True)
    else:
        assert failure_of(lambda: TokenProvider(url, allow_http=True)).code == "invalid_option"


def test_a_profile_that_does_not_exist_is_told_without_its_name(environment):
    environment.setenv("AWS_PROFILE", "canary")
    error = failure_of(TokenProvider("http://127.0.0.1:1/v1/").get_token)
    assert error.code == "no_credentials"
    assert "ProfileNotFound: The config profile ({profile}) could not be found" in str(error)


def test_credentials_that_cannot_be_refreshed_are_told_by_their_kind_alone(environment):
    class Broken(Credentials):
        def get_frozen_credentials(self):
            raise ValueError("canary")

    error = failure_of(TokenProvider("http://127.0.0.1:1/v1/", credentials=Broken("a", "b")).get_token)
    assert (error.code, "ValueError" in str(error)) == ("no_credentials", True)


def test_it_signs_for_the_region_of_the_host_and_not_for_the_callers(environment):
    for name, value in KEYS.items():
        environment.setenv(name, value)
    sent = []

    class Http:
        def __init__(self, **_):
            pass

        def send(self, request):
            sent.append(request.headers["Authorization"])
            raise ConnectionRefusedError

    environment.setattr(fiskil_tokens, "URLLib3Session", Http)
    tokens = TokenProvider("https://abc123.execute-api.eu-west-1.amazonaws.com/v1/")
    assert failure_of(lambda: tokens.get_token(timeout=0.2)).code == "unreachable"
    assert "/eu-west-1/execute-api/aws4_request" in sent[0]


def test_a_call_takes_no_longer_than_it_may(environment):
    for name, value in KEYS.items():
        environment.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        tokens = TokenProvider(f"http://127.0.0.1:{silent.getsockname()[1]}/v1/")
        assert failure_of(lambda: tokens.get_token(timeout=0.05)).code == "timeout"
    assert failure_of(lambda: tokens.get_token(timeout=0)).code == "invalid_option"


def test_a_call_works_where_no_thread_can_be_started(environment, monkeypatch):
    for name, value in KEYS.items():
        environment.setenv(name, value)

    def start(self):
        raise RuntimeError("can't start new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", start)
    clock = type(
        "NoTime", (), {"now": lambda _: 0.0, "monotonic": lambda _: 0.0, "wait": lambda _, event, seconds: True}
    )
    error = failure_of(TokenProvider("http://127.0.0.1:1/v1/", clock=clock()).get_token)
    assert error.code == "unreachable"


VEND = {"expires_in": 900, "expires_at": "2026-11-25T07:15:00Z", "client_id": "c", "credential": "default"}


def call_in_vain(tokens: TokenProvider) -> None:
    with contextlib.suppress(TokenVendingError):
        tokens.get_token(timeout=20)


def test_a_forked_process_does_not_wait_for_a_request_that_was_under_way_in_its_parent(environment):
    for name, value in KEYS.items():
        environment.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as server:
        tokens = TokenProvider(f"http://127.0.0.1:{server.getsockname()[1]}/v1/")
        server.settimeout(10)
        threading.Thread(target=call_in_vain, args=[tokens], daemon=True).start()
        silent, _ = server.accept()
        child = os.fork()
        if child == 0:
            os._exit(0 if tokens.get_token(timeout=10) == "t1" else 1)
        connection, _ = server.accept()
        connection.recv(9999)
        body = json.dumps({"token": "t1", **VEND})
        connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        assert os.waitpid(child, 0)[1] == 0
        silent.close()
        connection.close()


def test_it_needs_botocore_and_nothing_else():
    program = "import sys; sys.modules.update(dict.fromkeys(['boto3', 'requests', 'httpx'])); import fiskil_tokens"
    run = subprocess.run(
        [sys.executable, "-c", program], check=False, env=ENVIRONMENT, capture_output=True, text=True, timeout=20
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_an_error_survives_a_copy_and_a_pickle():
    error = TokenVendingError("throttled", "words", 429, 3, "id")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (str(twin), twin.status, twin.retry_after, twin.request_id) == ("throttled: words", 429, 3, "id")


def test_no_representation_shows_a_token():
    details = TokenDetails("canary", "c", "default", 1, datetime.now(timezone.utc), None)
    assert "canary" not in repr(details)
