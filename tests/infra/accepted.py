"""Accepted findings of cdk-nag, each with its reason; those of cfn-lint are `parameters.LINT`.

The tests fail on a finding that is missing here, and on an entry without a finding.
"""

from __future__ import annotations

_OBJECTS = (
    "Object names are not known in advance; only these actions on one bucket are allowed. "
    "docs/reference/permissions.md lists them."
)
_ORIGINALS = "AwsSolutions-IAM5[Resource::<Originals63BA965B.Arn>"
_ORIGINALS_BY_NAME = (  # as in `originals_name`
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::tintype-originals-"
    '{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}'
)
_RENDITIONS = "AwsSolutions-IAM5[Resource::<Renditions81538D22.Arn>"

# (cdk-nag's rule, the construct's path below the stack): reason.
NAG: dict[tuple[str, str], str] = {
    ("AwsSolutions-APIG1", "Http/Api/Stage/Resource"): (
        "The api function logs every request, and the stage counts requests that it refuses "
        "itself; an access log would add cost but no information."
    ),
    ("AwsSolutions-APIG4", "Http/Everything/Resource"): (
        "It checks tokens unless access is open, which the rule cannot see inside a condition."
    ),
    ("AwsSolutions-APIG4", "Http/Document"): "The OpenAPI document is public.",
    ("AwsSolutions-APIG4", "Http/DocumentOfCdn"): "The OpenAPI document is public.",
    ("AwsSolutions-APIG4", "Http/Preflight"): "Browsers send preflight requests without a token.",
    ("AwsSolutions-APIG4", "Http/WithKey"): "The api function checks API keys itself.",
    ("AwsSolutions-APIG4", "Http/WithKeyOfCdn"): "The api function checks API keys itself.",
    ("AwsSolutions-COG1", "SignIn/People"): (
        "Twelve characters instead of kinds of characters, as NIST SP 800-63B recommends."
    ),
    ("AwsSolutions-COG2", "SignIn/People"): "A second factor is each person's choice.",
    ("AwsSolutions-COG8", "SignIn/People"): (
        "The Plus plan costs more per person than a small Tintype per month."
    ),
    ("AwsSolutions-S1", "Originals/Resource"): (
        "Only the functions read originals, and log each one; pre-signed links expire within "
        "minutes. For more, enable CloudTrail data events."
    ),
    ("AwsSolutions-S1", "Renditions/Resource"): (
        "Only the CDN and the functions read renditions, which are public."
    ),
    ("AwsSolutions-S1", "Site/Resource"): "The page is public, as renditions are.",
    ("AwsSolutions-S1", "AccessLogs/Resource"): "The log bucket does not log itself.",
    ("AwsSolutions-IAM5[Resource::*]", "Trace"): (
        "X-Ray has no resource-level permissions; the policy exists only with `tracing`."
    ),
    ("AwsSolutions-DDB3", "Images/Resource"): (
        "The table is an index of the manifests; `tintype reindex` rebuilds it from S3."
    ),
    ("AwsSolutions-CFR1", "Cdn/Distribution/Resource"): "Renditions are public in all countries.",
    ("AwsSolutions-CFR2", "Cdn/Distribution/Resource"): (
        "A firewall costs more per month than a small Tintype; the API is throttled, and "
        "renditions are static files. `web_acl` adds one."
    ),
    ("AwsSolutions-CFR3", "Cdn/Distribution/Resource"): (
        "Access logs are personal data that Tintype does not need. `access_logs_days` adds them."
    ),
    ("AwsSolutions-CFR4", "Cdn/Distribution/Resource"): (
        "CloudFront sets the TLS version of its own domain; with DomainName it is 1.2 or newer, "
        "which the rule cannot see inside a condition."
    ),
    ("AwsSolutions-ASC3", "Graphql/Api"): (
        "The resolvers are three lines each without logic; the role for logs would need write "
        "access to all log groups."
    ),
    (f"{_ORIGINALS}/originals/*]", "Functions/ApiRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "Functions/ApiRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "ReadOriginals/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "Functions/ProcessRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/originals/*]", "Functions/ProcessRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*]", "Functions/ProcessRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS_BY_NAME}/*]", "Functions/RenderRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*]", "Functions/RenderRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*/x/*]", "Functions/RenderRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*/manifest.json]", "Functions/CatalogueRole/DefaultPolicy/Resource"): _OBJECTS,
}
