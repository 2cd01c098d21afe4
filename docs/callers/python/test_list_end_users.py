"""How to test a caller without AWS and without a network: python -m pytest test_list_end_users.py"""

import pytest
import responses

import list_end_users
from fiskil_tokens import TokenVendingError


@responses.activate
def test_it_calls_fiskil_with_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_end_users.tokens, "get_token", lambda min_ttl: "a-token")
    with_the_token = responses.matchers.header_matcher({"Authorization": "Bearer a-token"})
    responses.get("https://api.fiskil.com/v1/end-users", json={"data": []}, match=[with_the_token])
    assert list_end_users.handler(None, None) == {"data": []}


def test_it_tells_that_there_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(min_ttl: int) -> str:
        raise TokenVendingError("upstream_throttled", retry_after=60)

    monkeypatch.setattr(list_end_users.tokens, "get_token", fail)
    with pytest.raises(TokenVendingError) as failure:
        list_end_users.handler(None, None)
    assert failure.value.retryable
