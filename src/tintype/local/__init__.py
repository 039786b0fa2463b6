"""The local cloud: the whole stack on this machine, from the template that goes to AWS.

Begin with `cloud.py`: `LocalCloud` starts everything and stops it.
"""
