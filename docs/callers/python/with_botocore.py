"""python with_botocore.py METHOD PATH [BODY] sends one request to the token API. boto3 includes botocore."""

import os
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session

method, path, *body = sys.argv[1:]
request = AWSRequest(method, os.environ["FISKIL_TOKEN_API_URL"] + path, data="".join(body).encode())
SigV4Auth(Session().get_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(request)
answer = URLLib3Session(timeout=30).send(request.prepare())
print(answer.text)
if answer.status_code != 200:
    sys.exit(f"HTTP {answer.status_code}")
