"""Tokens for the Fiskil API, from the token API of your AWS account. Copy this file. It needs only botocore.

    from fiskil_tokens import TokenProvider, requests_auth

    tokens = TokenProvider()  # one for the process
    fiskil = requests.Session()
    fiskil.auth = requests_auth(tokens)

This client does the same as the client of the npm package. It needs Python 3.10 or later.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import hashlib
import json
import math
import os
import random
import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

if TYPE_CHECKING:
    import httpx
    import requests

__all__ = ["FISKIL", "TokenDetails", "TokenProvider", "TokenVendingError", "httpx_auth", "requests_auth"]
__version__ = "0.1.0"

FISKIL: Final = "https://api.fiskil.com"

# A caller waits at most this many seconds. API Gateway itself answers within 29.
_BUDGET: Final = 30.0
# TCP repeats two lost packets of a handshake within 3 s.
_CONNECT_TIMEOUT: Final = 3.0
# The client replaces a token in the background below this share of its life. The service does so at a third.
_REFRESH_SHARE: Final = 1 / 4
# The service does not vend a token with less life than this, in seconds. The limit is a fifth of the life for a token
# that was vended with less than 25 s.
_FLOOR: Final = 5.0
_FLOOR_SHARE: Final = 1 / 5
_FIRST_PAUSE: Final = 0.5
# The API accepts 50 calls a second by default, so 1,000 callers at once must spread their repeats over seconds.
_LONGEST_PAUSE: Final = 4.0
# Attempts in the background, while the token in hand is still valid. The second one is for a dead connection.
_BACKGROUND_ATTEMPTS: Final = 2
# After this many answers with too little life, the call fails.
_ROUNDS: Final = 3
# An answer has about two kilobytes.
_MAX_BODY: Final = 64 * 1024
# Fiskil's tokens live 15 minutes; the service refuses more than a day.
_MAX_LIFE: Final = 86_400
# The client remembers this many refused tokens. A few would do; the limit is for a program that rejects everything.
_REMEMBERED: Final = 100

# For errors without a status: those of this client, and those that a test makes.
_RETRYABLE: Final = frozenset(
    {
        *("unreachable", "timeout", "throttled", "gateway_timeout", "gateway_error", "internal_error", "token_pending"),
        *(
            "function_busy",
            "upstream_unavailable",
            "upstream_throttled",
            "secret_unavailable",
            "invalid_upstream_answer",
        ),
    }
)
# Repeating does not help: the service keeps the rejected token, or somebody must correct the secret.
_FINAL: Final = frozenset({"rejection_too_soon", "credentials_rejected", "credential_not_configured"})


class TokenVendingError(Exception):
    """There is no token, or it must not be sent to this URL. Use `code` in your program; the message is for people.

    `code` is one of the service's (docs/openapi.yaml), of API Gateway's, or of this client's: `invalid_option`,
    `no_credentials`, `unreachable`, `timeout`, `invalid_answer`, `origin_not_allowed`.
    The message never holds a token, a secret or a value of the configuration.
    """

    def __init__(
        self,
        code: str,
        sentence: str = "",
        status: int | None = None,
        retry_after: int | None = None,
        request_id: str | None = None,
    ) -> None:
        # All values are in `args`, so that a copy or a pickle has them too.
        super().__init__(code, sentence, status, retry_after, request_id)
        self.code: Final = code
        self.sentence: Final = sentence
        self.status: Final = status
        """The HTTP status, if there was an answer."""
        self.retry_after: Final = retry_after
        """The seconds to wait before a repeat, if the service said so."""
        self.request_id: Final = request_id
        """API Gateway's id of the request. The service's logs have it too."""

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"

    @property
    def retryable(self) -> bool:
        """Whether a later call may succeed without a change by a person."""
        if self.code in _FINAL:
            return False
        if self.status is None:
            return self.code in _RETRYABLE
        return self.status == 429 or self.status >= 500


@dataclass(frozen=True)
class TokenDetails:
    token: str = field(repr=False)
    client_id: str
    """Fiskil requires it as a query parameter of `GET /v1/institutions`. It is not a secret."""
    credential: str
    expires_in: int
    """Whole seconds of life left at this call, rounded down."""
    expires_at: datetime
    """By the service's clock, in UTC."""
    request_id: str | None


