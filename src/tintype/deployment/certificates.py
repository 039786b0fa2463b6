"""The certificate of a custom domain: a small stack in us-east-1, as CloudFront requires."""

from __future__ import annotations

from pathlib import Path

from tintype.aws.account import GLOBAL_REGION
from tintype.aws.sdk import Clients, calling
from tintype.deployment.events import Operation, Watcher, at_rest
from tintype.deployment.stack_parameters import StackOptions
from tintype.deployment.stack_state import Condition, StackFacts, stack_facts
from tintype.outputs import CERTIFICATE_ARN
from tintype.releases import certificate_stack_name

DESCRIPTION = "Tintype: the certificate"  # the start of such a stack's description
_PLACEHOLDER = "00000000-0000-0000-0000-000000000000"


def find_certificate(clients: Clients, stack: str) -> StackFacts | None:
    """Return the stack with the certificate of the service *stack*, if there is one.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    facts = stack_facts(clients.elsewhere(GLOBAL_REGION), certificate_stack_name(stack))
    return facts if facts and facts.description.startswith(DESCRIPTION) else None


def fits(facts: StackFacts | None, domain: str, zone: str) -> bool:
    """Whether the certificate exists and is for this domain."""
    return (
        facts is not None
        and facts.condition is Condition.READY
        and facts.parameters.get("DomainName") == domain
        and facts.parameters.get("HostedZone") == zone
    )


def stand_in(account: str, partition: str) -> str:
    """Return an ARN to plan changes with before the certificate exists."""
    return f"arn:{partition}:acm:{GLOBAL_REGION}:{account}:certificate/{_PLACEHOLDER}"


def make_certificate(
    clients: Clients,
    stack: str,
    template: Path,
    *,
    domain: str,
    zone: str,
    watcher: Watcher,
    options: StackOptions | None = None,
) -> str:
    """Create or update the stack with the certificate, wait until it is issued, and return its ARN.

    A change in progress is awaited first, and may suffice.

    Raises:
        StackFailedError: the certificate is not issued.
        ServiceError: CloudFormation refuses, or does not answer.
    """
    there = clients.elsewhere(GLOBAL_REGION)
    name = certificate_stack_name(stack)
    facts = find_certificate(clients, stack)
    facts = facts and at_rest(there, facts, watcher)  # begun by an interrupted command
    if facts and fits(facts, domain, zone):
        return facts.outputs[CERTIFICATE_ARN]
    if facts and facts.must_be_deleted:
        remove_stack(there, facts, watcher)
        facts = None
    values = {"DomainName": domain, "HostedZone": zone}
    request = {
        "StackName": name,
        "TemplateBody": template.read_text("utf-8"),
        "Parameters": [{"ParameterKey": key, "ParameterValue": values[key]} for key in values],
        **(options.request() if options else {}),
    }
    operation = Operation(
        there, facts.identity if facts else name, watcher=watcher, ends_before_cleanup=True
    )
    if not operation.begin(request, facts) and facts:
        return facts.outputs[CERTIFICATE_ARN]
    made = operation.wait()
    if made is None or CERTIFICATE_ARN not in made.outputs or "ROLLBACK" in made.status:
        raise operation.error(made, f"the certificate for {domain} was not issued")
    return made.outputs[CERTIFICATE_ARN]


def remove_stack(clients: Clients, facts: StackFacts, watcher: Watcher) -> StackFacts | None:
    """Delete a stack; return it if it still exists.

    Raises:
        ServiceError: CloudFormation refuses.
    """
    return begin_removal(clients, facts, watcher).wait()


def begin_removal(clients: Clients, facts: StackFacts, watcher: Watcher) -> Operation:
    """Begin to delete a stack, and return the operation.

    Raises:
        ServiceError: CloudFormation refuses.
    """
    operation = Operation(clients, facts.identity, watcher=watcher)
    operation.about_to_begin()
    with calling("cloudformation", "DeleteStack"):
        clients("cloudformation").delete_stack(StackName=facts.identity)
    return operation
