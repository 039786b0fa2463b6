"""The AWS services that Tintype uses: one module per service, without an SDK.

Start with `Account` (`account.py`), which every service takes. Requests are signed in `signing.py`
and sent by `transport.py`; `errors.py` defines the errors.

The functions do not load boto3: three of its clients need more than 220 ms of CPU before their
first request, against 45 for this whole package, of which 37 are the standard library and msgspec.
Only `sdk.py` imports it, for the command line, which uses it to deploy and examine stacks and to
find credentials as AWS's own tools do.
"""
