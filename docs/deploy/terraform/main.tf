# Deploys a template folder, which `npm run template` writes. docs/deploy/README.md says more.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "folder" {
  description = "The template folder."
  type        = string
}

variable "bucket" {
  description = "The name of a bucket in the stack's region, for the template and the functions' zips."
  type        = string
}

variable "stack_name" {
  type    = string
  default = "FiskilTokenVending"
}

locals {
  template = jsondecode(file("${var.folder}/template.json"))
  zips     = fileset(var.folder, "*.zip")
  # Does the same as `aws cloudformation package`: the code of a function is the uploaded zip.
  packaged = merge(local.template, {
    Resources = merge(local.template.Resources, {
      for id, resource in local.template.Resources : id => merge(resource, {
        Properties = merge(resource.Properties, {
          Code = {
            S3Bucket = var.bucket
            S3Key    = aws_s3_object.zip[trimprefix(resource.Properties.Code, "./")].key
          }
        })
      }) if resource.Type == "AWS::Lambda::Function"
    })
  })
}

# The names come from the content, so a changed function changes the template.
resource "aws_s3_object" "zip" {
  for_each = local.zips
  bucket   = var.bucket
  key      = "fiskil-token-vending/${filesha256("${var.folder}/${each.key}")}.zip"
  source   = "${var.folder}/${each.key}"
}

# The template is too large to be a part of the request.
resource "aws_s3_object" "template" {
  bucket  = var.bucket
  key     = "fiskil-token-vending/${sha256(jsonencode(local.packaged))}.json"
  content = jsonencode(local.packaged)
}

resource "aws_cloudformation_stack" "token_vending" {
  name         = var.stack_name
  template_url = "https://s3.${data.aws_region.current.id}.amazonaws.com/${var.bucket}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
}

data "aws_region" "current" {}

output "token_api_url" {
  value = aws_cloudformation_stack.token_vending.outputs["TokenApiUrl"]
}

output "vend_policy_arn_default" {
  value = aws_cloudformation_stack.token_vending.outputs["VendPolicyArnDefault"]
}