class Clock:
    """The clock of this client. Only tests replace it."""

    def now(self) -> float:
        """Seconds since 1970, by the machine's clock."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some instant. This clock never goes back."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until the event is set, at most this many seconds. Returns whether it is set."""
        return event.wait(seconds)


@dataclass(frozen=True)
class _Instant:
    wall: float
    monotonic: float


@dataclass(frozen=True)
class _Vend:
    token: str = field(repr=False)
    client_id: str
    credential: str
    # Only for finding the newer of two tokens. It is never compared with this machine's clock.
    expires_at: datetime
    # Seconds, from just before the request was sent.
    life: float
    sent: _Instant
    request_id: str | None


@dataclass(frozen=True)
class _Settings:
    base: str  # ends in "/"
    credential: str
    region: str


class _Flight:
    """One piece of work that several callers wait for."""

    def __init__(self, started: _Instant) -> None:
        self.started = started
        self.process = os.getpid()
        self.waiting = 0
        self.done = threading.Event()
        # Set when nobody waits any more. The work then ends at its next step.
        self.left = threading.Event()
        self.result: _Vend | None = None
        self.error: BaseException | None = None
        # The last error answer. It says more than "timeout".
        self.told: TokenVendingError | None = None


class TokenProvider:
    """Gets tokens of one credential. Make one for each process, outside of the handler. All threads may use it.

    The first call reads the environment. So the constructor never fails without arguments.

    url: the stack's output `TokenApiUrl`. Default: FISKIL_TOKEN_API_URL.
    credential: the name of the key pair in the stack. Default: FISKIL_CREDENTIAL, or "default".
    region: where the API is. Default: the region in the URL's host, or AWS_REGION, or AWS_DEFAULT_REGION.
    credentials: botocore credentials, such as `boto3.Session(profile_name="dev").get_credentials()`.
        Default: what botocore finds (environment, profile, container, instance).
    allow_http: allows http to another machine in `url`, for `npm start` in another container. Anyone on the network
        can read the tokens then. A host of amazonaws.com is still refused.
    clock: for tests.
    """

    def __init__(
        self,
        url: str | None = None,
        credential: str | None = None,
        region: str | None = None,
        credentials: Credentials | None = None,
        allow_http: bool = False,
        clock: Clock | None = None,
    ) -> None:
        # Checks the given options here. The first call looks up the others.
        _check_options(url, credential, region, allow_http, complete=False)
        self._options = (url, credential, region, allow_http)
        self._given_credentials = credentials
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._settings: _Settings | None = None
        self._session: Session | None = None
        self._http: Any = None
        self._current: _Vend | None = None
        # For each refused token: None if a newer token has replaced it, otherwise the service's error and when it came.
        self._refused: dict[str, tuple[_Instant, TokenVendingError] | None] = {}
        self._flights: dict[str, _Flight] = {}
        # No refresh until this many seconds after this instant.
        self._resting: tuple[_Instant, float] | None = None

    def get_token(self, min_ttl: int = 0, timeout: float = _BUDGET) -> str:
        """A token for `Authorization: Bearer`. It comes from memory if memory has one with enough life.

        min_ttl: seconds of life that the token must have left. The service accepts up to two thirds of a full life.
        timeout: seconds that this call may take with its repeats, at most 30.
        Raises TokenVendingError.
        """
        return self._get(min_ttl, timeout).token

    def get_token_details(self, min_ttl: int = 0, timeout: float = _BUDGET) -> TokenDetails:
        """The same, with the details of the token."""
        vend = self._get(min_ttl, timeout)
        left = math.floor(self._life_left(vend))
        return TokenDetails(vend.token, vend.client_id, vend.credential, left, vend.expires_at, vend.request_id)

    def reject(self, token: str, timeout: float = _BUDGET) -> str:
        """Tells the service that Fiskil answered 401 to this token. Returns another token.

        Raises TokenVendingError if there is no other token. This client then keeps the token, because it may still work
        for other calls. It does not ask the service about this token again before the time in `retry_after`.
        """
        if not isinstance(token, str) or not token:
            raise _invalid_option("`token` must be the token that was refused.")
        self._check_timeout(timeout)
        with self._lock:
            if token in self._refused:
                known = self._refused[token]
                newer = self._usable(0)
                if known is None and newer and newer.token != token:
                    return newer.token
                if known is not None:
                    since, error = known
                    left = math.ceil(_standing(error) - self._elapsed(since))
                    if left > 0:
                        told = left if error.retry_after else None
                        raise TokenVendingError(error.code, error.sentence, error.status, told, error.request_id)
        return self._join(f"reject {token}", lambda flight: self._replace(token, flight), timeout).token

    # Memory.

    def _life_left(self, vend: _Vend) -> float:
        return vend.life - self._elapsed(vend.sent)

    def _elapsed(self, since: _Instant) -> float:
        # The monotonic clock may stop while Lambda freezes the process; the wall clock is right again afterwards. If somebody
        # sets the wall clock back, the monotonic clock is right.
        return max(self._clock.now() - since.wall, self._clock.monotonic() - since.monotonic)

    def _instant(self) -> _Instant:
        return _Instant(self._clock.now(), self._clock.monotonic())

    def _usable(self, min_ttl: int) -> _Vend | None:
        vend = self._current
        if vend is None:
            return None
        left, floor = self._life_left(vend), min(_FLOOR, vend.life * _FLOOR_SHARE)
        return vend if left > 0 and left >= max(min_ttl, floor) else None

    def _keep(self, vend: _Vend) -> None:
        """Keeps an answer unless memory has a newer token. The service may answer from a memory that is up to 10 s old."""
        with self._lock:
            current = self._current
            if current and current.token != vend.token:
                is_older = current.expires_at > vend.expires_at or self._is_replaced(vend.token)
                if is_older and self._usable(0):
                    return
                if current.expires_at < vend.expires_at:
                    self._remember(current.token, None)
            self._current = vend

    def _is_replaced(self, token: str) -> bool:
        return token in self._refused and self._refused[token] is None

    def _remember(self, token: str, refusal: tuple[_Instant, TokenVendingError] | None) -> None:
        self._refused.pop(token, None)
        self._refused[token] = refusal
        if len(self._refused) > _REMEMBERED:
            del self._refused[next(iter(self._refused))]

    # What a call does.

    def _get(self, min_ttl: int, timeout: float) -> _Vend:
        if isinstance(min_ttl, bool) or not isinstance(min_ttl, int) or min_ttl < 0:
            raise _invalid_option("`min_ttl` must be a whole number of seconds.")
        self._check_timeout(timeout)
        with self._lock:
            in_hand = self._usable(min_ttl)
        if in_hand:
            self._refresh_if_due(in_hand)
            return in_hand
        # One flight for each min_ttl: the service may refuse a higher one and answer a lower one.
        return self._join(f"vend {min_ttl}", lambda flight: self._vend(min_ttl, flight), timeout)

    def _check_timeout(self, timeout: float) -> None:
        if not (isinstance(timeout, (int, float)) and timeout > 0):
            raise _invalid_option("`timeout` must be a number of seconds above 0.")

    def _vend(self, min_ttl: int, flight: _Flight) -> _Vend:
        path = f"?min_ttl={min_ttl}" if min_ttl else ""
        for _ in range(_ROUNDS):
            self._keep(self._ask("GET", path, None, flight))
            with self._lock:
                usable = self._usable(min_ttl)
            if usable:
                return usable
            self._clock.wait(flight.left, 1)
        raise TokenVendingError("invalid_answer", f"{_ROUNDS} answers had no token with the requested life.")

    def _replace(self, token: str, flight: _Flight) -> _Vend:
        body = json.dumps({"token_sha256": hashlib.sha256(token.encode()).hexdigest()}).encode()
        try:
            answer = self._ask("POST", "/rejections", body, flight)
        except TokenVendingError as error:
            if _standing(error):
                with self._lock:
                    self._remember(token, (self._instant(), error))
            raise
        if answer.token == token:
            raise TokenVendingError("invalid_answer", "the answer to a rejection is the token that was rejected.")
        with self._lock:
            self._remember(token, None)
            if self._current and self._current.token == token:
                self._current = None
        self._keep(answer)
        with self._lock:
            newest = self._usable(0)
        return newest if newest and newest.token != token else answer

    def _refresh_if_due(self, in_hand: _Vend) -> None:
        """Never raises and never waits."""
        with self._lock:
            if self._life_left(in_hand) > in_hand.life * _REFRESH_SHARE:
                return
            if self._resting and self._elapsed(self._resting[0]) < self._resting[1]:
                return
            # One refresh at a time. A refresh that was frozen has not ended, but no longer counts.
            self._resting = (self._instant(), _BUDGET)
        # A process that is ending cannot start a thread. The token is still valid.
        with contextlib.suppress(RuntimeError):
            self._start(lambda: self._refresh(in_hand))

    def _refresh(self, in_hand: _Vend) -> None:
        flight = _Flight(self._instant())
        retry_after = 0
        try:
            self._keep(self._ask("GET", "", None, flight, _BACKGROUND_ATTEMPTS))
        except TokenVendingError as error:
            # A caller that needs another token asks again, and then gets the error.
            retry_after = error.retry_after or 0
        finally:
            with self._lock:
                pause = max(1.0, in_hand.life * _REFRESH_SHARE / 10, retry_after)
                self._resting = (self._instant(), pause)

    # One flight for all threads.

    def _join(self, key: str, work: Callable[[_Flight], _Vend], timeout: float) -> _Vend:
        with self._lock:
            flight = self._flights.get(key)
            # A flight older than its budget was frozen. One of another process stayed there after a fork. Neither will end.
            if flight and (self._elapsed(flight.started) >= _BUDGET or flight.process != os.getpid()):
                flight = None
            starts = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight(self._instant())
            flight.waiting += 1
        try:
            if starts:
                run = functools.partial(self._fly, flight, work)
                try:
                    self._start(run)
                except RuntimeError:
                    # No more threads, for example in a process that is ending: this thread does the work.
                    run()
            finished = self._clock.wait(flight.done, min(timeout, _BUDGET))
        finally:
            with self._lock:
                flight.waiting -= 1
                if flight.waiting == 0:
                    if self._flights.get(key) is flight:
                        del self._flights[key]
                    flight.left.set()
        if finished and flight.result:
            return flight.result
        error = flight.error if finished else flight.told
        if isinstance(error, TokenVendingError):
            # A copy: each thread adds its own traceback.
            raise TokenVendingError(*error.args)
        if error is not None:
            raise error
        raise TokenVendingError("timeout", f"no answer within {min(timeout, _BUDGET):g} s.")

    def _fly(self, flight: _Flight, work: Callable[[_Flight], _Vend]) -> None:
        try:
            flight.result = work(flight)
        except BaseException as error:  # noqa: BLE001 - it is for the callers that wait
            flight.error = error
        finally:
            flight.done.set()

    def _start(self, run: Callable[[], None]) -> None:
        # A daemon thread does not keep the process alive. A waiting caller does.
        threading.Thread(target=run, name="fiskil-tokens", daemon=True).start()

    # The token API.

    def _ask(self, method: str, path: str, body: bytes | None, flight: _Flight, attempts: int | None = None) -> _Vend:
        """Sends a request, with repeats until the flight's budget ends."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(method, path, body)
            except TokenVendingError as error:
                flight.told = error
                if attempt == attempts or flight.left.is_set() or not _is_worth_repeating(error, method):
                    raise
                # Not the wall clock: time in a frozen environment does not count.
                left = flight.started.monotonic + _BUDGET - self._clock.monotonic()
                pause = _pause(error, attempt, left)
                if pause is None or (pause and self._clock.wait(flight.left, pause)):
                    raise

    def _once(self, method: str, path: str, body: bytes | None) -> _Vend:
        settings = self._checked_settings()
        credentials = self._credentials()
        sent = self._instant()
        headers = {
            "Accept": "application/json, application/problem+json",
            "Connection": "close",
            "User-Agent": f"fiskil-token-vending-client/{__version__} (Python)",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = f"{settings.base}tokens/{settings.credential}{path}"
        request = AWSRequest(method, url, headers, data=body, stream_output=True)
        SigV4Auth(credentials, "execute-api", settings.region).add_auth(request)
        status, answer_headers, text = self._send(request)
        if status != 200:
            raise _refusal(status, answer_headers, text, method, self._clock.now())
        return _read_vend(answer_headers, text, settings.credential, sent)

    def _send(self, request: AWSRequest) -> tuple[int, Any, bytes]:
        try:
            if self._http is None:
                bundle = os.environ.get("AWS_CA_BUNDLE") or True
                session: Any = URLLib3Session  # its types are narrower than what it accepts
                self._http = session(verify=bundle, timeout=(_CONNECT_TIMEOUT, _BUDGET))
            # It follows no redirect, because that would show the signature to another origin.
            answer = self._http.send(request.prepare())
            text = bytes(answer.raw.read(_MAX_BODY + 1))
            # Keeps no connection: the other end may close it while the environment is frozen.
            self._http.close()
        except Exception as error:  # noqa: BLE001
            # The original error ends here, because it can contain the request with its headers.
            raise TokenVendingError("unreachable", f"no answer from the token API ({_system_code(error)}).") from None
        if len(text) > _MAX_BODY:
            raise TokenVendingError("invalid_answer", "the answer is longer than 64 KB.", answer.status_code)
        length = answer.headers.get("content-length", "")
        if length.isdigit() and len(text) < int(length):
            raise TokenVendingError("unreachable", "the token API's answer broke off.")
        return answer.status_code, answer.headers, text

    def _credentials(self) -> ReadOnlyCredentials:
        try:
            found = self._given_credentials
            if found is None:
                with self._lock:
                    self._session = self._session or Session()
                found = self._session.get_credentials()
            # Refreshes them if they are about to expire.
            frozen = found and found.get_frozen_credentials()
        except Exception as error:  # noqa: BLE001 - whatever a provider raises
            raise _no_credentials(error) from None
        if not frozen:
            raise TokenVendingError(
                "no_credentials", "botocore finds no AWS credentials. Set them up, or give `credentials`."
            )
        return frozen

    def _checked_settings(self) -> _Settings:
        settings = self._settings or _check_options(*self._options)
        assert settings is not None
        self._settings = settings
        return settings


def _check_options(
    url: str | None, credential: str | None, region: str | None, allow_http: bool, complete: bool = True
) -> _Settings | None:
    """Checks the options. No message quotes a value, because somebody may pass a secret instead of a name.

    complete: takes missing options from the environment, and fails if a required one is missing there too.
    """
    env = os.environ if complete else {}
    url = url or env.get("FISKIL_TOKEN_API_URL")
    credential = credential or env.get("FISKIL_CREDENTIAL") or "default"
    if complete and not url:
        raise _invalid_option(
            "`url` is missing: give it, or set FISKIL_TOKEN_API_URL, to the output TokenApiUrl of the stack."
        )
    host = _safe_host(url, allow_http) if url else ""
    if host is None or not re.fullmatch(r"(https?://[^?#@\s]+)?", url or ""):
        raise _invalid_option("`url` must be the output TokenApiUrl of the stack: https, or http to this machine.")
    if not re.fullmatch(r"(?=.{1,32}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*", credential):
        raise _invalid_option(
            "`credential` (FISKIL_CREDENTIAL) must be the name of a key pair in the stack's configuration, such as "
            "default: lower-case words joined by hyphens, at most 32 characters. The pair itself belongs only in AWS Secrets "
            "Manager."
        )
    # The host comes first: AWS_REGION is the caller's region, and the signature needs the API's region.
    of_host = re.search(r"\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?\Z", host)
    region = region or (of_host and of_host[1]) or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
    if complete and not region:
        raise _invalid_option(
            "`region` is missing: give it, or set AWS_REGION, because the host in `url` names no region."
        )
    if region and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}", region):
        raise _invalid_option("`region` (AWS_REGION, AWS_DEFAULT_REGION) must be an AWS region such as ap-southeast-2.")
    if not url or not region:
        return None
    return _Settings(url if url.endswith("/") else f"{url}/", credential, region)


def _safe_host(url: str, allow_http: bool = False) -> str | None:
    """The host, if nobody on the network can read what is sent there: https, or this machine itself."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    is_here = host in ("localhost", "::1") or re.fullmatch(r"127\.[0-9]+\.[0-9]+\.[0-9]+", host)
    is_allowed = is_here or (allow_http and not host.endswith((".amazonaws.com", ".amazonaws.com.cn")))
    return host if host and (parts.scheme == "https" or (parts.scheme == "http" and is_allowed)) else None


