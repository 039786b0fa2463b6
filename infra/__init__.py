"""The template of one Tintype: what is in an AWS account, and who may do what.

Start with `infra.stack`; `python -m infra.app --help` writes the template.
"""

from infra import node as node
