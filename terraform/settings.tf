# Written by `python -m tintype_infra.terraform` from the template; a test fails when it is not as that.

variable "ticket_minutes" {
  type        = number
  default     = null
  description = "Minutes that an upload link is good"

  validation {
    condition     = var.ticket_minutes == null ? true : var.ticket_minutes == floor(var.ticket_minutes) && var.ticket_minutes >= 1 && var.ticket_minutes <= 60
    error_message = "ticket_minutes: a whole number from 1 to 60."
  }
}

variable "max_tries" {
  type        = number
  default     = null
  description = "Tries before an original is set aside"

  validation {
    condition     = var.max_tries == null ? true : var.max_tries == floor(var.max_tries) && var.max_tries >= 5 && var.max_tries <= 100
    error_message = "max_tries: a whole number from 5 to 100."
  }
}

variable "retry_seconds" {
  type        = number
  default     = null
  description = "Seconds from a try that failed to the next"

  validation {
    condition     = var.retry_seconds == null ? true : var.retry_seconds == floor(var.retry_seconds) && var.retry_seconds >= 1 && var.retry_seconds <= 43200
    error_message = "retry_seconds: a whole number from 1 to 43200."
  }
}

variable "sweep_seconds" {
  type        = number
  default     = null
  description = "Seconds until renditions that a newer manifest replaced are removed"

  validation {
    condition     = var.sweep_seconds == null ? true : var.sweep_seconds == floor(var.sweep_seconds) && var.sweep_seconds >= 65 && var.sweep_seconds <= 900
    error_message = "sweep_seconds: a whole number from 65 to 900."
  }
}

variable "originals_noncurrent_days" {
  type        = number
  default     = null
  description = "Days that a deleted original can be restored"

  validation {
    condition     = var.originals_noncurrent_days == null ? true : var.originals_noncurrent_days == floor(var.originals_noncurrent_days) && var.originals_noncurrent_days >= 1 && var.originals_noncurrent_days <= 3650
    error_message = "originals_noncurrent_days: a whole number from 1 to 3650."
  }
}

variable "originals_class" {
  type        = string
  default     = null
  description = "Storage class that originals move to when they are old"

  validation {
    condition     = var.originals_class == null ? true : contains(["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"], var.originals_class)
    error_message = "originals_class: STANDARD, STANDARD_IA, INTELLIGENT_TIERING or GLACIER_IR."
  }
}

variable "originals_cold_days" {
  type        = number
  default     = null
  description = "Days until an original moves to originals_class"

  validation {
    condition     = var.originals_cold_days == null ? true : var.originals_cold_days == floor(var.originals_cold_days) && var.originals_cold_days >= 30 && var.originals_cold_days <= 3650
    error_message = "originals_cold_days: a whole number from 30 to 3650."
  }
}

variable "develop_memory_mib" {
  type        = number
  default     = null
  description = "MiB of memory; CPU grows with it"

  validation {
    condition     = var.develop_memory_mib == null ? true : var.develop_memory_mib == floor(var.develop_memory_mib) && var.develop_memory_mib >= 2048 && var.develop_memory_mib <= 10240
    error_message = "develop_memory_mib: a whole number from 2048 to 10240."
  }
}

variable "develop_concurrency" {
  type        = number
  default     = null
  description = "Batches worked on at the same time"

  validation {
    condition     = var.develop_concurrency == null ? true : var.develop_concurrency == floor(var.develop_concurrency) && var.develop_concurrency >= 2 && var.develop_concurrency <= 1000
    error_message = "develop_concurrency: a whole number from 2 to 1000."
  }
}

variable "develop_reserved" {
  type        = number
  default     = null
  description = "Runs at the same time that no other function can take; 0: none"

  validation {
    condition     = var.develop_reserved == null ? true : var.develop_reserved == floor(var.develop_reserved) && var.develop_reserved >= 0 && var.develop_reserved <= 1000
    error_message = "develop_reserved: 0, or a whole number from 1 to 1000."
  }
}

variable "catalogue_memory_mib" {
  type        = number
  default     = null
  description = "MiB of memory; CPU grows with it"

  validation {
    condition     = var.catalogue_memory_mib == null ? true : var.catalogue_memory_mib == floor(var.catalogue_memory_mib) && var.catalogue_memory_mib >= 128 && var.catalogue_memory_mib <= 10240
    error_message = "catalogue_memory_mib: a whole number from 128 to 10240."
  }
}

variable "catalogue_concurrency" {
  type        = number
  default     = null
  description = "Batches worked on at the same time"

  validation {
    condition     = var.catalogue_concurrency == null ? true : var.catalogue_concurrency == floor(var.catalogue_concurrency) && var.catalogue_concurrency >= 2 && var.catalogue_concurrency <= 1000
    error_message = "catalogue_concurrency: a whole number from 2 to 1000."
  }
}

