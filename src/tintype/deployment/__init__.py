"""Deploying a release to an AWS account, and taking it away again: `deploy.py`, `destroy.py`.

`checks/` is what can be known beforehand, `changes.py` what would change, `events.py` what happens.
AWS is asked through boto3's clients (`tintype.aws.sdk`), whose shapes stay in here.
"""
