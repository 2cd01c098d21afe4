"""Tokens for the Fiskil API, from the token API of your AWS account. Copy this file; it needs botocore and nothing else.

    from fiskil_tokens import TokenProvider, requests_auth

    tokens = TokenProvider()  # one for the process
    fiskil = requests.Session()
    fiskil.auth = requests_auth(tokens)

It is the Python edition of the npm package's client, and keeps the same contract. Python 3.10 or later.
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

# Seconds that a caller waits at most. API Gateway itself answers within 29.
_BUDGET: Final = 30.0
# Two lost packets of a TCP handshake are repeated within 3 s.
_CONNECT_TIMEOUT: Final = 3.0
# Below this share of its life a token is replaced behind the caller's back. The service itself does so at a third.
_REFRESH_SHARE: Final = 1 / 4
# What the service keeps unvended, in seconds; a fifth of the life of a token that was vended with less than 25 s.
_FLOOR: Final = 5.0
_FLOOR_SHARE: Final = 1 / 5
_FIRST_PAUSE: Final = 0.5
# A crowd of 1,000 that meets the default throttle, 50 calls a second, must be spread over seconds.
_LONGEST_PAUSE: Final = 4.0
# Attempts behind a token that still lives: the second one is for a dead connection, the rest can wait.
_BACKGROUND_ATTEMPTS: Final = 2
# Answers without the life asked for, before that is called wrong.
_ROUNDS: Final = 3
# An answer has about two kilobytes.
_MAX_BODY: Final = 64 * 1024
# Fiskil's tokens live 15 minutes; the service refuses more than a day.
_MAX_LIFE: Final = 86_400
# Refused tokens that are remembered. A handful would do; the bound is for a program that rejects anything.
_REMEMBERED: Final = 100

# Without a status: what this client finds out, and what a test makes up.
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
# The service stands by the token that was rejected; or somebody must correct the secret.
_FINAL: Final = frozenset({"rejection_too_soon", "credentials_rejected", "credential_not_configured"})


class TokenVendingError(Exception):
    """A token could not be had, or must not be sent. Decide by `code`; the message is for people.

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
        # All of them are `args`, so that a copy or a pickle of it is whole.
        super().__init__(code, sentence, status, retry_after, request_id)
        self.code: Final = code
        self.sentence: Final = sentence
        self.status: Final = status
        """The HTTP status, where there was an answer."""
        self.retry_after: Final = retry_after
        """Seconds after which a repeat makes sense, where the service said so."""
        self.request_id: Final = request_id
        """API Gateway's id of the request, which the service's logs carry too."""

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"

    @property
    def retryable(self) -> bool:
        """Whether a later call may succeed though nobody has changed anything meanwhile."""
        if self.code in _FINAL:
            return False
        if self.status is None:
            return self.code in _RETRYABLE
        return self.status == 429 or self.status >= 500


@dataclass(frozen=True)
class TokenDetails:
    token: str = field(repr=False)
    client_id: str
    """Fiskil wants it as a query parameter of `GET /v1/institutions`. Not a secret."""
    credential: str
    expires_in: int
    """Whole seconds of life left at this call, rounded down."""
    expires_at: datetime
    """By the service's clock, in UTC."""
    request_id: str | None


class Clock:
    """Where this client takes the time from. Tests give their own; everybody else leaves it out."""

    def now(self) -> float:
        """Seconds since 1970, as the machine believes."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some instant, never set back."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until the event is set, so many seconds at most. Answers whether it is."""
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
    # Orders two tokens, and is never compared with this machine's clock.
    expires_at: datetime
    # Seconds, counted from the instant before the request was sent.
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
        # Set when nobody waits any more: the work ends at its next step.
        self.left = threading.Event()
        self.result: _Vend | None = None
        self.error: BaseException | None = None
        # What was answered last, which says more than that time is up.
        self.told: TokenVendingError | None = None


