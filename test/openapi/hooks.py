"""What Schemathesis is told about this API: how to sign, and how to come past its front door."""

import hashlib
import json

import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# The key of `npm start`, which is no secret.
SIGNER = SigV4Auth(Credentials("local", "local-only"), "execute-api", "ap-southeast-2")


def sign(request):
    signed = AWSRequest(request.method, request.url, dict(request.headers), request.body)
    SIGNER.add_auth(signed)
    request.headers.update(dict(signed.headers))
    return request


schemathesis.auth.set_from_requests(sign)

vended = {"token": "", "calls": 0}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Of the valid calls, most name a credential that exists, and most rejections the token that was vended last. None has a body
    that is too long, which no schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    vended["calls"] += 1
    if vended["calls"] % 4 != 0:
        case.path_parameters = {**case.path_parameters, "credential": "default"}
    if case.operation.method == "post":
        if len(json.dumps(case.body)) > 1_000:
            case.body = {"token_sha256": case.body["token_sha256"]}
        if vended["calls"] % 3 != 0:
            case.body = {**case.body, "token_sha256": hashlib.sha256(vended["token"].encode()).hexdigest()}


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 200:
        vended["token"] = response.json()["token"]
