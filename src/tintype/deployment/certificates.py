"""The certificate of a domain of one's own: a small stack in us-east-1, where CloudFront looks."""

from __future__ import annotations

from pathlib import Path

from tintype.aws.errors import InvalidRequestError
from tintype.deployment.clients import GLOBAL_REGION, Clients, asked
from tintype.deployment.stacks import Condition, StackFacts, stack_facts
from tintype.deployment.wanted import StackOptions
from tintype.deployment.watching import Operation, Watcher, at_rest

OUTPUT = "CertificateArn"
DESCRIPTION = "Tintype: the certificate"  # what the description of such a stack begins with
_NOBODY_S = "00000000-0000-0000-0000-000000000000"


def certificate_stack_name(stack: str) -> str:
    """Return what the stack with the certificate is called, beside the service's."""
    return f"{stack}-certificate"


def find_certificate(clients: Clients, stack: str) -> StackFacts | None:
    """Return the stack with the certificate of the service *stack*, if we made one.

    Raises:
        ServiceError: CloudFormation cannot be asked.
    """
    facts = stack_facts(clients.elsewhere(GLOBAL_REGION), certificate_stack_name(stack))
    return facts if facts and facts.description.startswith(DESCRIPTION) else None


def fits(facts: StackFacts | None, domain: str, zone: str) -> bool:
    """Whether the certificate is there and is for this domain."""
    return (
        facts is not None
        and facts.condition is Condition.READY
        and facts.parameters.get("DomainName") == domain
        and facts.parameters.get("HostedZone") == zone
    )


def stand_in(account: str, partition: str) -> str:
    """Return a certificate's ARN to ask for changes with, before there is one."""
    return f"arn:{partition}:acm:{GLOBAL_REGION}:{account}:certificate/{_NOBODY_S}"


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

    What is under way there already is waited for, and may be all that is needed.

    Raises:
        StackFailedError: it is not issued.
        ServiceError: CloudFormation cannot be asked, or refuses.
    """
    there = clients.elsewhere(GLOBAL_REGION)
    name = certificate_stack_name(stack)
    facts = find_certificate(clients, stack)
    facts = facts and at_rest(there, facts, watcher)  # a command that was stopped has begun it
    if facts and fits(facts, domain, zone):
        return facts.outputs[OUTPUT]
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
    if facts:
        operation.about_to_begin()
    try:
        with asked("cloudformation", "UpdateStack" if facts else "CreateStack"):
            begin = (
                there("cloudformation").update_stack
                if facts
                else there("cloudformation").create_stack
            )
            operation.stack = begin(**request)["StackId"]
    except InvalidRequestError as error:
        if facts is None or "No updates" not in str(error):
            raise
        return facts.outputs[OUTPUT]
    made = operation.wait()
    if made is None or OUTPUT not in made.outputs or "ROLLBACK" in made.status:
        raise operation.error(made, f"the certificate for {domain} was not issued")
    return made.outputs[OUTPUT]


def remove_stack(clients: Clients, facts: StackFacts, watcher: Watcher) -> StackFacts | None:
    """Delete a stack; return what is left of it, or None.

    Raises:
        ServiceError: CloudFormation refuses.
    """
    operation = Operation(clients, facts.identity, watcher=watcher)
    operation.about_to_begin()
    with asked("cloudformation", "DeleteStack"):
        clients("cloudformation").delete_stack(StackName=facts.identity)
    return operation.wait()
