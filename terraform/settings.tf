# Written by `make tables` from the template; a test fails if it differs.

variable "ticket_minutes" {
  type        = number
  default     = null
  description = "Minutes that an upload link is valid"

  validation {
    condition     = var.ticket_minutes == null ? true : var.ticket_minutes == floor(var.ticket_minutes) && var.ticket_minutes >= 1 && var.ticket_minutes <= 60
    error_message = "ticket_minutes: a whole number from 1 to 60."
  }
}

variable "max_tries" {
  type        = number
  default     = null
  description = "Tries before an original goes to the dead-letter queue"

  validation {
    condition     = var.max_tries == null ? true : var.max_tries == floor(var.max_tries) && var.max_tries >= 5 && var.max_tries <= 100
    error_message = "max_tries: a whole number from 5 to 100."
  }
}

variable "retry_seconds" {
  type        = number
  default     = null
  description = "Seconds between a failed try and the next"

  validation {
    condition     = var.retry_seconds == null ? true : var.retry_seconds == floor(var.retry_seconds) && var.retry_seconds >= 30 && var.retry_seconds <= 3600
    error_message = "retry_seconds: a whole number from 30 to 3600."
  }
}

variable "sweep_seconds" {
  type        = number
  default     = null
  description = "Seconds until replaced renditions are removed"

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
  description = "Storage class that old originals move to"

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

variable "process_memory_mib" {
  type        = number
  default     = null
  description = "MiB of memory; CPU grows with it"

  validation {
    condition     = var.process_memory_mib == null ? true : var.process_memory_mib == floor(var.process_memory_mib) && var.process_memory_mib >= 2048 && var.process_memory_mib <= 10240
    error_message = "process_memory_mib: a whole number from 2048 to 10240."
  }
}

variable "process_concurrency" {
  type        = number
  default     = null
  description = "Batches processed at the same time"

  validation {
    condition     = var.process_concurrency == null ? true : var.process_concurrency == floor(var.process_concurrency) && var.process_concurrency >= 2 && var.process_concurrency <= 1000
    error_message = "process_concurrency: a whole number from 2 to 1000."
  }
}

variable "background_concurrency" {
  type        = number
  default     = null
  description = "Originals processed at the same time for operators: reprocess, backfill, redrive"

  validation {
    condition     = var.background_concurrency == null ? true : var.background_concurrency == floor(var.background_concurrency) && var.background_concurrency >= 2 && var.background_concurrency <= 1000
    error_message = "background_concurrency: a whole number from 2 to 1000."
  }
}

variable "process_reserved" {
  type        = number
  default     = null
  description = "Concurrent runs reserved for this function; 0: none"

  validation {
    condition     = var.process_reserved == null ? true : var.process_reserved == floor(var.process_reserved) && var.process_reserved >= 0 && var.process_reserved <= 1000
    error_message = "process_reserved: 0, or a whole number from 1 to 1000."
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
  description = "Batches processed at the same time"

  validation {
    condition     = var.catalogue_concurrency == null ? true : var.catalogue_concurrency == floor(var.catalogue_concurrency) && var.catalogue_concurrency >= 2 && var.catalogue_concurrency <= 1000
    error_message = "catalogue_concurrency: a whole number from 2 to 1000."
  }
}

variable "catalogue_reserved" {
  type        = number
  default     = null
  description = "Concurrent runs reserved for this function; 0: none"

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
  description = "Concurrent runs reserved for this function; 0: none"

  validation {
    condition     = var.api_reserved == null ? true : var.api_reserved == floor(var.api_reserved) && var.api_reserved >= 0 && var.api_reserved <= 1000
    error_message = "api_reserved: 0, or a whole number from 1 to 1000."
  }
}

variable "render_memory_mib" {
  type        = number
  default     = null
  description = "MiB of memory; CPU grows with it"

  validation {
    condition     = var.render_memory_mib == null ? true : var.render_memory_mib == floor(var.render_memory_mib) && var.render_memory_mib >= 1769 && var.render_memory_mib <= 10240
    error_message = "render_memory_mib: a whole number from 1769 to 10240."
  }
}

variable "render_concurrency" {
  type        = number
  default     = null
  description = "Pictures of any size rendered at the same time, reserved; 0: no maximum"

  validation {
    condition     = var.render_concurrency == null ? true : var.render_concurrency == floor(var.render_concurrency) && var.render_concurrency >= 0 && var.render_concurrency <= 1000
    error_message = "render_concurrency: a whole number from 0 to 1000."
  }
}

variable "throttle_rate" {
  type        = number
  default     = null
  description = "API requests per second"

  validation {
    condition     = var.throttle_rate == null ? true : var.throttle_rate == floor(var.throttle_rate) && var.throttle_rate >= 1 && var.throttle_rate <= 10000
    error_message = "throttle_rate: a whole number from 1 to 10000."
  }
}

variable "throttle_burst" {
  type        = number
  default     = null
  description = "API requests at once"

  validation {
    condition     = var.throttle_burst == null ? true : var.throttle_burst == floor(var.throttle_burst) && var.throttle_burst >= 1 && var.throttle_burst <= 5000
    error_message = "throttle_burst: a whole number from 1 to 5000."
  }
}

variable "quota_images" {
  type        = number
  default     = null
  description = "Images that an owner may have; 0: no limit"

  validation {
    condition     = var.quota_images == null ? true : var.quota_images == floor(var.quota_images) && var.quota_images >= 0 && var.quota_images <= 1000000000
    error_message = "quota_images: a whole number from 0 to 1e+09."
  }
}

variable "quota_bytes" {
  type        = number
  default     = null
  description = "Bytes that an owner's originals may have together; 0: no limit"

  validation {
    condition     = var.quota_bytes == null ? true : var.quota_bytes == floor(var.quota_bytes) && var.quota_bytes >= 0 && var.quota_bytes <= 1000000000000000
    error_message = "quota_bytes: a whole number from 0 to 1e+15."
  }
}

variable "quota_requests" {
  type        = number
  default     = null
  description = "API requests of an owner per minute; 0: no limit"

  validation {
    condition     = var.quota_requests == null ? true : var.quota_requests == floor(var.quota_requests) && var.quota_requests >= 0 && var.quota_requests <= 100000
    error_message = "quota_requests: a whole number from 0 to 100000."
  }
}

variable "cors_origins" {
  type        = list(string)
  default     = null
  description = "Other sites whose pages may call the service; `*`: all sites"

  validation {
    condition     = var.cors_origins == null ? true : alltrue([for one in var.cors_origins : can(regex("^(?:|\\*|https?://[a-z0-9.-]+(:\\d+)?)$", one))])
    error_message = "cors_origins: a list of up to 20."
  }
}

variable "originals_readable" {
  type        = string
  default     = null
  description = "In mode open, everyone gets links to originals, with all their metadata"

  validation {
    condition     = var.originals_readable == null ? true : contains(["true", "false"], var.originals_readable)
    error_message = "originals_readable: true or false."
  }
}

variable "bucket_owner" {
  type        = string
  default     = null
  description = "Owner of objects put into the bucket directly"

  validation {
    condition     = var.bucket_owner == null ? true : length(var.bucket_owner) <= 128 && can(regex("^(?:[!-.0-~]{1,128})$", var.bucket_owner))
    error_message = "bucket_owner: an owner: printable ASCII without spaces or slashes."
  }
}

variable "price_class" {
  type        = string
  default     = null
  description = "CloudFront locations that serve renditions"

  validation {
    condition     = var.price_class == null ? true : contains(["cheapest", "most", "all"], var.price_class)
    error_message = "price_class: cheapest, most or all."
  }
}

variable "signing_key_generation" {
  type        = number
  default     = null
  description = "A higher number makes a new key for private addresses"

  validation {
    condition     = var.signing_key_generation == null ? true : var.signing_key_generation == floor(var.signing_key_generation) && var.signing_key_generation >= 1 && var.signing_key_generation <= 1000
    error_message = "signing_key_generation: a whole number from 1 to 1000."
  }
}

variable "log_days" {
  type        = number
  default     = null
  description = "Days that logs are kept"

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
  description = "US dollars per month for the whole account, reported to alarm_email; 0: no budget"

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
  description = "Whether X-Ray traces requests through the functions"

  validation {
    condition     = var.tracing == null ? true : contains(["off", "active"], var.tracing)
    error_message = "tracing: off or active."
  }
}

variable "web_acl" {
  type        = string
  default     = null
  description = "ARN of an AWS WAF web ACL for the CDN; empty: none"

  validation {
    condition     = var.web_acl == null ? true : length(var.web_acl) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:wafv2:us-east-1:\\d{12}:global/webacl/[^/]+/[0-9a-f-]+)$", var.web_acl))
    error_message = "web_acl: empty, or the ARN of a global web ACL, which is in us-east-1."
  }
}

variable "permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the permissions boundary for all roles of the stack; empty: none"

  validation {
    condition     = var.permissions_boundary == null ? true : length(var.permissions_boundary) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:iam::(\\d{12}|aws):policy/.+)$", var.permissions_boundary))
    error_message = "permissions_boundary: empty, or the ARN of an IAM policy."
  }
}

