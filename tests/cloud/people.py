"""People of a stack with sign-in: made by the operator, signed in as the page does it.

Start with `Crowd`. A person goes through managed login's own forms, with PKCE, so that the tokens are those
that the user pool gives to the page's client.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cloud.operator import Operator
from tests.cloud.stack import Json

PASSWORD = "correct horse battery 9 Staple"  # noqa: S105 - of people who do not exist
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a person who has signed in holds."""

    access: str
    id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The user pool of a stack, and a browser's view of it."""

    operator: Operator
    client: httpx.Client

    def add(self, name: str, *, group: str = "") -> Tokens:
        """Create a person, and sign in."""
        pool, email = self.operator.outputs["UserPoolId"], f"{name}@example.com"
        cognito = self.operator.client("cognito-idp")
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True
        )
        if group:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        return self.sign_in(email)

    def sign_in(self, email: str) -> Tokens:
        """Sign in as the page does: authorisation code with PKCE."""
        outputs, verifier = self.operator.outputs, secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        back = f"{outputs['CdnUrl']}/signed-in"
        asked = {
            "client_id": outputs["SignInClientId"],
            "redirect_uri": back,
            "response_type": "code",
            "scope": outputs["SignInScope"],
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        login = outputs["SignInUrl"]
        page = self.client.get(f"{login}/oauth2/authorize", params=asked, follow_redirects=True)
        form = {name: unescape(text) for name, text in _FIELD.findall(page.text)}
        sent = self.client.post(
            f"{login}/login", data={**form, "username": email, "password": PASSWORD}
        )
        came_back = urlsplit(sent.headers["location"])
        said = parse_qs(came_back.query)
        assert sent.headers["location"].startswith(back)
        assert said["state"] == [asked["state"]]
        answer = self.client.post(
            f"{login}/oauth2/token",
            data={
                "grant_type": "authorization_code",
                "client_id": asked["client_id"],
                "redirect_uri": back,
                "code": said["code"][0],
                "code_verifier": verifier,
            },
        )
        given: Json = answer.raise_for_status().json()
        subject = claims_of(given["access_token"])["sub"]
        return Tokens(given["access_token"], given["id_token"], subject)


def claims_of(token: str) -> Json:
    """Return a token's claims, unverified."""
    found: Json = jwt.decode(token, options={"verify_signature": False})
    return found


def forgeries(token: str) -> dict[str, str]:
    """Return what somebody could make of a good token without the pool's key."""
    header, claims = jwt.get_unverified_header(token), claims_of(token)
    signed, signature = token.rsplit(".", 1)
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other = json.dumps({**claims, "sub": "somebody-else"}).encode()
    altered = base64.urlsafe_b64encode(other).decode().rstrip("=")
    later = {**claims, "exp": int(time.time()) + 10**6}
    return {
        "signed by another key": jwt.encode(claims, own, "RS256", headers={"kid": header["kid"]}),
        "prolonged": jwt.encode(later, own, "RS256", headers={"kid": header["kid"]}),
        "signed with nothing": jwt.encode(claims, "", "none"),
        "signed with a secret": jwt.encode(
            claims, "s" * 32, "HS256", headers={"kid": header["kid"]}
        ),
        "altered": f"{header_of(signed)}.{altered}.{signature}",
        "cut": f"{signed}.",
        "no token": "nonsense",
    }


def header_of(signed: str) -> str:
    return signed.partition(".")[0]
