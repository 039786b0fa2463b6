"""The Lambda functions: thin handlers over the use cases, and what wires them to AWS.

`api.py`, `develop.py` and `catalogue.py` are the three handlers; start with any of them.
"""
