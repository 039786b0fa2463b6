"""AWS's services as Tintype uses them: one module per service, no SDK.

Start with `Account` (`account.py`), which every service takes. What goes over the network is signed in
`signing.py` and carried by `transport.py`; what can go wrong is in `errors.py`.

Nothing here imports boto3: three of its clients need more than 220 ms of CPU before their first
request, and all of this together 45, of which 37 are the standard library's and msgspec's. Only
`session.py`, for the command line, asks botocore for credentials.
"""
