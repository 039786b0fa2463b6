# The module's own variables; the service's settings are in settings.tf.

variable "release" {
  type        = string
  description = "Path of a release folder, written by `make template`"

  validation {
    condition     = fileexists("${var.release}/release.json")
    error_message = "release: this folder has no release.json; `make template` writes a release."
  }
}

variable "public" {
  type        = bool
  default     = false
  description = "Open the stack to everyone, without sign-in. The access mode open needs it as well"
}

variable "name" {
  type        = string
  default     = "tintype"
  description = "The stack's name"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,127}$", var.name))
    error_message = "name: at most 128 letters, digits and hyphens, beginning with a letter."
  }
}

variable "packages_bucket" {
  type        = string
  default     = null
  description = "Name of the bucket for the functions' packages, which the module creates; null: derived from name, account and region"
}

variable "delete_images" {
  type        = bool
  default     = false
  description = "On destroy, also delete all images, regardless of the release's keep_data. Needs bash and the AWS CLI, and an apply before the destroy"
}

variable "role_arn" {
  type        = string
  default     = null
  description = "ARN of the role that CloudFormation assumes; null: the provider's own permissions"
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the stack and of all its resources"
}