variable "catalogue_reserved" {
  type        = number
  default     = null
  description = "Runs at the same time that no other function can take; 0: none"

  validation {
    condition     = var.catalogue_reserved == null ? true : var.catalogue_reserved == floor(var.catalogue_reserved) && var.catalogue_reserved >= 0 && var.catalogue_reserved <= 1000
    error_message = "catalogue_reserved: 0, or a whole number from 1 to 1000."
  }
}

variable "api_memory_mib" {
  type        = number
  default     = null
  description = "MiB of memory; CPU grows with it"

  validation {
    condition     = var.api_memory_mib == null ? true : var.api_memory_mib == floor(var.api_memory_mib) && var.api_memory_mib >= 128 && var.api_memory_mib <= 10240
    error_message = "api_memory_mib: a whole number from 128 to 10240."
  }
}

variable "api_reserved" {
  type        = number
  default     = null
  description = "Runs at the same time that no other function can take; 0: none"

  validation {
    condition     = var.api_reserved == null ? true : var.api_reserved == floor(var.api_reserved) && var.api_reserved >= 0 && var.api_reserved <= 1000
    error_message = "api_reserved: 0, or a whole number from 1 to 1000."
  }
}

variable "throttle_rate" {
  type        = number
  default     = null
  description = "Requests a second to the API"

  validation {
    condition     = var.throttle_rate == null ? true : var.throttle_rate == floor(var.throttle_rate) && var.throttle_rate >= 1 && var.throttle_rate <= 10000
    error_message = "throttle_rate: a whole number from 1 to 10000."
  }
}

variable "throttle_burst" {
  type        = number
  default     = null
  description = "Requests at once to the API"

  validation {
    condition     = var.throttle_burst == null ? true : var.throttle_burst == floor(var.throttle_burst) && var.throttle_burst >= 1 && var.throttle_burst <= 5000
    error_message = "throttle_burst: a whole number from 1 to 5000."
  }
}

variable "cors_origins" {
  type        = list(string)
  default     = null
  description = "Sites whose pages may call the service"

  validation {
    condition     = var.cors_origins == null ? true : alltrue([for one in var.cors_origins : can(regex("^(?:\\*|https?://[a-z0-9.-]+(:\\d+)?)$", one))])
    error_message = "cors_origins: a list of 1 to 20."
  }
}

variable "originals_readable" {
  type        = string
  default     = null
  description = "Whoever may call the API gets links to originals, with all their metadata"

  validation {
    condition     = var.originals_readable == null ? true : contains(["true", "false"], var.originals_readable)
    error_message = "originals_readable: true or false."
  }
}

variable "price_class" {
  type        = string
  default     = null
  description = "CloudFront's places that serve renditions"

  validation {
    condition     = var.price_class == null ? true : contains(["cheapest", "most", "all"], var.price_class)
    error_message = "price_class: cheapest, most or all."
  }
}

variable "log_days" {
  type        = number
  default     = null
  description = "Days that log lines are kept"

  validation {
    condition     = var.log_days == null ? true : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "log_days: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "alarm_email" {
  type        = string
  default     = null
  description = "Address that alarms are sent to; empty: none"

  validation {
    condition     = var.alarm_email == null ? true : length(var.alarm_email) <= 254 && can(regex("^(?:|[^@\\s]+@[^@\\s]+\\.[^@\\s]+)$", var.alarm_email))
    error_message = "alarm_email: empty, or an e-mail address."
  }
}

variable "monthly_budget" {
  type        = number
  default     = null
  description = "US dollars a month of the whole account, of which alarm_email is told; 0: no budget"

  validation {
    condition     = var.monthly_budget == null ? true : var.monthly_budget == floor(var.monthly_budget) && var.monthly_budget >= 0 && var.monthly_budget <= 1000000
    error_message = "monthly_budget: a whole number from 0 to 1e+06."
  }
}

variable "access_logs_days" {
  type        = number
  default     = null
  description = "Days that the CDN's and the buckets' access logs are kept; 0: none"

  validation {
    condition     = var.access_logs_days == null ? true : var.access_logs_days == floor(var.access_logs_days) && var.access_logs_days >= 0 && var.access_logs_days <= 3650
    error_message = "access_logs_days: a whole number from 0 to 3650."
  }
}

variable "tracing" {
  type        = string
  default     = null
  description = "Whether X-Ray follows requests through the functions"

  validation {
    condition     = var.tracing == null ? true : contains(["off", "active"], var.tracing)
    error_message = "tracing: off or active."
  }
}

variable "web_acl" {
  type        = string
  default     = null
  description = "ARN of a web ACL of AWS WAF for the CDN; empty: none"

  validation {
    condition     = var.web_acl == null ? true : length(var.web_acl) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:wafv2:us-east-1:\\d{12}:global/webacl/[^/]+/[0-9a-f-]+)$", var.web_acl))
    error_message = "web_acl: empty, or the ARN of a global web ACL, which is in us-east-1."
  }
}

