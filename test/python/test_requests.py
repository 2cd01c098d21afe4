"""The one line for requests: `session.auth = requests_auth(tokens)`."""

import io

import pytest
import requests
import responses

from fiskil_tokens import TokenVendingError, requests_auth


@pytest.fixture
def session(tokens, fiskil):
    with requests.Session() as session:
        session.auth = requests_auth(tokens, fiskil.origin)
        yield session


def shown(fiskil):
    return [authorization for _, _, authorization, _ in fiskil.seen]


def test_a_refused_token_is_rejected_and_the_request_made_once_more(session, tokens, fiskil):
    answer = session.post(f"{fiskil.origin}/v1/x", json={"a": 1})
    assert (answer.status_code, [each.status_code for each in answer.history]) == (200, [401])
    assert tokens.rejected == ["stale"]
    assert shown(fiskil) == ["Bearer stale", "Bearer good"]
    assert [body for *_, body in fiskil.seen] == [b'{"a": 1}'] * 2
    assert session.get(f"{fiskil.origin}/v1/x").status_code == 200
    assert tokens.rejected == ["stale"]


def test_once_and_no_more(session, tokens, fiskil):
    tokens.reject = lambda token: "bad"
    assert session.get(f"{fiskil.origin}/v1/x").status_code == 401
    assert shown(fiskil) == ["Bearer stale", "Bearer bad"]


def test_fiskils_own_401_is_the_answer_where_there_is_no_other_token(session, tokens, fiskil):
    tokens.fails = True
    answer = session.get(f"{fiskil.origin}/v1/x")
    assert (answer.status_code, answer.json()) == (401, {})
    assert shown(fiskil) == ["Bearer stale"]


@pytest.mark.parametrize("body", [io.BytesIO(b"abc"), iter([b"abc"])], ids=["a file", "a generator"])
def test_a_stream_is_not_sent_twice_but_the_token_is_replaced(session, tokens, fiskil, body):
    assert session.post(f"{fiskil.origin}/v1/x", data=body).status_code == 401
    assert tokens.rejected == ["stale"]
    assert shown(fiskil) == ["Bearer stale"]


def test_a_streamed_answer_is_one_still(session, tokens, fiskil):
    with session.get(f"{fiskil.origin}/v1/x", stream=True) as answer:
        assert b"".join(answer.iter_content()) == b"{}"


def test_a_redirect_elsewhere_does_not_show_the_token_and_its_401_rejects_none(session, tokens, fiskil, elsewhere):
    fiskil.redirects["/v1/x"] = f"{elsewhere.origin}/y"
    assert session.get(f"{fiskil.origin}/v1/x").status_code == 401
    assert (shown(elsewhere), tokens.rejected) == ([None], [])


def test_nor_does_one_between_two_origins_that_are_allowed(tokens, fiskil, elsewhere):
    fiskil.redirects["/v1/x"] = f"{elsewhere.origin}/y"
    auth = requests_auth(tokens, [fiskil.origin, elsewhere.origin])
    assert requests.get(f"{fiskil.origin}/v1/x", auth=auth, timeout=5).status_code == 401
    assert tokens.rejected == []


def test_a_redirect_within_the_origin_is_followed_with_the_token(session, tokens, fiskil):
    fiskil.redirects["/v1/x"] = "/v1/y"
    assert session.get(f"{fiskil.origin}/v1/x").status_code == 200
    assert tokens.rejected == ["stale"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://api.fiskil.com/",
        "http://api.fiskil.com:443/",
        "https://api.fiskil.com:444/",
        "https://api.fiskil.com@example.com/",
    ],
)
def test_other_origins_are_not_called(tokens, url):
    with pytest.raises(TokenVendingError) as failure:
        requests.get(url, auth=requests_auth(tokens), timeout=5)
    assert failure.value.code == "origin_not_allowed"


@pytest.mark.parametrize(
    "origins",
    ["http://example.com", "https://example.com/v1", "canary", [""], "https://u:p@example.com", "https://e.com?x"],
)
def test_origins_must_be_origins(tokens, origins):
    with pytest.raises(TokenVendingError) as failure:
        requests_auth(tokens, origins)
    assert failure.value.code == "invalid_option"
    assert "canary" not in str(failure.value)


def test_min_ttl_is_asked_for_at_each_call(tokens, fiskil):
    asked = []
    tokens.get_token = lambda min_ttl: asked.append(min_ttl) or "good"
    requests.get(f"{fiskil.origin}/v1/x", auth=requests_auth(tokens, fiskil.origin, min_ttl=60), timeout=5)
    assert asked == [60]


def test_http_elsewhere_must_be_asked_for(tokens):
    requests_auth(tokens, "http://host.docker.internal:4011", allow_http=True)


@responses.activate
def test_with_the_mocks_that_people_use(tokens):
    responses.get("https://api.fiskil.com/v1/x", status=401)
    responses.get("https://api.fiskil.com/v1/x", json={})
    assert requests.get("https://api.fiskil.com/v1/x", auth=requests_auth(tokens), timeout=5).status_code == 200
