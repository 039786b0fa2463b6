"""The settings as parameters: one for each, with its range, and what each of them changes."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from typing import Any, cast, get_type_hints

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed, fits, objections
from tests.infra.parts import Template, resources, the
from tintype.config import Access, ConfigError, Service, load, shipped
from tintype.config.hints import note
from tintype.constraints import Range
from tintype.local.ministack.gaps import NUMBERS
from tintype.releases import ACCESS, DOMAIN, parameter_name
from tintype_infra.http_api import NO_SITE
from tintype_infra.parameters import FIXED
from tintype_infra.queues import ENDLESS_TRIES, FAILED_SECONDS, KEPT_DAYS
from tintype_infra.timeouts import LONGEST_SECONDS, hidden_seconds, least, settled

OTHERS = {"PackagesBucket", "PublicUrl", "PageSources"}
SETTINGS = [field.name for field in fields(Service) if field.name not in FIXED]
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"


def test_every_setting_is_a_parameter_but_those_that_change_packages_or_policies(
    written: Template,
) -> None:
    named = {parameter_name(setting) for setting in SETTINGS}

    tables = {*DOMAIN.values(), *ACCESS.values()}
    assert set(written["Parameters"]) == named | tables | OTHERS
    assert set(ACCESS) == {field.name for field in fields(Access)}
    assert {"architecture", "keep_data"} == FIXED


def test_only_the_bucket_of_the_packages_must_be_given(written: Template) -> None:
    needed = {name for name, one in written["Parameters"].items() if "Default" not in one}

    assert needed == {"PackagesBucket"}


def test_every_parameter_says_what_it_is(written: Template) -> None:
    for name, parameter in written["Parameters"].items():
        assert len(parameter["Description"].split()) > 2, name
        assert parameter["Description"][0].isupper(), name


def test_default_is_what_tintype_toml_says(write: Synthesise) -> None:
    parameters = write(
        {
            "process_memory_mib": 2048,
            "process_reserved": 15,
            "log_days": 7,
            "alarm_email": "me@example.com",
            "cors_origins": ["https://example.com", "https://example.org"],
            "price_class": "all",
        }
    )["Parameters"]

    defaults = {name: str(one.get("Default")) for name, one in parameters.items()}
    assert defaults["ProcessMemoryMib"] == "2048"
    assert defaults["ProcessReserved"] == "15"
    assert defaults["ApiReserved"] == "0"
    assert defaults["LogDays"] == "7"
    assert defaults["AlarmEmail"] == "me@example.com"
    assert defaults["CorsOrigins"] == "https://example.com,https://example.org"
    assert defaults["PriceClass"] == "all"
    assert defaults["DomainName"] == ""
    assert defaults["MaxTries"] == "5"


def test_console_shows_all_settings_in_groups(written: Template) -> None:
    groups = written["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    shown = [name for group in groups for name in group["Parameters"]]
    assert set(shown) == set(written["Parameters"]) - OTHERS
    assert len(shown) == len(set(shown))


# Values that are right and wrong, as TOML has them. Template and file must agree on each.
VALUES = [
    ("ticket_minutes", 60, 61),
    ("max_tries", 5, 4),
    ("retry_seconds", 30, 29),
    ("retry_seconds", 3_600, 3_601),
    ("sweep_seconds", 900, 901),
    ("originals_noncurrent_days", 3_650, 3_651),
    ("process_memory_mib", 2_048, 2_047),
    ("catalogue_memory_mib", 128, 127),
    ("process_concurrency", 2, 1),
    ("api_reserved", 1_000, 1_001),
    ("render_memory_mib", 1_769, 1_768),
    ("render_concurrency", 0, 1_001),
    ("throttle_rate", 10_000, 0),
    ("throttle_burst", 5_000, 5_001),
    ("price_class", "most", "cheap"),
    ("log_days", 3_653, 2),
    ("alarm_email", "me@example.com", "me@example"),
    ("access_logs_days", 3_650, 3_651),
    ("tracing", "active", "on"),
    (
        "web_acl",
        f"{WEB_ACL}/mine/0a1b",
        WEB_ACL.replace("us-east-1", "eu-central-1") + "/mine/0a1b",
    ),
    ("permissions_boundary", "arn:aws:iam::123456789012:policy/mine", "mine"),
    ("kms_key", "arn:aws:kms:eu-central-1:123456789012:key/0a1b", "alias/mine"),
    ("alarm_email", f"me@{'x' * 246}.com", f"me@{'x' * 250}.com"),
]


@pytest.mark.parametrize(("setting", "right", "wrong"), VALUES)
def test_parameter_takes_what_the_file_takes(
    written: Template, setting: str, right: object, wrong: object
) -> None:
    parameter = written["Parameters"][parameter_name(setting)]

    assert fits(parameter, str(right))
    load(shipped(), service={setting: right})
    assert not fits(parameter, str(wrong))
    with pytest.raises(ConfigError):
        load(shipped(), service={setting: wrong})


@pytest.mark.parametrize(
    ("origins", "taken"),
    [
        ("*", True),
        ("https://example.com", True),
        ("https://example.com,http://localhost:4200", True),
        ("https://example.com/", False),
        ("example.com", False),
        ("", True),
    ],
)
def test_list_of_sites_is_one_of_origins(written: Template, origins: str, *, taken: bool) -> None:
    assert fits(written["Parameters"]["CorsOrigins"], origins) is taken


def test_renditions_are_left_while_a_function_may_run() -> None:
    config = load(shipped(), service={"sweep_seconds": 1})

    assert least(config) == {"sweep_seconds": 65}
    assert settled(config).service.sweep_seconds == 65


def test_waits_of_a_deployment_are_never_shorter_than_its_functions_may_run(
    write: Synthesise,
) -> None:
    sweep = write({"sweep_seconds": 1})["Parameters"]["SweepSeconds"]

    assert sweep["MinValue"] == sweep["Default"] == 65
    assert sweep["ConstraintDescription"].startswith("a whole number from 65 to")


# What each changes, where it is deployed


def test_settings_reach_the_functions(written: Template) -> None:
    template = deployed(
        written, ProcessMemoryMib="2048", ProcessReserved="15", MaxTries="5", TicketMinutes="7",
        SweepSeconds="100", LogDays="7",
    )  # fmt: skip

    process = the(template, "Lambda::Function", "FunctionsProcess")
    assert process["MemorySize"] == 2048
    assert process["ReservedConcurrentExecutions"] == 15
    assert process["Environment"]["Variables"]["TINTYPE_MAX_TRIES"] == 5
    assert process["Environment"]["Variables"]["TINTYPE_SWEEP_SECONDS"] == 100
    api = the(template, "Lambda::Function", "FunctionsApi")
    assert api["Environment"]["Variables"]["TINTYPE_TICKET_MINUTES"] == 7
    for logs in resources(template, "Logs::LogGroup").values():
        assert logs["Properties"]["RetentionInDays"] == 7


def test_settings_reach_queues_buckets_and_doors(written: Template) -> None:
    template = deployed(
        written, MaxTries="7", RetrySeconds="100", ProcessConcurrency="3", OriginalsNoncurrentDays="9",
        ThrottleRate="7", ThrottleBurst="8", PriceClass="all",
    )  # fmt: skip

    queue = the(template, "SQS::Queue", "ProcessJobsQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 7
    for name in ("Process", "Catalogue"):
        function = the(template, "Lambda::Function", f"Functions{name}")
        assert function["Environment"]["Variables"]["TINTYPE_RETRY_SECONDS"] == 100
    source = the(template, "Lambda::EventSourceMapping", "ProcessJobsSource")
    assert source["ScalingConfig"] == {"MaximumConcurrency": 3}
    rule = the(template, "S3::Bucket", "Originals")["LifecycleConfiguration"]["Rules"][0]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 9}
    stage = the(template, "ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert stage == {"ThrottlingRateLimit": 7, "ThrottlingBurstLimit": 8}
    cdn = the(template, "CloudFront::Distribution")["DistributionConfig"]
    assert cdn["PriceClass"] == "PriceClass_All"


def test_originals_stay_in_their_class_unless_a_colder_one_is_chosen(written: Template) -> None:
    def rules(**parameters: str) -> dict[str, Any]:
        bucket = the(deployed(written, **parameters), "S3::Bucket", "Originals")
        return {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}

    stay = rules(OriginalsColdDays="40")
    move = rules(OriginalsClass="GLACIER_IR", OriginalsColdDays="40")

    assert set(stay) == {"forget-what-was-deleted", "abandoned-uploads"}
    assert set(move) == {*stay, "move-old-originals"}
    moved = move["move-old-originals"]
    assert moved["Status"] == "Enabled"
    assert moved["Transitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": 40}]


@pytest.mark.parametrize("name", ["Api", "Process", "Catalogue"])
def test_function_takes_from_the_account_s_runs_unless_some_are_reserved(
    written: Template, name: str
) -> None:
    def reserved(**parameters: str) -> Any:
        function = the(deployed(written, **parameters), "Lambda::Function", f"Functions{name}")
        return function.get("ReservedConcurrentExecutions")

    assert reserved() is None
    assert reserved(**{f"{name}Reserved": "14"}) == 14


def test_alarms_are_sent_to_the_address_that_is_given(written: Template) -> None:
    template = deployed(written, AlarmEmail="me@example.com")

    assert the(template, "SNS::Subscription")["Endpoint"] == "me@example.com"
    (topic,) = resources(template, "SNS::Topic")
    for alarm in resources(template, "CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": topic}]


def test_without_an_address_nothing_is_sent(written: Template) -> None:
    template = deployed(written)

    assert not [name for name in template["Resources"] if name.startswith("AlarmsTopic")]
    for alarm in resources(template, "CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == []


def test_our_own_page_may_upload_and_no_other_that_is_not_named(written: Template) -> None:
    chosen = deployed(written, CorsOrigins="https://example.com,https://example.org")
    everybody = deployed(written, CorsOrigins="*")
    nobody_else = deployed(written)
    named = deployed(written, DomainName="images.example.com")

    assert uploaders(chosen) == [
        ["https://example.com", "https://example.org"],
        [chosen["Outputs"]["CdnUrl"]["Value"]],
    ]
    assert uploaders(everybody) == [["*"]]
    assert uploaders(nobody_else) == [[nobody_else["Outputs"]["CdnUrl"]["Value"]]]
    assert uploaders(named) == [["https://images.example.com"]]
    assert [callers(one) for one in (chosen, everybody, nobody_else, named)] == [
        ["https://example.com", "https://example.org"],
        ["*"],
        [NO_SITE],
        [NO_SITE],
    ]


def uploaders(template: Template) -> list[object]:
    rules = the(template, "S3::Bucket", "Originals")["CorsConfiguration"]["CorsRules"]
    return [rule["AllowedOrigins"] for rule in rules]


def callers(template: Template) -> object:
    return the(template, "ApiGatewayV2::Api")["CorsConfiguration"]["AllowOrigins"]


def test_public_address_is_what_is_given_or_the_domain_or_else_the_cdn(written: Template) -> None:
    def told(**parameters: str) -> Any:
        return deployed(written, **parameters)["Outputs"]["CdnUrl"]["Value"]

    assert "CdnDistribution" in json.dumps(told())
    assert told(DomainName="images.example.com") == "https://images.example.com"
    assert told(DomainName="images.example.com", PublicUrl="https://x") == "https://x"


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, set()),
        ({"DomainName": "a.example"}, {"DomainName needs CertificateArn"}),
        ({"CertificateArn": CERTIFICATE}, {"CertificateArn needs DomainName"}),
        ({"HostedZone": "Z1"}, {"HostedZone needs DomainName"}),
        ({"DomainName": "a.example", "CertificateArn": CERTIFICATE}, set()),
        ({"DomainName": "https://a.example"}, {"DomainName", "DomainName needs CertificateArn"}),
    ],
)
def test_half_a_domain_is_refused_before_anything_is_changed(
    written: Template, parameters: dict[str, str], told: set[str]
) -> None:
    assert objections(written, **parameters) == told


def numbers_in(written: Template, value: object, name: str = "") -> set[str]:
    """Return the properties that get a parameter's number."""
    match value:
        case {"Ref": str(parameter)}:
            kind = written["Parameters"].get(parameter, {}).get("Type")
            return {name} if kind == "Number" else set()
        case {"Fn::If": [_, yes, no]}:
            return numbers_in(written, yes, name) | numbers_in(written, no, name)
        case dict():
            inside = [numbers_in(written, part, key) for key, part in value.items()]
            return set().union(*inside)
        case list():
            return set().union(*(numbers_in(written, part, name) for part in value))
    return set()


def test_local_cloud_makes_numbers_of_all_that_go_to_a_property(written: Template) -> None:
    found: dict[str, set[str]] = {}
    for resource in written["Resources"].values():
        if resource["Type"].startswith("Custom::"):  # CloudFormation makes texts of all
            continue
        for name in numbers_in(written, resource.get("Properties", {})):
            if not name.startswith("TINTYPE_"):  # an environment has texts
                found.setdefault(resource["Type"], set()).add(name)

    del found["AWS::Budgets::Budget"]  # which the local cloud does not have, nor ever gets
    assert found == NUMBERS


def test_no_message_is_forgotten_before_its_failure_is_recorded() -> None:
    """With the longest settings, too: SQS counts a message's days from when it was first sent."""
    kinds = get_type_hints(Service, include_extras=True)
    tries, retry = (
        cast("Range", note(kinds[name], Range)) for name in ("max_tries", "retry_seconds")
    )
    longest_try = max(retry.high + LONGEST_SECONDS, hidden_seconds(LONGEST_SECONDS))

    tried = tries.high * longest_try
    recorded = ENDLESS_TRIES * FAILED_SECONDS

    assert timedelta(seconds=tried + recorded) < timedelta(days=KEPT_DAYS)