def _invalid_option(sentence: str) -> TokenVendingError:
    return TokenVendingError("invalid_option", sentence)


def _no_credentials(error: Exception) -> TokenVendingError:
    # Quotes only the template of a botocore message. The message itself can contain the output of a credential process.
    template = str(getattr(error, "fmt", "")) if isinstance(error, BotoCoreError) else ""
    why = f"{type(error).__name__}: {template}" if template else type(error).__name__
    return TokenVendingError("no_credentials", f"botocore could not get AWS credentials ({why}).")


def _standing(error: TokenVendingError) -> int:
    """Seconds before a refused rejection is repeated: as the service says, or 30 if only a person can help."""
    return error.retry_after or (0 if error.retryable else 30)


def _is_worth_repeating(error: TokenVendingError, method: str) -> bool:
    """Whether to repeat. A rejection is repeated only if the service is not at work on it. After a 504 it still is."""
    if error.code in ("unreachable", "throttled") or (error.status == 503 and error.retryable):
        return True
    return method == "GET" and error.code in ("gateway_timeout", "gateway_error")


def _pause(error: TokenVendingError, attempt: int, left: float) -> float | None:
    """Seconds before the next attempt, or None if the remaining time is too short for one.

    Zero after a first broken connection: most likely the environment was frozen.
    """
    if error.code == "unreachable" and attempt == 1:
        return 0
    told = error.retry_after or 0
    width = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1), left - told)
    # SystemRandom, because with SnapStart all environments begin with the same state of Python's own generator.
    return told + random.SystemRandom().random() * width if width > 0 else None


