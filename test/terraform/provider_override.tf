# The emulator is no AWS: its buckets are paths, and its keys are nobody's.
provider "aws" {
  s3_use_path_style          = true
  skip_requesting_account_id = true
}
