# What the module makes of its variables, without an account: `terraform test`. The releases of tests/release
# hold nothing that would run.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { dns_suffix = "amazonaws.com", partition = "aws" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = {
      id  = "tintype-packages-123456789012-eu-central-1"
      arn = "arn:aws:s3:::tintype-packages-123456789012-eu-central-1"
    }
  }
  mock_resource "aws_cloudformation_stack" {
    defaults = {
      id = "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/1b4e28ba-2fa1-11d2-883f-0016d3cca427"
      outputs = {
        Access                      = "open"
        AccessMode                  = "open"
        AccessTable                 = "access"
        AdminGroup                  = "admin"
        Anyone                      = "read,upload"
        ApiUrl                      = "https://d1.cloudfront.net/api"
        CdnUrl                      = "https://d1.cloudfront.net"
        HttpApiUrl                  = "https://a1.execute-api.eu-central-1.amazonaws.com"
        GraphqlUrl                  = "https://g1.appsync-api.eu-central-1.amazonaws.com/graphql"
        GraphqlRealtimeUrl          = "wss://g1.appsync-realtime-api.eu-central-1.amazonaws.com/graphql"
        GraphqlApiKey               = "da2-key"
        OriginalsReadable           = "false"
        ProcessQueueUrl             = "https://sqs.eu-central-1.amazonaws.com/123456789012/process"
        BackgroundQueueUrl          = "https://sqs.eu-central-1.amazonaws.com/123456789012/background"
        ProcessFailedQueueUrl       = "https://sqs.eu-central-1.amazonaws.com/123456789012/process-failed"
        ProcessDeadLetterQueueUrl   = "https://sqs.eu-central-1.amazonaws.com/123456789012/process-dead"
        CatalogueQueueUrl           = "https://sqs.eu-central-1.amazonaws.com/123456789012/catalogue"
        CatalogueDeadLetterQueueUrl = "https://sqs.eu-central-1.amazonaws.com/123456789012/catalogue-dead"
        GraphqlApiId                = "g1"
        DistributionId              = "E1"
        DistributionDomain          = "d1.cloudfront.net"
        OriginalsBucket             = "tintype-originals-1b4e28ba-2fa1-11d2-883f-0016d3cca427"
        RenditionsBucket            = "tintype-renditions-1b4e28ba-2fa1-11d2-883f-0016d3cca427"
        SiteBucket                  = "tintype-site-1b4e28ba-2fa1-11d2-883f-0016d3cca427"
        ImagesTable                 = "images"
        ApiFunction                 = "api"
        ProcessFunction             = "process"
        CatalogueFunction           = "catalogue"
        RenderFunction              = "render"
        DeliveryUnsigned            = "grid"
        DeliveryWidths              = "320,640"
        Region                      = "eu-central-1"
        SignInAudience              = ""
        SignInClientId              = "client"
        SignInIssuer                = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a"
        SignInScope                 = "openid email profile"
        SignInUrl                   = "https://tintype-sign-in.auth.eu-central-1.amazoncognito.com"
        UserPoolId                  = "eu-central-1_a"
        Version                     = "1.0.0"
        Visibility                  = "public"
      }
    }
  }
}

variables {
  release = "tests/release"
}

