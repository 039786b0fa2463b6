# Written by `make tables` from the template; a test fails if it differs.

output "api_url" {
  description = "URL of the HTTP API, through the CDN"
  value       = aws_cloudformation_stack.this.outputs["ApiUrl"]
}

output "cdn_url" {
  description = "URL of the page, and base URL of all renditions"
  value       = aws_cloudformation_stack.this.outputs["CdnUrl"]
}

output "http_api_url" {
  description = "API Gateway's own URL of the HTTP API, behind the CDN"
  value       = aws_cloudformation_stack.this.outputs["HttpApiUrl"]
}

output "graphql_url" {
  description = "URL for GraphQL queries"
  value       = aws_cloudformation_stack.this.outputs["GraphqlUrl"]
}

output "graphql_realtime_url" {
  description = "WebSocket URL for GraphQL subscriptions"
  value       = aws_cloudformation_stack.this.outputs["GraphqlRealtimeUrl"]
}

output "graphql_api_key" {
  description = "In mode open, the key for GraphQL queries and subscriptions: public and read-only"
  value       = aws_cloudformation_stack.this.outputs["GraphqlApiKey"]
}

output "originals_readable" {
  description = "Whether the API issues links to originals, `true` or `false`"
  value       = aws_cloudformation_stack.this.outputs["OriginalsReadable"]
}

output "process_queue_url" {
  description = "Queue of the originals to process"
  value       = aws_cloudformation_stack.this.outputs["ProcessQueueUrl"]
}

output "background_queue_url" {
  description = "Queue of the originals that nobody waits for: reprocess, backfill, redrive"
  value       = aws_cloudformation_stack.this.outputs["BackgroundQueueUrl"]
}

output "process_failed_queue_url" {
  description = "Queue of the originals that failed on every try, until the failure is recorded"
  value       = aws_cloudformation_stack.this.outputs["ProcessFailedQueueUrl"]
}

output "process_dead_letter_queue_url" {
  description = "Dead-letter queue of the originals; `tintype redrive` retries its messages"
  value       = aws_cloudformation_stack.this.outputs["ProcessDeadLetterQueueUrl"]
}

output "catalogue_queue_url" {
  description = "Queue of the manifests to record"
  value       = aws_cloudformation_stack.this.outputs["CatalogueQueueUrl"]
}

output "catalogue_dead_letter_queue_url" {
  description = "Dead-letter queue of the manifests; `tintype redrive` retries its messages"
  value       = aws_cloudformation_stack.this.outputs["CatalogueDeadLetterQueueUrl"]
}

output "graphql_api_id" {
  description = "ID of the GraphQL API"
  value       = aws_cloudformation_stack.this.outputs["GraphqlApiId"]
}

output "distribution_id" {
  description = "ID of the CloudFront distribution"
  value       = aws_cloudformation_stack.this.outputs["DistributionId"]
}

output "distribution_domain" {
  description = "The distribution's own domain, for DNS records that you create yourself"
  value       = aws_cloudformation_stack.this.outputs["DistributionDomain"]
}

output "originals_bucket" {
  description = "Bucket of the originals; objects put into it are processed"
  value       = aws_cloudformation_stack.this.outputs["OriginalsBucket"]
}

output "renditions_bucket" {
  description = "Bucket of the renditions and manifests"
  value       = aws_cloudformation_stack.this.outputs["RenditionsBucket"]
}

output "site_bucket" {
  description = "Bucket of the page's files"
  value       = aws_cloudformation_stack.this.outputs["SiteBucket"]
}

output "images_table" {
  description = "Table of the images' records"
  value       = aws_cloudformation_stack.this.outputs["ImagesTable"]
}

output "api_function" {
  description = "Name of the function behind the HTTP API"
  value       = aws_cloudformation_stack.this.outputs["ApiFunction"]
}

output "process_function" {
  description = "Name of the function that processes originals"
  value       = aws_cloudformation_stack.this.outputs["ProcessFunction"]
}

output "catalogue_function" {
  description = "Name of the function that records and announces"
  value       = aws_cloudformation_stack.this.outputs["CatalogueFunction"]
}

output "render_function" {
  description = "Name of the function that renders any size"
  value       = aws_cloudformation_stack.this.outputs["RenderFunction"]
}

output "region" {
  description = "Region of the stack"
  value       = aws_cloudformation_stack.this.outputs["Region"]
}

output "version" {
  description = "Deployed version of Tintype"
  value       = aws_cloudformation_stack.this.outputs["Version"]
}

output "access" {
  description = "In mode open, who can use the stack, in a sentence"
  value       = aws_cloudformation_stack.this.outputs["Access"]
}

output "access_mode" {
  description = "Who can use the stack: `open`, `cognito` or `oidc`"
  value       = aws_cloudformation_stack.this.outputs["AccessMode"]
}

output "access_table" {
  description = "Table of the API keys' hashes"
  value       = aws_cloudformation_stack.this.outputs["AccessTable"]
}

output "visibility" {
  description = "Who can get an image's renditions, if its upload does not say: `public` or `private`"
  value       = aws_cloudformation_stack.this.outputs["Visibility"]
}

output "delivery_unsigned" {
  description = "What addresses of any size are open without a signature: `grid`, `presets` or `none`"
  value       = aws_cloudformation_stack.this.outputs["DeliveryUnsigned"]
}

output "delivery_widths" {
  description = "The grid's widths in pixels, separated by commas"
  value       = aws_cloudformation_stack.this.outputs["DeliveryWidths"]
}

output "anyone" {
  description = "In mode open, what anyone can do"
  value       = aws_cloudformation_stack.this.outputs["Anyone"]
}

output "sign_in_issuer" {
  description = "Issuer of the access tokens; empty in mode open"
  value       = aws_cloudformation_stack.this.outputs["SignInIssuer"]
}

output "sign_in_client_id" {
  description = "ID of the public client with which the page and the command line sign in"
  value       = aws_cloudformation_stack.this.outputs["SignInClientId"]
}

output "sign_in_url" {
  description = "In mode cognito, base URL of the sign-in page"
  value       = aws_cloudformation_stack.this.outputs["SignInUrl"]
}

output "sign_in_scope" {
  description = "OAuth scopes requested at sign-in"
  value       = aws_cloudformation_stack.this.outputs["SignInScope"]
}

output "sign_in_audience" {
  description = "In mode oidc, audience requested at sign-in"
  value       = aws_cloudformation_stack.this.outputs["SignInAudience"]
}

output "user_pool_id" {
  description = "In mode cognito, ID of the user pool"
  value       = aws_cloudformation_stack.this.outputs["UserPoolId"]
}

output "admin_group" {
  description = "Where people sign in, group whose members are admins"
  value       = aws_cloudformation_stack.this.outputs["AdminGroup"]
}
