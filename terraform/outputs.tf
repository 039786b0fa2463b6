# Written by `python -m tintype_infra.terraform` from the template; a test fails when it is not as that.

output "api_url" {
  description = "Address of the HTTP API, through the CDN: what clients are given"
  value       = aws_cloudformation_stack.this.outputs["ApiUrl"]
}

output "cdn_url" {
  description = "What the addresses of the page and of all renditions begin with"
  value       = aws_cloudformation_stack.this.outputs["CdnUrl"]
}

output "http_api_url" {
  description = "The HTTP API's own address, behind the CDN"
  value       = aws_cloudformation_stack.this.outputs["HttpApiUrl"]
}

output "graphql_url" {
  description = "Where GraphQL queries go"
  value       = aws_cloudformation_stack.this.outputs["GraphqlUrl"]
}

output "graphql_realtime_url" {
  description = "Where subscriptions connect, with WebSockets"
  value       = aws_cloudformation_stack.this.outputs["GraphqlRealtimeUrl"]
}

output "graphql_api_key" {
  description = "The page's key for GraphQL; it may only read, and is public"
  value       = aws_cloudformation_stack.this.outputs["GraphqlApiKey"]
}

output "originals_readable" {
  description = "Whether whoever may call the API gets links to originals."
  value       = aws_cloudformation_stack.this.outputs["OriginalsReadable"]
}

output "develop_queue_url" {
  description = "Queue of the originals to render"
  value       = aws_cloudformation_stack.this.outputs["DevelopQueueUrl"]
}

output "develop_failed_queue_url" {
  description = "Queue of the originals that failed on every try, until that is recorded"
  value       = aws_cloudformation_stack.this.outputs["DevelopFailedQueueUrl"]
}

output "develop_dead_letter_queue_url" {
  description = "Queue of the originals that were set aside; `tintype redrive` sends them again"
  value       = aws_cloudformation_stack.this.outputs["DevelopDeadLetterQueueUrl"]
}

output "catalogue_queue_url" {
  description = "Queue of the manifests to record"
  value       = aws_cloudformation_stack.this.outputs["CatalogueQueueUrl"]
}

output "catalogue_dead_letter_queue_url" {
  description = "Queue of the manifests that were set aside"
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
  description = "The distribution's own domain: what a CNAME of yours points to"
  value       = aws_cloudformation_stack.this.outputs["DistributionDomain"]
}

output "originals_bucket" {
  description = "Bucket of the originals"
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
  description = "Table of the images"
  value       = aws_cloudformation_stack.this.outputs["ImagesTable"]
}

output "api_function" {
  description = "Name of the function behind the HTTP API"
  value       = aws_cloudformation_stack.this.outputs["ApiFunction"]
}

output "develop_function" {
  description = "Name of the function that renders"
  value       = aws_cloudformation_stack.this.outputs["DevelopFunction"]
}

output "catalogue_function" {
  description = "Name of the function that records and announces"
  value       = aws_cloudformation_stack.this.outputs["CatalogueFunction"]
}

output "region" {
  description = "Region that the stack is in"
  value       = aws_cloudformation_stack.this.outputs["Region"]
}

output "version" {
  description = "Version of Tintype that is deployed"
  value       = aws_cloudformation_stack.this.outputs["Version"]
}

output "access" {
  description = "Who can do what with it"
  value       = aws_cloudformation_stack.this.outputs["Access"]
}