class TokenProvider:
    """Make one for each credential and process, outside of the handler. All threads may use it.

    The environment is read at the first call: without arguments, making one never fails.

    url: the stack's output `TokenApiUrl`. Default: FISKIL_TOKEN_API_URL.
    credential: the name of the key pair in the stack. Default: FISKIL_CREDENTIAL, or "default".
    region: where the API is. Default: as the URL's host says, or AWS_REGION, or AWS_DEFAULT_REGION.
    credentials: botocore credentials, such as `boto3.Session(profile_name="dev").get_credentials()`.
        Default: what botocore finds (environment, profile, container, instance).
    allow_http: lets `url` be http to another machine, for `npm start` in another container. Whoever is on the way can
        read the tokens then. A host of amazonaws.com is refused all the same.
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
        # What was given is checked here, and what was not is looked up at the first call.
        _check_options(url, credential, region, allow_http, complete=False)
        self._options = (url, credential, region, allow_http)
        self._given_credentials = credentials
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._settings: _Settings | None = None
        self._session: Session | None = None
        self._http: Any = None
        self._current: _Vend | None = None
        # Refused tokens: None once a newer one took its place, otherwise the service's error and when it came.
        self._refused: dict[str, tuple[_Instant, TokenVendingError] | None] = {}
        self._flights: dict[str, _Flight] = {}
        # No refresh before: since then, so many seconds.
        self._resting: tuple[_Instant, float] | None = None

    def get_token(self, min_ttl: int = 0, timeout: float = _BUDGET) -> str:
        """A token for `Authorization: Bearer`, from memory where that holds one with enough life.

        min_ttl: seconds of life that it must have left. The service gives up to two thirds of a full life.
        timeout: seconds that this call may take, 30 at most, repeats included.
        Raises TokenVendingError.
        """
        return self._get(min_ttl, timeout).token

    def get_token_details(self, min_ttl: int = 0, timeout: float = _BUDGET) -> TokenDetails:
        """The same, with what belongs to the token."""
        vend = self._get(min_ttl, timeout)
        left = math.floor(self._life_left(vend))
        return TokenDetails(vend.token, vend.client_id, vend.credential, left, vend.expires_at, vend.request_id)

    def reject(self, token: str, timeout: float = _BUDGET) -> str:
        """Says that Fiskil answered 401 to this token, and gives another one.

        Raises TokenVendingError if there is no other. The token in hand is then kept, since it may be good for other
        calls, and where the service said when to come back, it is not asked about this token before.
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
        # In a frozen environment the monotonic clock may stand still while the wall clock is set right at the thaw.
        # A wall clock that is set back is caught by the monotonic one.
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
        """Takes an answer, unless a newer token is in hand. An environment of the service may remember one for 10 s."""
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
        # One flight for each min_ttl: one with more may be refused where one with less would be answered.
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
        raise TokenVendingError("invalid_answer", f"{_ROUNDS} answers brought no token with the life asked for.")

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
            raise TokenVendingError("invalid_answer", "the answer to a rejection is the token that it names.")
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
            # One at a time. One from before a freeze has not ended, but does not count.
            self._resting = (self._instant(), _BUDGET)
        # A process that ends can start no thread. The token in hand lives.
        with contextlib.suppress(RuntimeError):
            self._start(lambda: self._refresh(in_hand))

    def _refresh(self, in_hand: _Vend) -> None:
        flight = _Flight(self._instant())
        retry_after = 0
        try:
            self._keep(self._ask("GET", "", None, flight, _BACKGROUND_ATTEMPTS))
        except TokenVendingError as error:
            # Whoever finds the token dead asks again, and is told why there is no other.
            retry_after = error.retry_after or 0
        finally:
            with self._lock:
                pause = max(1.0, in_hand.life * _REFRESH_SHARE / 10, retry_after)
                self._resting = (self._instant(), pause)

    # One flight for all threads.

    def _join(self, key: str, work: Callable[[_Flight], _Vend], timeout: float) -> _Vend:
        with self._lock:
            flight = self._flights.get(key)
            # One older than its budget was frozen, and one of another process was forked away: neither will end.
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
                    # No more threads, as in a process that ends: this one does it.
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
        # A daemon holds no process. A caller that waits does.
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
                # Not the wall clock: time in which the environment was frozen was not spent.
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
                session: Any = URLLib3Session  # its types are narrower than what it takes
                self._http = session(verify=bundle, timeout=(_CONNECT_TIMEOUT, _BUDGET))
            # Follows no redirect: that would show the signature to another origin.
            answer = self._http.send(request.prepare())
            text = bytes(answer.raw.read(_MAX_BODY + 1))
            # In an environment that was frozen meanwhile nobody would notice that the other end has hung up.
            self._http.close()
        except Exception as error:  # noqa: BLE001
            # It goes no further: it can carry the request, headers and all.
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
            # Refreshed here, where they are about to expire.
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
    """No message quotes a value: what should be a name may turn out to be a secret.

    complete: takes what is not given from the environment, where there must be all that is needed.
    """
    env = os.environ if complete else {}
    url = url or env.get("FISKIL_TOKEN_API_URL")
    credential = credential or env.get("FISKIL_CREDENTIAL") or "default"
    if complete and not url:
        raise _invalid_option("`url`: give it or set FISKIL_TOKEN_API_URL, to the output TokenApiUrl of the stack.")
    host = _safe_host(url, allow_http) if url else ""
    if host is None or not re.fullmatch(r"(https?://[^?#@\s]+)?", url or ""):
        raise _invalid_option("`url` must be the output TokenApiUrl of the stack: https, or http to this machine.")
    if not re.fullmatch(r"(?=.{1,32}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*", credential):
        raise _invalid_option(
            "`credential` (FISKIL_CREDENTIAL) must be the name of a key pair in the stack's configuration, such as "
            "default: lower-case words joined by hyphens, at most 32 characters. The pair itself belongs in AWS Secrets "
            "Manager alone."
        )
    # The host first: AWS_REGION tells where the caller is, and the signature is for where the API is.
    of_host = re.search(r"\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?\Z", host)
    region = region or (of_host and of_host[1]) or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION")
    if complete and not region:
        raise _invalid_option("`region`: give it or set AWS_REGION; it cannot be told from the host in `url`.")
    if region and not re.fullmatch(r"[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}", region):
        raise _invalid_option("`region` (AWS_REGION, AWS_DEFAULT_REGION) must be an AWS region such as ap-southeast-2.")
    if not url or not region:
        return None
    return _Settings(url if url.endswith("/") else f"{url}/", credential, region)