run "what_is_not_given_has_the_releases_default" {
  command = plan

  assert {
    condition     = join(" ", keys(aws_cloudformation_stack.this.parameters)) == "AccessMode PackagesBucket"
    error_message = "parameters: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
  assert {
    condition     = aws_cloudformation_stack.this.parameters["AccessMode"] == "cognito"
    error_message = "parameters: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
}

run "china_is_refused" {
  command = plan

  override_data {
    target = data.aws_partition.current
    values = { dns_suffix = "amazonaws.com.cn", partition = "aws-cn" }
  }

  expect_failures = [aws_cloudformation_stack.this]
}

run "an_open_stack_must_be_meant" {
  command = plan

  variables {
    access_mode = "open"
  }

  expect_failures = [aws_cloudformation_stack.this]
}

run "public_opens_the_stack" {
  command = plan

  variables {
    public = true
  }

  assert {
    condition     = aws_cloudformation_stack.this.parameters["AccessMode"] == "open"
    error_message = "parameters: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
}

run "the_stack_has_its_tags_and_cloudformation_its_role" {
  command = plan

  variables {
    tags     = { team = "web" }
    role_arn = "arn:aws:iam::123456789012:role/cloudformation"
  }

  assert {
    condition     = aws_cloudformation_stack.this.tags["team"] == "web" && aws_cloudformation_stack.this.iam_role_arn == var.role_arn
    error_message = "tags: ${jsonencode(aws_cloudformation_stack.this.tags)}, role: ${aws_cloudformation_stack.this.iam_role_arn}"
  }
  assert {
    condition     = aws_cloudformation_stack.this.capabilities == toset(["CAPABILITY_IAM"])
    error_message = "No role has a name, so CloudFormation need not be allowed to give one."
  }
}

run "a_setting_becomes_a_parameter" {
  command = plan

  variables {
    ticket_minutes = 5
    cors_origins   = ["https://www.example.com", "http://localhost:3000"]
    alarm_email    = ""
    log_days       = 3653
  }

  assert {
    condition     = aws_cloudformation_stack.this.parameters["TicketMinutes"] == "5" && aws_cloudformation_stack.this.parameters["LogDays"] == "3653"
    error_message = "numbers: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
  assert {
    condition     = aws_cloudformation_stack.this.parameters["CorsOrigins"] == "https://www.example.com,http://localhost:3000"
    error_message = "a list: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
  assert {
    condition     = aws_cloudformation_stack.this.parameters["AlarmEmail"] == ""
    error_message = "empty is not the same as not given: ${jsonencode(aws_cloudformation_stack.this.parameters)}"
  }
}

run "what_the_template_would_refuse_is_refused_before" {
  command = plan

  variables {
    name                = "not a name"
    release             = "tests"
    ticket_minutes      = 61
    max_tries           = 1.5
    log_days            = 8
    price_class         = "dearest"
    cors_origins        = ["https://www.example.com/"]
    alarm_email         = "nobody"
    domain_name         = "https://images.example.com"
    certificate_arn     = "arn:aws:acm:eu-central-1:123456789012:certificate/1b4e28ba"
    public_url          = "images.example.com"
    process_concurrency = 1
  }

  expect_failures = [
    var.name, var.release, var.ticket_minutes, var.max_tries, var.log_days, var.price_class, var.cors_origins,
    var.alarm_email, var.domain_name, var.certificate_arn, var.public_url, var.process_concurrency,
  ]
}

run "packages_and_page_go_where_the_stack_looks" {
  command = apply

  assert {
    condition     = aws_s3_bucket.packages.bucket == "tintype-packages-123456789012-eu-central-1"
    error_message = "packages: ${aws_s3_bucket.packages.bucket}"
  }
  assert {
    condition     = aws_cloudformation_stack.this.template_url == "https://s3.eu-central-1.amazonaws.com/tintype-packages-123456789012-eu-central-1/templates/${filesha256("tests/release/tintype.template.json")}.json"
    error_message = "template: ${aws_cloudformation_stack.this.template_url}"
  }
  assert {
    condition     = join(" ", keys(aws_s3_object.package)) == "00000000000000000000000000000000.zip"
    error_message = "packages: ${jsonencode(keys(aws_s3_object.package))}"
  }
  assert {
    condition     = aws_s3_object.site["main-ABCDEFGH.js"].cache_control == "public, max-age=31536000, immutable"
    error_message = "what has a hash in its name is kept for ever"
  }
  assert {
    condition     = aws_s3_object.index["index.html"].cache_control == "no-cache" && aws_s3_object.index["index.html"].bucket == output.site_bucket
    error_message = "the index is asked for each time"
  }
  assert {
    condition = jsondecode(aws_s3_object.config.content) == {
      apiUrl            = "/api"
      graphqlUrl        = "https://g1.appsync-api.eu-central-1.amazonaws.com/graphql"
      realtimeUrl       = "wss://g1.appsync-realtime-api.eu-central-1.amazonaws.com/graphql"
      apiKey            = "da2-key"
      region            = "eu-central-1"
      access            = "open"
      accessMode        = "open"
      anyone            = "read,upload"
      visibility        = "public"
      originalsReadable = "false"
      delivery = {
        unsigned = "grid"
        widths   = "320,640"
      }
      signIn = {
        issuer   = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a"
        clientId = "client"
        url      = "https://tintype-sign-in.auth.eu-central-1.amazoncognito.com"
        scope    = "openid email profile"
        audience = ""
      }
      maxBytes = 1000
    }
    error_message = "config.json: ${aws_s3_object.config.content}"
  }
}

run "a_name_that_no_bucket_can_have_is_hashed" {
  command = plan

  variables {
    name = "Pictures-of-a-department-with-a-name-of-many-words"
  }

  assert {
    condition     = aws_s3_bucket.packages.bucket == "pictures-of-a-department-with-a-name-of-many-w-${substr(sha256("Pictures-of-a-department-with-a-name-of-many-words-packages-123456789012-eu-central-1"), 0, 16)}"
    error_message = "packages: ${aws_s3_bucket.packages.bucket}"
  }
}
