"""The local cloud: the whole stack on this machine, from the same template as on AWS.

Start with `cloud.py`: `LocalCloud` starts and stops everything.
"""
