# What the module itself is told; the service's settings are in settings.tf.

variable "release" {
  type        = string
  description = "Path of the release folder, which `make template` writes"

  validation {
    condition     = fileexists("${var.release}/release.json")
    error_message = "release: there is no release.json in this folder; `make template` writes one."
  }
}

variable "public" {
  type        = bool
  default     = false
  description = "Must be true: anyone who knows the stack's address can upload, see and delete every image"

  validation {
    condition     = var.public
    error_message = "public: Anyone who knows its address can upload, see and delete every image: there is no sign-in yet. Set public = true to confirm it."
  }
}

variable "name" {
  type        = string
  default     = "tintype"
  description = "The stack's name"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,127}$", var.name))
    error_message = "name: letters, digits and hyphens, a letter first; 128 at most."
  }
}

variable "packages_bucket" {
  type        = string
  default     = null
  description = "Name of the bucket for the functions' packages, which the module makes; null: made of name, account and region"
}

variable "delete_images" {
  type        = bool
  default     = false
  description = "On destroy delete all images too, whatever the release's keep_data says. Needs bash and the AWS CLI, and an apply before the destroy"
}

variable "role_arn" {
  type        = string
  default     = null
  description = "ARN of the role that CloudFormation takes on; null: the provider's own rights"
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the stack and of all that is in it"
}
