#!/bin/sh
# Deploys a template folder: FOLDER=… BUCKET=… sh with-the-aws-cli.sh
# Needs the AWS CLI with credentials and a region, and a bucket in that region.
set -eu
stack=${STACK:-FiskilTokenVending}

aws cloudformation package --template-file "$FOLDER/template.json" --s3-bucket "$BUCKET" --use-json \
  --output-template-file "$FOLDER/packaged.json" > /dev/null
aws cloudformation deploy --template-file "$FOLDER/packaged.json" --s3-bucket "$BUCKET" \
  --stack-name "$stack" --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset
aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs' --output table
