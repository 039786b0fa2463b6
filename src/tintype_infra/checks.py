"""What cdk-nag and cfn-lint find in the template and we keep, each with its reason.

The tests fail on a finding that is not here, and on a line here that nothing finds any more.
"""

from __future__ import annotations

_OBJECTS = (
    "The objects' names are not known beforehand; it is one bucket and these actions only. "
    "docs/permissions.md lists them."
)
_ORIGINALS = "AwsSolutions-IAM5[Resource::<Originals63BA965B.Arn>"
_RENDITIONS = "AwsSolutions-IAM5[Resource::<Renditions81538D22.Arn>"

# cdk-nag's rule and the construct's path below the stack: the reason.
NAG: dict[tuple[str, str], str] = {
    ("AwsSolutions-APIG1", "Http/Api/Stage/Resource"): (
        "The api function writes a line for each request, and the stage counts what it refuses "
        "before: an access log would say the same again, for money."
    ),
    ("AwsSolutions-APIG4", "Http/Everything/Resource"): (
        "The service is public until there is sign-in; it is throttled, and uploads are signed "
        "for one key, size and type."
    ),
    ("AwsSolutions-S1", "Originals/Resource"): (
        "Nobody reads originals but the functions, whose lines name each; pre-signed links are "
        "good for minutes. Who must know more turns on CloudTrail's data events."
    ),
    ("AwsSolutions-S1", "Renditions/Resource"): (
        "Only the CDN and the functions read renditions, which are public."
    ),
    ("AwsSolutions-S1", "Site/Resource"): "As for renditions: the page is public.",
    ("AwsSolutions-S1", "AccessLogs/Resource"): "The bucket of the logs does not log itself.",
    ("AwsSolutions-IAM5[Resource::*]", "Trace"): (
        "X-Ray knows no resources; the policy is there only with the setting `tracing`."
    ),
    ("AwsSolutions-DDB3", "Images/Resource"): (
        "The table is an index of the manifests: `tintype reindex` makes it anew from S3."
    ),
    ("AwsSolutions-CFR1", "Cdn/Distribution/Resource"): "Renditions are for everybody, everywhere.",
    ("AwsSolutions-CFR2", "Cdn/Distribution/Resource"): (
        "A firewall costs more by the month than a small Tintype; the API is throttled, renditions "
        "are static files."
    ),
    ("AwsSolutions-CFR3", "Cdn/Distribution/Resource"): (
        "Logs of who looks at which picture are personal data that nothing here needs."
    ),
    ("AwsSolutions-CFR4", "Cdn/Distribution/Resource"): (
        "CloudFront decides the TLS version of its own domain; with DomainName it is 1.2 or newer, "
        "which the rule does not see inside a condition."
    ),
    ("AwsSolutions-ASC3", "Graphql/Api"): (
        "Its resolvers are three lines each and nothing is decided there; its role for logs would "
        "have to write to all log groups."
    ),
    (f"{_ORIGINALS}/originals/*]", "Functions/ApiRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "Functions/ApiRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "ReadOriginals/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/*]", "Functions/DevelopRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_ORIGINALS}/originals/*]", "Functions/DevelopRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*]", "Functions/DevelopRole/DefaultPolicy/Resource"): _OBJECTS,
    (f"{_RENDITIONS}/*/manifest.json]", "Functions/CatalogueRole/DefaultPolicy/Resource"): _OBJECTS,
}

# cfn-lint's rule: the reason.
LINT: dict[str, str] = {
    "W1030": "CertificateArn may be empty: without DomainName, and then the CDN does not get it.",
    "W3005": "CDK makes a function wait for its role by DependsOn as well; it does no harm.",
}