variable "kms_key" {
  type        = string
  default     = null
  description = "ARN of your own key for stored, queued and logged data; empty: none"

  validation {
    condition     = var.kms_key == null ? true : length(var.kms_key) <= 2048 && can(regex("^(?:|arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key/[0-9A-Za-z-]+)$", var.kms_key))
    error_message = "kms_key: empty, or the ARN of a KMS key."
  }
}

variable "access_mode" {
  type        = string
  default     = null
  description = "Who can use the service"

  validation {
    condition     = var.access_mode == null ? true : contains(["open", "cognito", "oidc"], var.access_mode)
    error_message = "access_mode: open, cognito or oidc."
  }
}

variable "anyone" {
  type        = list(string)
  default     = null
  description = "In mode open, what anyone can do"

  validation {
    condition     = var.anyone == null ? true : alltrue([for one in var.anyone : can(regex("^(?:|read|upload|delete|admin)$", one))])
    error_message = "anyone: a list of up to 4."
  }
}

variable "access_sign_up" {
  type        = string
  default     = null
  description = "In mode cognito, visitors can create an account"

  validation {
    condition     = var.access_sign_up == null ? true : contains(["true", "false"], var.access_sign_up)
    error_message = "access_sign_up: true or false."
  }
}

variable "access_admin_group" {
  type        = string
  default     = null
  description = "Group whose members can see and change everyone's images"

  validation {
    condition     = var.access_admin_group == null ? true : length(var.access_admin_group) <= 128 && can(regex("^(?:[A-Za-z0-9_.:/@+-]+)$", var.access_admin_group))
    error_message = "access_admin_group: a group: letters, digits and _.:/@+-."
  }
}

