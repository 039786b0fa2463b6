"""Where and how a caller hears of changes: with the public key of an open stack, else as who it is."""

from __future__ import annotations

from tintype.client.api import Api
from tintype.client.errors import NoLiveUpdatesError
from tintype.client.subscription import Address


def live_address(api: Api, *, realtime_url: str, graphql_url: str, public_key: str) -> Address:
    """Return the address to listen at, with the caller's credential unless the stack is open.

    Admins hear of the images of all owners.

    Raises:
        NoLiveUpdatesError: there is no address, or the caller has none but an API key.
        ClientError: the API does not say who the caller is.
    """
    if not realtime_url or not graphql_url:
        message = "the API address alone gives no live updates"
        raise NoLiveUpdatesError(message)
    if public_key:
        return Address(realtime_url, graphql_url, public_key)
    if api.credential is None or not api.credential.is_live:
        message = "API keys get no live updates" if api.credential else "nobody is signed in"
        raise NoLiveUpdatesError(message)
    me = api.me()
    owner = "" if me.admin else me.owner
    return Address(realtime_url, graphql_url, credential=api.credential, owner=owner)