def _system_code(error: BaseException | None) -> str:
    """A code such as ECONNREFUSED, from anywhere in the chain of errors."""
    first = error
    for _ in range(10):
        if error is None:
            break
        if isinstance(error, socket.gaierror):
            return "the host's name does not resolve"
        if isinstance(error, ssl.SSLError):
            return error.reason or type(error).__name__
        if isinstance(error, OSError) and error.errno:
            return errno.errorcode.get(error.errno, type(error).__name__)
        reason = getattr(error, "reason", None)
        error = error.__cause__ or error.__context__ or (reason if isinstance(reason, BaseException) else None)
    return type(first).__name__


def _parse_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:  # its message quotes the text, which may be a token
        return {}
    return value if isinstance(value, dict) else {}


def _request_id(headers: Any) -> str | None:
    value = headers.get("x-amzn-requestid") or headers.get("apigw-requestid") or ""
    return value if re.fullmatch(r"[\w=+/-]{1,100}", value, re.ASCII) else None


def _read_vend(headers: Any, text: bytes, credential: str, sent: _Instant) -> _Vend:
    """Checks the body of a 200 once, so that no later code has to."""
    body = _parse_object(text)
    request_id = _request_id(headers)

    def bad(what: str) -> TokenVendingError:
        sentence = f"{what}; is `url` the URL of the token API?"
        return TokenVendingError("invalid_answer", sentence, 200, None, request_id)

    token, client_id, life = body.get("token"), body.get("client_id"), body.get("expires_in")
    if not body:
        raise bad("the answer is not a JSON object")
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise bad("`token` is not printable ASCII")
    if isinstance(life, bool) or not isinstance(life, (int, float)) or not 0 <= life <= _MAX_LIFE:
        raise bad("`expires_in` is not a number of seconds up to a day")
    try:
        expires_at = datetime.fromisoformat(str(body.get("expires_at")).replace("Z", "+00:00"))
    except ValueError:
        raise bad("`expires_at` is not a date") from None
    if not isinstance(client_id, str):
        raise bad("`client_id` is not a string")
    if body.get("credential") != credential:
        raise bad("`credential` is not the requested one")
    in_utc = expires_at.astimezone(timezone.utc)
    return _Vend(token, client_id, credential, in_utc, float(life), sent, request_id)