variable "access_visibility" {
  type        = string
  default     = null
  description = "Who can get an image's renditions, if its upload does not say"

  validation {
    condition     = var.access_visibility == null ? true : contains(["public", "private"], var.access_visibility)
    error_message = "access_visibility: public or private."
  }
}

variable "access_issuer" {
  type        = string
  default     = null
  description = "For mode oidc: issuer of the tokens; empty: none"

  validation {
    condition     = var.access_issuer == null ? true : length(var.access_issuer) <= 512 && can(regex("^(?:|https://[^\\s?#]+|http://(localhost|127\\.0\\.0\\.1)(:\\d+)?(/[^\\s?#]*)?)$", var.access_issuer))
    error_message = "access_issuer: empty, or an issuer like \"https://login.example.com/realms/main\"."
  }
}

variable "access_audience" {
  type        = string
  default     = null
  description = "For mode oidc: audience of the access tokens; empty: none"

  validation {
    condition     = var.access_audience == null ? true : length(var.access_audience) <= 512 && can(regex("^(?:|[A-Za-z0-9_.:/@%&=#~!-]+)$", var.access_audience))
    error_message = "access_audience: empty, or an audience: letters, digits and _.:/@%&=#~!-."
  }
}

variable "access_client_id" {
  type        = string
  default     = null
  description = "For mode oidc: ID of the public client of the page and the command line; empty: none"

  validation {
    condition     = var.access_client_id == null ? true : length(var.access_client_id) <= 256 && can(regex("^(?:|[!-~]+)$", var.access_client_id))
    error_message = "access_client_id: empty, or a client's ID: printable ASCII without spaces."
  }
}

