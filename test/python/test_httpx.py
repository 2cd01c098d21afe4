"""The one line for httpx: `httpx.Client(auth=httpx_auth(tokens))`, and the same with AsyncClient."""

import asyncio

import httpx
import pytest

from fiskil_tokens import TokenVendingError, httpx_auth


def sync(auth, method, url, **more):
    with httpx.Client(auth=auth, follow_redirects=True) as client:
        return client.request(method, url, **more)


def in_async(auth, method, url, **more):
    async def send():
        async with httpx.AsyncClient(auth=auth, follow_redirects=True) as client:
            return await client.request(method, url, **more)

    return asyncio.run(send())


def shown(fiskil):
    return [authorization for _, _, authorization, _ in fiskil.seen]


@pytest.fixture(params=[sync, in_async])
def send(request):
    return request.param


@pytest.fixture
def auth(tokens, fiskil):
    return httpx_auth(tokens, fiskil.origin)


def test_a_refused_token_is_rejected_and_the_request_made_once_more(send, auth, tokens, fiskil):
    answer = send(auth, "POST", f"{fiskil.origin}/v1/x", json={"a": 1})
    assert answer.status_code == 200
    assert tokens.rejected == ["stale"]
    assert shown(fiskil) == ["Bearer stale", "Bearer good"]
    assert [body for *_, body in fiskil.seen] == [b'{"a":1}'] * 2


def test_once_and_no_more(send, auth, tokens, fiskil):
    tokens.reject = lambda token: "bad"
    assert send(auth, "GET", f"{fiskil.origin}/v1/x").status_code == 401
    assert shown(fiskil) == ["Bearer stale", "Bearer bad"]


def test_fiskils_own_401_is_the_answer_where_there_is_no_other_token(send, auth, tokens, fiskil):
    tokens.fails = True
    assert send(auth, "GET", f"{fiskil.origin}/v1/x").status_code == 401
    assert shown(fiskil) == ["Bearer stale"]


def test_a_stream_is_not_sent_twice_but_the_token_is_replaced(auth, tokens, fiskil):
    assert sync(auth, "POST", f"{fiskil.origin}/v1/x", content=iter([b"abc"])).status_code == 401
    assert tokens.rejected == ["stale"]
    assert shown(fiskil) == ["Bearer stale"]


def test_a_redirect_elsewhere_does_not_show_the_token_and_its_401_rejects_none(send, auth, tokens, fiskil, elsewhere):
    fiskil.redirects["/v1/x"] = f"{elsewhere.origin}/y"
    assert send(auth, "GET", f"{fiskil.origin}/v1/x").status_code == 401
    assert (shown(elsewhere), tokens.rejected) == ([None], [])


def test_other_origins_are_not_called(send, tokens):
    with pytest.raises(TokenVendingError) as failure:
        send(httpx_auth(tokens), "GET", "https://example.com/")
    assert failure.value.code == "origin_not_allowed"


def test_the_event_loop_goes_on_while_a_token_is_waited_for(tokens, fiskil):
    async def main():
        waited = asyncio.Event()
        loop = asyncio.get_running_loop()

        def get_token(min_ttl):
            # Ends when the loop does something meanwhile.
            asyncio.run_coroutine_threadsafe(waited.wait(), loop).result(timeout=5)
            return "good"

        tokens.get_token = get_token
        async with httpx.AsyncClient(auth=httpx_auth(tokens, fiskil.origin)) as client:
            sending = asyncio.create_task(client.get(f"{fiskil.origin}/v1/x"))
            await asyncio.sleep(0)
            waited.set()
            return await sending

    assert asyncio.run(main()).status_code == 200
