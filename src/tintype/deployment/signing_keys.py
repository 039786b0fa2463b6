"""Which generation of signing keys a deployment has: never a lower one than the stack."""

from __future__ import annotations

from collections.abc import Mapping

from tintype.releases import parameter_name

GENERATION = parameter_name("signing_key_generation")


def with_generation(
    parameters: Mapping[str, str],
    *,
    default: str | None,
    deployed: Mapping[str, str],
    rotate: bool,
) -> dict[str, str]:
    """Return the parameters with the generation that the stack has or is told; *rotate* for the next.

    *default* is the template's; None if it has no such parameter.

    >>> with_generation({}, default="1", deployed={"SigningKeyGeneration": "4"}, rotate=True)
    {'SigningKeyGeneration': '5'}
    """
    if default is None:
        return dict(parameters)
    wanted = int(parameters.get(GENERATION, default))
    generation = max(wanted, int(deployed.get(GENERATION, "0"))) + rotate
    return {**parameters, GENERATION: str(generation)}
