# Tintype in one region, with an address for alarms and room for large originals.
#
#   make template
#   cd terraform/examples/complete && terraform init && terraform apply

terraform {
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "region" {
  type        = string
  default     = "eu-central-1"
  description = "Where it runs"
}

variable "release" {
  type        = string
  default     = "../../../dist/release"
  description = "The release folder, which `make template` writes"
}

variable "alarm_email" {
  type        = string
  default     = null
  description = "Address that alarms are sent to"
}

variable "public" {
  type        = bool
  default     = false
  description = "Whether anyone may use it without signing in"
}

provider "aws" {
  region = var.region
}

module "images" {
  source  = "../.."
  release = var.release
  name    = "images"
  public  = var.public

  alarm_email        = var.alarm_email
  process_memory_mib = 4096 # MiB, for photographs of more than 50 megapixels
  cors_origins       = ["https://www.example.com"]
  log_days           = 90
  tags               = { service = "images" }
}

output "page" {
  description = "Where to drop pictures"
  value       = module.images.cdn_url
}

output "api" {
  description = "What `tintype upload --api` is given"
  value       = module.images.api_url
}