def _refusal(status: int, headers: Any, text: bytes, method: str, now: float) -> TokenVendingError:
    """The error for an answer other than 200."""
    body = _parse_object(text)
    code, detail = body.get("code"), body.get("detail")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", code):
        # Not our format, so its text stays out: API Gateway's own message about a wrong signature quotes headers.
        code, detail = _code_for(status), None
    if status == 403:
        sentence = _HINTS.get(code) or _permission(method)
        sentence += _skew(headers.get("date"), now)
    elif isinstance(detail, str):
        sentence = detail[:500]
    elif code == "invalid_answer":
        sentence = f"the answer has status {status}; is `url` the URL of the token API (output TokenApiUrl)?"
    else:
        sentence = f"the answer has status {status}, without a body of the token API."
    retry_after = headers.get("retry-after") or ""
    seconds = int(retry_after) if re.fullmatch(r"[0-9]{1,5}", retry_after) else None
    return TokenVendingError(code, sentence, status, seconds, _request_id(headers))


_HINTS: Final = {
    "signature_invalid": "the AWS credentials are not valid, or not for the API's region.",
    "signature_expired": "the signature is too old or from the future, or the AWS credentials have expired.",
    "unsigned_or_unknown_route": "is `url` the stack's output TokenApiUrl?",
}