variable "access_scope" {
  type        = string
  default     = null
  description = "For mode oidc: OAuth scopes requested at sign-in"

  validation {
    condition     = var.access_scope == null ? true : length(var.access_scope) <= 512 && can(regex("^(?:[!-~]+( [!-~]+)*)$", var.access_scope))
    error_message = "access_scope: scopes separated by a space."
  }
}

variable "access_groups_claim" {
  type        = string
  default     = null
  description = "For mode oidc: claim of the access token with the groups"

  validation {
    condition     = var.access_groups_claim == null ? true : length(var.access_groups_claim) <= 256 && can(regex("^(?:[!-~]+)$", var.access_groups_claim))
    error_message = "access_groups_claim: the name of a claim: printable ASCII without spaces."
  }
}

variable "domain_name" {
  type        = string
  default     = null
  description = "Custom domain name of the CDN; empty: none"

  validation {
    condition     = var.domain_name == null ? true : length(var.domain_name) <= 253 && can(regex("^(?:|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9-]*[a-z0-9])$", var.domain_name))
    error_message = "domain_name: empty, or a domain name like \"images.example.com\"."
  }
}

variable "hosted_zone" {
  type        = string
  default     = null
  description = "ID of the Route 53 zone for the name's records; empty: none"

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
    error_message = "certificate_arn: empty, or the ARN of a certificate in us-east-1, as CloudFront requires."
  }
}

variable "public_url" {
  type        = string
  default     = null
  description = "Base URL of the renditions; empty: DomainName, or else the CDN's own domain"

  validation {
    condition     = var.public_url == null ? true : can(regex("^(?:|https?://[^/]+(/[^/]+)*)$", var.public_url))
    error_message = "public_url: empty, or a URL without a trailing slash."
  }
}

variable "page_sources" {
  type        = string
  default     = null
  description = "Additional URLs that the page may connect to, for a local cloud"
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
    ProcessMemoryMib        = var.process_memory_mib
    ProcessConcurrency      = var.process_concurrency
    BackgroundConcurrency   = var.background_concurrency
    ProcessReserved         = var.process_reserved
    CatalogueMemoryMib      = var.catalogue_memory_mib
    CatalogueConcurrency    = var.catalogue_concurrency
    CatalogueReserved       = var.catalogue_reserved
    ApiMemoryMib            = var.api_memory_mib
    ApiReserved             = var.api_reserved
    RenderMemoryMib         = var.render_memory_mib
    RenderConcurrency       = var.render_concurrency
    ThrottleRate            = var.throttle_rate
    ThrottleBurst           = var.throttle_burst
    QuotaImages             = var.quota_images
    QuotaBytes              = var.quota_bytes
    QuotaRequests           = var.quota_requests
    CorsOrigins             = var.cors_origins == null ? null : join(",", var.cors_origins)
    OriginalsReadable       = var.originals_readable
    BucketOwner             = var.bucket_owner
    PriceClass              = var.price_class
    SigningKeyGeneration    = var.signing_key_generation
    LogDays                 = var.log_days
    AlarmEmail              = var.alarm_email
    MonthlyBudget           = var.monthly_budget
    AccessLogsDays          = var.access_logs_days
    Tracing                 = var.tracing
    WebAcl                  = var.web_acl
    PermissionsBoundary     = var.permissions_boundary
    KmsKey                  = var.kms_key
    AccessMode              = var.access_mode
    Anyone                  = var.anyone == null ? null : join(",", var.anyone)
    AccessSignUp            = var.access_sign_up
    AccessAdminGroup        = var.access_admin_group
    AccessVisibility        = var.access_visibility
    AccessIssuer            = var.access_issuer
    AccessAudience          = var.access_audience
    AccessClientId          = var.access_client_id
    AccessScope             = var.access_scope
    AccessGroupsClaim       = var.access_groups_claim
    DomainName              = var.domain_name
    HostedZone              = var.hosted_zone
    CertificateArn          = var.certificate_arn
    PublicUrl               = var.public_url
    PageSources             = var.page_sources
  }
}