variable "permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that bounds all roles of the stack; empty: none"

  validation {
    condition     = var.permissions_boundary == null ? true : length(var.permissions_boundary) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:iam::(\\d{12}|aws):policy/.+)$", var.permissions_boundary))
    error_message = "permissions_boundary: empty, or the ARN of a policy of IAM."
  }
}

variable "kms_key" {
  type        = string
  default     = null
  description = "ARN of your own key for what is stored, sent and logged; empty: none"

  validation {
    condition     = var.kms_key == null ? true : length(var.kms_key) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key/[0-9A-Za-z-]+)$", var.kms_key))
    error_message = "kms_key: empty, or the ARN of a key of KMS."
  }
}

variable "domain_name" {
  type        = string
  default     = null
  description = "Name of your own for the CDN; empty: none"

  validation {
    condition     = var.domain_name == null ? true : length(var.domain_name) <= 253 && can(regex("^(?:|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9-]*[a-z0-9])$", var.domain_name))
    error_message = "domain_name: empty, or a domain name like \"images.example.com\"."
  }
}

variable "hosted_zone" {
  type        = string
  default     = null
  description = "ID of the Route 53 zone that gets the name's records; empty: none"

  validation {
    condition     = var.hosted_zone == null ? true : length(var.hosted_zone) <= 32 && can(regex("^(?:|Z[A-Z0-9]+)$", var.hosted_zone))
    error_message = "hosted_zone: empty, or the ID of a hosted zone, which begins with Z."
  }
}

variable "certificate_arn" {
  type        = string
  default     = null
  description = "ARN of the name's certificate in us-east-1; empty: none"

  validation {
    condition     = var.certificate_arn == null ? true : length(var.certificate_arn) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:acm:us-east-1:\\d{12}:certificate/[0-9a-f-]+)$", var.certificate_arn))
    error_message = "certificate_arn: empty, or the ARN of a certificate in us-east-1, where CloudFront looks."
  }
}

variable "public_url" {
  type        = string
  default     = null
  description = "What addresses of renditions begin with; empty: DomainName, else the CDN's own"

  validation {
    condition     = var.public_url == null ? true : can(regex("^(?:|https?://[^/]+(/[^/]+)*)$", var.public_url))
    error_message = "public_url: empty, or an address without a slash at its end."
  }
}

variable "page_sources" {
  type        = string
  default     = null
  description = "More addresses that the page may reach; a local cloud's are not AWS's"
}

locals {
  # What is null is left out: the release's default holds.
  given = {
    TicketMinutes           = var.ticket_minutes
    MaxTries                = var.max_tries
    RetrySeconds            = var.retry_seconds
    SweepSeconds            = var.sweep_seconds
    OriginalsNoncurrentDays = var.originals_noncurrent_days
    OriginalsClass          = var.originals_class
    OriginalsColdDays       = var.originals_cold_days
    DevelopMemoryMib        = var.develop_memory_mib
    DevelopConcurrency      = var.develop_concurrency
    DevelopReserved         = var.develop_reserved
    CatalogueMemoryMib      = var.catalogue_memory_mib
    CatalogueConcurrency    = var.catalogue_concurrency
    CatalogueReserved       = var.catalogue_reserved
    ApiMemoryMib            = var.api_memory_mib
    ApiReserved             = var.api_reserved
    ThrottleRate            = var.throttle_rate
    ThrottleBurst           = var.throttle_burst
    CorsOrigins             = var.cors_origins == null ? null : join(",", var.cors_origins)
    OriginalsReadable       = var.originals_readable
    PriceClass              = var.price_class
    LogDays                 = var.log_days
    AlarmEmail              = var.alarm_email
    MonthlyBudget           = var.monthly_budget
    AccessLogsDays          = var.access_logs_days
    Tracing                 = var.tracing
    WebAcl                  = var.web_acl
    PermissionsBoundary     = var.permissions_boundary
    KmsKey                  = var.kms_key
    DomainName              = var.domain_name
    HostedZone              = var.hosted_zone
    CertificateArn          = var.certificate_arn
    PublicUrl               = var.public_url
    PageSources             = var.page_sources
  }
}