def _permission(method: str) -> str:
    path = "tokens/CREDENTIAL" if method == "GET" else "tokens/CREDENTIAL/rejections"
    return (
        f"the caller's role needs execute-api:Invoke on arn:aws:execute-api:REGION:ACCOUNT:API/v1/{method}/{path} "
        "(the output VendPolicyArn… is a policy that has it), and from another account also an entry in fiskil:callers."
    )


def _skew(date: str | None, now: float) -> str:
    try:
        theirs: float = parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return ""
    seconds = round(now - theirs)
    # API Gateway accepts a signature within 5 minutes. A difference of less than one minute does not matter.
    if abs(seconds) <= 60:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f" This machine's clock is {abs(seconds)} s {direction} the service's: set it right first."


def _code_for(status: int) -> str:
    known = {403: "access_denied", 429: "throttled", 504: "gateway_timeout"}
    return known.get(status) or ("gateway_error" if status >= 500 else "invalid_answer")


# For HTTP libraries. Each function sends the token only to `origins`. After a 401 to that token, it rejects the token
# and repeats the request once with another one. It does not repeat a request whose body is a stream, because a stream
# cannot be sent twice. If there is no other token, the caller gets Fiskil's 401.


def requests_auth(
    tokens: TokenProvider, origins: str | Iterable[str] = FISKIL, min_ttl: int = 0, allow_http: bool = False
) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """For requests: `session.auth = requests_auth(tokens)`. Raises TokenVendingError as `get_token` does."""
    allowed = _check_origins(origins, allow_http)

    def again(token: str, answer: requests.Response, **sending: Any) -> requests.Response:
        shown = answer.request.headers.get("Authorization")
        # requests removes the header before it follows a redirect to another origin.
        if answer.status_code != 401 or shown != f"Bearer {token}":
            return answer
        try:
            other = tokens.reject(token)
        except TokenVendingError:
            return answer  # the next call of get_token raises the error
        if not isinstance(answer.request.body, (str, bytes, type(None))):
            return answer
        with contextlib.suppress(Exception):
            answer.close()
        request = answer.request.copy()
        request.headers["Authorization"] = f"Bearer {other}"
        second: requests.Response = answer.connection.send(request, **sending)
        second.history.append(answer)
        second.request = request
        return second

    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        _check_origin(request.url or "", allowed)
        token = tokens.get_token(min_ttl)
        request.headers["Authorization"] = f"Bearer {token}"
        request.register_hook("response", functools.partial(again, token))
        return request

    return authorize


