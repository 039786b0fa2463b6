"""The template of one Tintype: what is in an AWS account, and who may do what.

Start with `tintype_infra.stack`; `python -m tintype_infra.app --help` writes the template.
"""

from tintype_infra import node as node
