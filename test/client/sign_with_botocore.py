"""Reads a request in each line, as JSON, and answers with the headers that botocore makes of it."""

import base64
import json
import sys
from datetime import datetime

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def headers_of(case):
    keys = case["credentials"]
    credentials = Credentials(keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken"))
    query = [tuple(pair) for pair in case["query"]]
    request = AWSRequest(case["method"], case["url"], case["headers"], base64.b64decode(case["base64"]), query)
    # It takes no date.
    auth.get_current_datetime = lambda: datetime.strptime(case["date"], "%Y-%m-%dT%H:%M:%S.%fZ")
    auth.SigV4Auth(credentials, case["service"], case["region"]).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


for line in sys.stdin:
    print(json.dumps(headers_of(json.loads(line))), flush=True)
