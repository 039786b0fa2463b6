# When the page's key for GraphQL ends: 364 days after this week's Monday, so that a plan has a new one once
# a week. AppSync wants seconds since 1970, which Terraform has no function for; days are counted after
# Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil).

locals {
  now   = plantimestamp()
  month = tonumber(formatdate("M", local.now))
  day   = tonumber(formatdate("D", local.now))
  year  = tonumber(formatdate("YYYY", local.now)) - (local.month <= 2 ? 1 : 0) # it begins in March

  day_of_year = floor((153 * (local.month + (local.month > 2 ? -3 : 9)) + 2) / 5) + local.day - 1
  leap_days   = floor(local.year / 4) - floor(local.year / 100) + floor(local.year / 400)
  days        = local.year * 365 + local.leap_days + local.day_of_year - 719468
  this_monday = local.days - (local.days + 3) % 7 # day 0 was a Thursday
  key_expires = (local.this_monday + 364) * 86400
}