def _safe_host(url: str, allow_http: bool = False) -> str | None:
    """The host, if nobody on the way can read what is sent there: https, or this very machine."""
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
    # A message of botocore's own is quoted as a template: filled in, it can hold what a credential process printed.
    template = str(getattr(error, "fmt", "")) if isinstance(error, BotoCoreError) else ""
    why = f"{type(error).__name__}: {template}" if template else type(error).__name__
    return TokenVendingError("no_credentials", f"botocore could not get AWS credentials ({why}).")


def _standing(error: TokenVendingError) -> int:
    """Seconds that a refused rejection stands: as told, or as long as between two replacements if only a person can help."""
    return error.retry_after or (0 if error.retryable else 30)


def _is_worth_repeating(error: TokenVendingError, method: str) -> bool:
    """A rejection is repeated only where the service cannot have been at work; after a 504 it is still at it."""
    if error.code in ("unreachable", "throttled") or (error.status == 503 and error.retryable):
        return True
    return method == "GET" and error.code in ("gateway_timeout", "gateway_error")


def _pause(error: TokenVendingError, attempt: int, left: float) -> float | None:
    """Seconds before the next attempt, or None where the time left is too short for one.

    Zero after a first broken connection: most likely the environment was frozen meanwhile.
    """
    if error.code == "unreachable" and attempt == 1:
        return 0
    told = error.retry_after or 0
    width = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1), left - told)
    # Of the system: with SnapStart, all environments begin with the same state of Python's own.
    return told + random.SystemRandom().random() * width if width > 0 else None


def _system_code(error: BaseException | None) -> str:
    """Such as ECONNREFUSED, from wherever in the chain of errors it stands."""
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
    except ValueError:  # quotes what it read, which may be a token
        return {}
    return value if isinstance(value, dict) else {}


def _request_id(headers: Any) -> str | None:
    value = headers.get("x-amzn-requestid") or headers.get("apigw-requestid") or ""
    return value if re.fullmatch(r"[\w=+/-]{1,100}", value, re.ASCII) else None


