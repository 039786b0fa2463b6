"""The Lambda functions: thin handlers over the use cases, wired to AWS.

`api.py`, `process.py` and `catalogue.py` are the three handlers; start with any of them.
"""
