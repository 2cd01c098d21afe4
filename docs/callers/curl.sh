#!/bin/sh
# sh curl.sh prints a token of the credential `default` with at least a minute of life left.
# Put further parameters in alphabetical order: some versions of curl, such as 7.88, do not sort them before they sign.
curl --fail-with-body --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
  --header "x-amz-security-token: $AWS_SESSION_TOKEN" "${FISKIL_TOKEN_API_URL}tokens/default?min_ttl=60"
