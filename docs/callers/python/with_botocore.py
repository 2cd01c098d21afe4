"""python with_botocore.py METHOD PATH [BODY] sends one request to the token API. boto3 brings botocore along."""

import os
import sys
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

method, path, *body = sys.argv[1:]
request = AWSRequest(method, os.environ["FISKIL_TOKEN_API_URL"] + path, data="".join(body).encode())
SigV4Auth(Session().get_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(request)

prepared = request.prepare()
with urllib.request.urlopen(
    urllib.request.Request(prepared.url, prepared.body or None, dict(prepared.headers), method=method)
) as answer:
    print(answer.read().decode())
