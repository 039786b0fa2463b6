"""What companies ask for: each is there with its setting, and nothing of it without."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed, objections
from tests.infra.parts import Template, resources, the
from tests.infra.resolved import ACCOUNT, Resolver
from tintype.config import ConfigError, load, shipped
from tintype.doctor.policies import Visit, allows
from tintype_infra.packages import ROOT

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
WEB_ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/mine/0a1b"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/0a1b"
# The property of each kind of resource that a setting makes: setting, its value, kind, property, value.
PROPERTIES: list[tuple[str, str, str, str, Any]] = [
    ("PermissionsBoundary", BOUNDARY, "IAM::Role", "PermissionsBoundary", BOUNDARY),
    ("WebAcl", WEB_ACL, "CloudFront::Distribution", "DistributionConfig.WebACLId", WEB_ACL),
    ("Tracing", "active", "Lambda::Function", "TracingConfig", {"Mode": "Active"}),
    ("Tracing", "active", "AppSync::GraphQLApi", "XrayEnabled", True),
    ("KmsKey", KEY, "SQS::Queue", "KmsMasterKeyId", KEY),
    ("KmsKey", KEY, "SNS::Topic", "KmsMasterKeyId", KEY),
    ("KmsKey", KEY, "Logs::LogGroup", "KmsKeyId", KEY),
    ("KmsKey", KEY, "DynamoDB::Table", "SSESpecification.KMSMasterKeyId", KEY),
    (
        "AccessLogsDays",
        "7",
        "CloudFront::Distribution",
        "DistributionConfig.Logging.Prefix",
        "cdn/",
    ),
]


def found(properties: Any, path: str) -> Any:
    for name in path.split("."):
        properties = (properties or {}).get(name)
    return properties


@pytest.mark.parametrize(
    ("parameter", "value", "kind", "path", "expected"),
    PROPERTIES,
    ids=[f"{one[0]} {one[2]}" for one in PROPERTIES],
)
def test_setting_makes_the_property_of_all_of_its_kind_and_is_not_there_without(
    written: Template, parameter: str, value: str, kind: str, path: str, expected: object
) -> None:
    email = {"AlarmEmail": "me@example.com"}
    with_it = resources(deployed(written, **email, **{parameter: value}), kind).values()
    without = resources(deployed(written, **email), kind).values()

    assert with_it
    assert {json.dumps(found(one["Properties"], path)) for one in with_it} == {json.dumps(expected)}
    assert {found(one.get("Properties"), path) for one in without} == {None}


def test_without_settings_there_is_nothing_of_it(template: Template) -> None:
    text = json.dumps(template["Resources"])

    assert not resources(template, "Budgets::Budget")
    assert not [name for name in template["Resources"] if name.startswith("AccessLogs")]
    assert not re.search("kms:|xray:|KMS|LoggingConfiguration", text)


def test_access_logs_go_to_one_bucket_which_forgets_them(written: Template) -> None:
    template = deployed(written, AccessLogsDays="30")

    logs = the(template, "S3::Bucket", "AccessLogs")
    assert logs["LifecycleConfiguration"]["Rules"] == [
        {"ExpirationInDays": 30, "Id": "forget", "Status": "Enabled"}
    ]
    assert logs["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    places = {
        name: bucket["Properties"].get("LoggingConfiguration", {}).get("LogFilePrefix")
        for name, bucket in resources(template, "S3::Bucket").items()
    }
    assert sorted(filter(None, places.values())) == ["originals/", "renditions/", "site/"]
    assert len(places) == 4
    (kept,) = (
        one
        for name, one in resources(template, "S3::Bucket").items()
        if name.startswith("AccessLogs")
    )
    assert kept["DeletionPolicy"] == "Retain"


def test_budget_tells_the_address_before_and_after(written: Template) -> None:
    template = deployed(written, MonthlyBudget="50", AlarmEmail="me@example.com")

    budget = the(template, "Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    told = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"]): [
            reader["Address"] for reader in one["Subscribers"]
        ]
        for one in budget["NotificationsWithSubscribers"]
    }
    assert told == {("ACTUAL", 80): ["me@example.com"], ("FORECASTED", 100): ["me@example.com"]}


def test_budget_of_which_nobody_is_told_is_refused(written: Template) -> None:
    assert objections(written, MonthlyBudget="50") == {"MonthlyBudget needs AlarmEmail"}
    assert not objections(written, MonthlyBudget="50", AlarmEmail="me@example.com")
    with pytest.raises(ConfigError, match="monthly_budget: needs alarm_email"):
        load(shipped(), service={"monthly_budget": 50})


def test_traced_functions_may_send_traces_and_the_reader_of_the_table_may_not(
    written: Template,
) -> None:
    template = deployed(written, Tracing="active")

    policy = the(template, "IAM::Policy", "Trace")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    assert {role["Ref"][:9] for role in policy["Roles"]} == {"Functions"}
    assert len(policy["Roles"]) == 5


def test_every_role_may_use_the_key(written: Template) -> None:
    template = deployed(written, KmsKey=KEY)

    policy = the(template, "IAM::Policy", "UseKey")
    assert {role["Ref"] for role in policy["Roles"]} == set(resources(template, "IAM::Role"))
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == KEY


@pytest.mark.parametrize("name", ["Originals", "Renditions", "Site"])
def test_images_are_encrypted_with_the_key_and_the_public_page_is_not(
    written: Template, name: str
) -> None:
    bucket = the(deployed(written, KmsKey=KEY), "S3::Bucket", name)

    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    kind = rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID")
    assert kind == (None if name == "Site" else KEY)


def documented_policy(distribution: str) -> dict[str, Any]:
    """Return the key policy that docs/explanation/security.md shows, for this stack."""
    page = (ROOT / "docs" / "explanation" / "security.md").read_text("utf-8")
    text = page.partition("## A key of your own")[2].partition("```json\n")[2].partition("```")[0]
    policy: dict[str, Any] = json.loads(
        text.replace("111122223333", ACCOUNT).replace("DISTRIBUTION_ID", distribution)
    )
    for statement in policy["Statement"]:
        statement["Resource"] = KEY
    return policy


def visits(template: Template) -> list[Visit]:
    """Return what services do with the key, on whose behalf."""
    resolver = Resolver(template)
    (cdn,) = resources(template, "CloudFront::Distribution")
    here = {name: resolver.arn(name) for name in resources(template, "S3::Bucket")}
    alarms = [resolver.arn(name) for name in resources(template, "CloudWatch::Alarm")]
    uses = [("cloudfront.amazonaws.com", "kms:Decrypt", resolver.arn(cdn))]
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        uses += [("s3.amazonaws.com", action, here[name]) for name in here if "Site" not in name]
        uses += [("cloudwatch.amazonaws.com", action, alarm) for alarm in alarms]
    return [Visit(service, action, KEY, source, ACCOUNT) for service, action, source in uses]


def test_documented_key_policy_lets_every_service_in_that_needs_it(written: Template) -> None:
    template = deployed(written, KmsKey=KEY, AlarmEmail="me@example.com")
    (cdn,) = resources(template, "CloudFront::Distribution")
    policy = documented_policy(cdn)
    needed = visits(template)

    refused = [visit for visit in needed if not allows(policy, visit)]

    assert len(needed) > 20
    assert not refused
    for index, statement in enumerate(policy["Statement"]):
        if "Service" in statement["Principal"] and "logs" not in str(statement["Principal"]):
            rest = {"Statement": [*policy["Statement"][:index], *policy["Statement"][index + 1 :]]}
            assert [visit for visit in needed if not allows(rest, visit)], statement["Sid"]


def test_template_is_within_cloudformation_s_limits(write: Synthesise) -> None:
    template = write()

    assert len(json.dumps(template, indent=1)) < 1_000_000
    assert len(template["Parameters"]) <= 200
