"""Deploying a release to an AWS account, and taking it away again: `deploying.deploy`, `destroying.destroy`.

`checks.py` is what can be known beforehand, `changes.py` what would change, `watching.py` what happens.
AWS is asked through boto3, whose shapes stay in here.
"""
