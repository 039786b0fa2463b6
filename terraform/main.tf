# The release's template as a CloudFormation stack: packages are uploaded before it, the page after it.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  release = jsondecode(file("${var.release}/release.json"))
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.id # provider 5's `name` is `region` in 6; both have this

  # S3 allows 63 characters and no capitals; deploy.sh and `tintype deploy` use the same name.
  wanted_bucket = "${var.name}-packages-${local.account}-${local.region}"
  hashed_bucket = "${replace(lower(substr(local.wanted_bucket, 0, 46)), "/-+$/", "")}-${substr(sha256(local.wanted_bucket), 0, 16)}"
  is_bucket     = length(local.wanted_bucket) <= 63 && local.wanted_bucket == lower(local.wanted_bucket)
  bucket        = coalesce(var.packages_bucket, local.is_bucket ? local.wanted_bucket : local.hashed_bucket)

  template = "${var.release}/${local.release.template}"
  mode     = var.public ? "open" : coalesce(var.access_mode, jsondecode(file(local.template)).Parameters.AccessMode.Default)
  index    = "index.html"
  site     = { for file in local.release.site : file.path => file }

  # While a plan changes the stack its outputs are unknown, and objects in an unknown bucket would be
  # replaced. The stack's ID, from which the bucket's name is derived, does not change.
  site_bucket = "tintype-site-${split("/", aws_cloudformation_stack.this.id)[2]}"

  config = {
    apiUrl            = "/api"
    graphqlUrl        = aws_cloudformation_stack.this.outputs["GraphqlUrl"]
    realtimeUrl       = aws_cloudformation_stack.this.outputs["GraphqlRealtimeUrl"]
    apiKey            = aws_cloudformation_stack.this.outputs["GraphqlApiKey"]
    region            = aws_cloudformation_stack.this.outputs["Region"]
    access            = aws_cloudformation_stack.this.outputs["Access"]
    accessMode        = aws_cloudformation_stack.this.outputs["AccessMode"]
    anyone            = aws_cloudformation_stack.this.outputs["Anyone"]
    visibility        = aws_cloudformation_stack.this.outputs["Visibility"]
    originalsReadable = aws_cloudformation_stack.this.outputs["OriginalsReadable"]
    delivery = {
      unsigned = aws_cloudformation_stack.this.outputs["DeliveryUnsigned"]
      widths   = aws_cloudformation_stack.this.outputs["DeliveryWidths"]
    }
    signIn = {
      issuer   = aws_cloudformation_stack.this.outputs["SignInIssuer"]
      clientId = aws_cloudformation_stack.this.outputs["SignInClientId"]
      url      = aws_cloudformation_stack.this.outputs["SignInUrl"]
      scope    = aws_cloudformation_stack.this.outputs["SignInScope"]
      audience = aws_cloudformation_stack.this.outputs["SignInAudience"]
    }
    maxBytes = local.release.maxBytes
  }
}

# The packages

resource "aws_s3_bucket" "packages" {
  bucket        = local.bucket
  force_destroy = true # its content comes with the release
  tags          = merge(var.tags, { "tintype:stack" = var.name })
}

resource "aws_s3_bucket_public_access_block" "packages" {
  bucket                  = aws_s3_bucket.packages.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "packages" {
  bucket = aws_s3_bucket.packages.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.packages.arn, "${aws_s3_bucket.packages.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.packages]
}

resource "aws_s3_object" "package" {
  for_each = toset(local.release.packages) # their names are digests of their content

  bucket = aws_s3_bucket_policy.packages.bucket
  key    = each.key
  source = "${var.release}/packages/${each.key}"

  lifecycle {
    create_before_destroy = true # delete the old packages only after the stack has changed
  }
}

resource "aws_s3_object" "template" {
  bucket = aws_s3_bucket_policy.packages.bucket
  key    = "templates/${filesha256(local.template)}.json"
  source = local.template

  lifecycle {
    create_before_destroy = true
  }
}

# The service

resource "aws_cloudformation_stack" "this" {
  name         = var.name
  template_url = "https://s3.${local.region}.${data.aws_partition.current.dns_suffix}/${aws_s3_object.template.bucket}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"] # no role has a custom name
  iam_role_arn = var.role_arn
  tags         = var.tags

  parameters = merge(
    { for name, value in local.given : name => tostring(value) if value != null },
    { AccessMode = local.mode, PackagesBucket = aws_s3_bucket.packages.id },
  )

  depends_on = [aws_s3_object.package, terraform_data.kept]

  lifecycle {
    precondition {
      condition     = var.public || local.mode != "open"
      error_message = "There is no sign-in: anyone who knows its address can do what [access] anyone allows, by default see every image and upload more. Set public = true to confirm it."
    }
    precondition {
      condition     = data.aws_partition.current.partition == "aws"
      error_message = "GovCloud has no CloudFront, and China's lacks origin access control, functions and cache policies. Choose a region of the partition aws."
    }
    postcondition {
      condition     = self.outputs["SiteBucket"] == "tintype-site-${split("/", self.id)[2]}"
      error_message = "The page's bucket does not have the name that this module expects. Use a release of the same version as the module."
    }
  }

  timeouts {
    create = "60m" # the distribution takes up to fifteen minutes
    update = "60m"
    delete = "60m"
  }
}

# The page

resource "aws_s3_object" "site" {
  for_each = { for path, file in local.site : path => file if path != local.index }

  bucket        = local.site_bucket
  key           = each.key
  source        = "${var.release}/site/${each.key}"
  source_hash   = each.value.sha256
  content_type  = each.value.contentType
  cache_control = each.value.cacheControl
}

resource "aws_s3_object" "config" {
  bucket        = local.site_bucket
  key           = "config.json"
  content       = jsonencode(local.config)
  content_type  = "application/json"
  cache_control = "no-cache"
}

# The index comes last, so that all files it refers to exist. The CDN revalidates it on every request.
resource "aws_s3_object" "index" {
  for_each = { for path, file in local.site : path => file if path == local.index }

  bucket        = local.site_bucket
  key           = each.key
  source        = "${var.release}/site/${each.key}"
  source_hash   = each.value.sha256
  content_type  = each.value.contentType
  cache_control = each.value.cacheControl

  depends_on = [aws_s3_object.site, aws_s3_object.config]
}

# On destroy, the images are kept unless delete_images is true by then.

locals {
  deleting = {
    delete = var.delete_images
    script = abspath("${var.release}/deploy.sh")
    stack  = var.name
    region = local.region
  }
}

# Before the stack is deleted, since CloudFormation only deletes empty buckets.
resource "terraform_data" "images" {
  input      = local.deleting
  depends_on = [aws_cloudformation_stack.this]

  provisioner "local-exec" {
    when        = destroy
    command     = "[ \"$DELETE\" != true ] || \"$SCRIPT\" empty --yes --stack \"$STACK\" --region \"$REGION\""
    environment = { DELETE = self.output.delete, SCRIPT = self.output.script, STACK = self.output.stack, REGION = self.output.region }
  }
}

# After the stack is deleted: with keep_data it leaves its buckets and its table.
resource "terraform_data" "kept" {
  input = local.deleting

  provisioner "local-exec" {
    when        = destroy
    command     = "[ \"$DELETE\" != true ] || \"$SCRIPT\" empty --yes --stack \"$STACK\" --region \"$REGION\""
    environment = { DELETE = self.output.delete, SCRIPT = self.output.script, STACK = self.output.stack, REGION = self.output.region }
  }
}
