"""A Lambda handler that lists end users. You can also run it as a program: python list_end_users.py"""

import json
import os

import requests

from fiskil_tokens import FISKIL, TokenProvider, requests_auth

# `npm start` prints another one.
ORIGIN = os.environ.get("FISKIL_ORIGIN", FISKIL)

tokens = TokenProvider()
fiskil = requests.Session()
fiskil.auth = requests_auth(tokens, ORIGIN)


def handler(event: object, context: object) -> object:
    answer = fiskil.get(f"{ORIGIN}/v1/end-users", timeout=30)
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    print(json.dumps(handler(None, None)))
