"""python with_requests_aws4auth.py METHOD PATH [BODY] sends one request to the token API."""

import os
import sys

import requests
from requests_aws4auth import AWS4Auth

auth = AWS4Auth(
    os.environ["AWS_ACCESS_KEY_ID"],
    os.environ["AWS_SECRET_ACCESS_KEY"],
    os.environ["AWS_REGION"],
    "execute-api",
    session_token=os.environ.get("AWS_SESSION_TOKEN"),
)
method, path, *body = sys.argv[1:]
url = os.environ["FISKIL_TOKEN_API_URL"] + path
answer = requests.request(method, url, data="".join(body), auth=auth, timeout=25)
print(answer.text)
answer.raise_for_status()
