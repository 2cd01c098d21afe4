#!/bin/sh
# sh curl.sh prints the current token of the credential `default`.
# curl signs the query as it stands: with more than one parameter, write them in alphabetical order.
curl --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
  --header "x-amz-security-token: $AWS_SESSION_TOKEN" "${FISKIL_TOKEN_API_URL}tokens/default"