def httpx_auth(
    tokens: TokenProvider, origins: str | Iterable[str] = FISKIL, min_ttl: int = 0, allow_http: bool = False
) -> httpx.Auth:
    """For httpx, sync and async: `httpx.Client(auth=httpx_auth(tokens))`. Raises TokenVendingError as `get_token` does."""
    import httpx

    allowed = _check_origins(origins, allow_http)

    def was_refused(token: str, answer: httpx.Response) -> bool:
        # httpx removes the header before it follows a redirect to another origin.
        return answer.status_code == 401 and answer.request.headers.get("Authorization") == f"Bearer {token}"

    def other_than(token: str) -> str | None:
        try:
            return tokens.reject(token)
        except TokenVendingError:
            return None  # the next call of get_token raises the error

    class FiskilAuth(httpx.Auth):
        def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
            _check_origin(str(request.url), allowed)
            token = tokens.get_token(min_ttl)
            request.headers["Authorization"] = f"Bearer {token}"
            answer = yield request
            if not was_refused(token, answer):
                return
            other = other_than(token)
            if other and isinstance(request.stream, httpx.ByteStream):
                request.headers["Authorization"] = f"Bearer {other}"
                yield request

        async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
            _check_origin(str(request.url), allowed)
            token = await asyncio.to_thread(tokens.get_token, min_ttl)
            request.headers["Authorization"] = f"Bearer {token}"
            answer = yield request
            if not was_refused(token, answer):
                return
            other = await asyncio.to_thread(other_than, token)
            if other and isinstance(request.stream, httpx.ByteStream):
                request.headers["Authorization"] = f"Bearer {other}"
                yield request

    return FiskilAuth()


def _check_origins(origins: str | Iterable[str], allow_http: bool) -> frozenset[str]:
    allowed = set()
    for value in [origins] if isinstance(origins, str) else origins:
        origin = _origin(value) if re.fullmatch(r"https?://[^/?#@\s]+/?", value) else None
        if origin is None or _safe_host(value, allow_http) is None:
            raise _invalid_option(
                "`origins` must contain origins such as https://api.fiskil.com: https, or http to here."
            )
        allowed.add(origin)
    return frozenset(allowed)


def _check_origin(url: str, allowed: frozenset[str]) -> None:
    if _origin(url) not in allowed:
        raise TokenVendingError(
            "origin_not_allowed", "the URL's origin is not in `origins`, so no token is sent there."
        )


def _origin(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else None