def _read_vend(headers: Any, text: bytes, credential: str, sent: _Instant) -> _Vend:
    """Checks a 200 once, so that nothing behind it has to."""
    body = _parse_object(text)
    request_id = _request_id(headers)

    def bad(what: str) -> TokenVendingError:
        sentence = f"{what}; is `url` that of the token API?"
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
        raise bad("`credential` is not the one asked for")
    in_utc = expires_at.astimezone(timezone.utc)
    return _Vend(token, client_id, credential, in_utc, float(life), sent, request_id)


def _refusal(status: int, headers: Any, text: bytes, method: str, now: float) -> TokenVendingError:
    """The error for an answer other than 200."""
    body = _parse_object(text)
    code, detail = body.get("code"), body.get("detail")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", code):
        # Not of our shape, so its text stays out: API Gateway's own message about a wrong signature quotes headers.
        code, detail = _code_for(status), None
    if status == 403:
        sentence = _HINTS.get(code) or _permission(method)
        sentence += _skew(headers.get("date"), now)
    elif isinstance(detail, str):
        sentence = detail[:500]
    elif code == "invalid_answer":
        sentence = f"the answer has status {status}; is `url` that of the token API (output TokenApiUrl)?"
    else:
        sentence = f"the answer has status {status}, without a body of the token API."
    retry_after = headers.get("retry-after") or ""
    seconds = int(retry_after) if re.fullmatch(r"[0-9]{1,5}", retry_after) else None
    return TokenVendingError(code, sentence, status, seconds, _request_id(headers))


_HINTS: Final = {
    "signature_invalid": "the AWS credentials are not valid, or not for the API's region.",
    "signature_expired": "the signature is too old or too young, or the AWS credentials have expired.",
    "unsigned_or_unknown_route": "is `url` the stack's output TokenApiUrl?",
}


def _permission(method: str) -> str:
    path = "tokens/CREDENTIAL" if method == "GET" else "tokens/CREDENTIAL/rejections"
    return (
        f"the caller's role needs execute-api:Invoke on arn:aws:execute-api:REGION:ACCOUNT:API/v1/{method}/{path} "
        "(the output VendPolicyArn… is a policy that has it), and from another account a place in fiskil:callers."
    )


def _skew(date: str | None, now: float) -> str:
    try:
        theirs: float = parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return ""
    seconds = round(now - theirs)
    # API Gateway takes a signature within 5 minutes; less than one of difference is not worth a sentence.
    if abs(seconds) <= 60:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f" This machine's clock is {abs(seconds)} s {direction} the service's: set it right first."


def _code_for(status: int) -> str:
    known = {403: "access_denied", 429: "throttled", 504: "gateway_timeout"}
    return known.get(status) or ("gateway_error" if status >= 500 else "invalid_answer")


# For HTTP libraries. Each sends the token to `origins` alone. On a 401 to the token it shows, it rejects that, and repeats
# the request once with another, unless the body is a stream, which cannot be sent twice. If there is no other token,
# Fiskil's own 401 is the answer.


def requests_auth(
    tokens: TokenProvider, origins: str | Iterable[str] = FISKIL, min_ttl: int = 0, allow_http: bool = False
) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """For requests: `session.auth = requests_auth(tokens)`. Raises TokenVendingError as `get_token` does."""
    allowed = _check_origins(origins, allow_http)

    def again(token: str, answer: requests.Response, **sending: Any) -> requests.Response:
        shown = answer.request.headers.get("Authorization")
        # requests takes the header off before it follows a redirect to another origin.
        if answer.status_code != 401 or shown != f"Bearer {token}":
            return answer
        try:
            other = tokens.reject(token)
        except TokenVendingError:
            return answer  # the next call's get_token tells what is wrong
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
        # httpx takes the header off before it follows a redirect to another origin.
        return answer.status_code == 401 and answer.request.headers.get("Authorization") == f"Bearer {token}"

    def other_than(token: str) -> str | None:
        try:
            return tokens.reject(token)
        except TokenVendingError:
            return None  # the next call's get_token tells what is wrong

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
            raise _invalid_option("`origins` must hold origins such as https://api.fiskil.com: https, or http to here.")
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
