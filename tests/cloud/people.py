"""People of a stack with sign-in, signed in as the page does it: by the issuer's own forms, with PKCE.

There are two issuers: the stack's user pool, and an OpenID provider that nobody here wrote. Start with
`Issuer.add`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Json
from tests.local import tokens
from tests.local.aws_client import CLIENT, install
from tintype.local.state import StateFolder
from tintype.node import node_folder

PASSWORD = "correct horse battery 9 Staple"  # noqa: S105 - of people who do not exist
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a person who has signed in holds."""

    access: str
    id: str
    subject: str


class Issuer(ABC):
    """Who signs people in, seen from a browser and by its operator, who has its key."""

    authorize: str
    token: str

    def __init__(self, outputs: Mapping[str, str], client: httpx.Client) -> None:
        self.outputs, self.client = outputs, client

    @abstractmethod
    def add(self, name: str, *, group: str = "") -> Tokens:
        """Create a person, and sign in."""

    @abstractmethod
    def key(self) -> RSAPrivateKey:
        """Return the key that access tokens are signed with."""

    def _signed_in(self, name: str) -> Tokens:
        """Sign in as the page does: authorisation code with PKCE."""
        verifier, back = secrets.token_urlsafe(48), f"{self.outputs['CdnUrl']}/signed-in"
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "client_id": self.outputs["SignInClientId"],
            "redirect_uri": back,
            "response_type": "code",
            "scope": self.outputs["SignInScope"],
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        self.client.cookies.clear()
        answer = self.client.get(self.authorize, params=asked)
        while not (place := answer.headers.get("location", "")).startswith(back):
            answer = (
                self.client.get(httpx.URL(self.authorize).join(place))
                if place
                else self._filled_in(answer, name)
            )
        said = httpx.URL(place).params
        assert said["state"] == asked["state"]
        answer = self.client.post(
            self.token,
            data={
                "grant_type": "authorization_code",
                "client_id": asked["client_id"],
                "redirect_uri": back,
                "code": said["code"],
                "code_verifier": verifier,
            },
        )
        given: Json = answer.raise_for_status().json()
        subject = claims_of(given["access_token"])["sub"]
        return Tokens(given["access_token"], given["id_token"], subject)

    def _filled_in(self, page: httpx.Response, name: str) -> httpx.Response:
        """Send a form of the issuer's."""
        hidden = {name: unescape(text) for name, text in FIELD.findall(page.text)}
        form = {**hidden, "username": name, "login": name, "password": PASSWORD}
        (action,) = ACTION.findall(page.text)
        return self.client.post(page.url.join(action), data=form)


class UserPool(Issuer):
    """The stack's own Cognito user pool, and managed login."""

    def __init__(self, cloud: RunningCloud, operator: Operator, client: httpx.Client) -> None:
        super().__init__(cloud.outputs, client)
        self._cloud, self._operator = cloud, operator
        self.authorize = f"{self.outputs['SignInUrl']}/oauth2/authorize"
        self.token = f"{self.outputs['SignInUrl']}/oauth2/token"

    def add(self, name: str, *, group: str = "") -> Tokens:
        pool, email = self.outputs["UserPoolId"], f"{name}@example.com"
        cognito = self._operator.client("cognito-idp")
        cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True
        )
        if group:
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        return self._signed_in(email)

    def key(self) -> RSAPrivateKey:
        pem = f"cognito-pool-keys/{self.outputs['UserPoolId']}-access.pem"
        found = load_pem_private_key(
            (StateFolder(self._cloud.state).emulator / pem).read_bytes(), None
        )
        assert isinstance(found, RSAPrivateKey)
        return found


class Provider(Issuer):
    """npm's `oidc-provider`, which signs in whoever gives a name. *admins* are in the group `admin`."""

    AUDIENCE, CLIENT = "https://images.example", "page"

    def __init__(self, port: int, admins: Collection[str], client: httpx.Client) -> None:
        super().__init__({}, client)
        self.url = f"http://127.0.0.1:{port}"
        self.authorize, self.token = f"{self.url}/auth", f"{self.url}/token"
        self._port, self._admins = port, list(admins)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def add(self, name: str, *, group: str = "") -> Tokens:
        assert bool(group) is (name in self._admins)
        return self._signed_in(name)

    def key(self) -> RSAPrivateKey:
        return self._key

    @contextmanager
    def running(self, page: str) -> Iterator[None]:
        """Run it while the block lasts, for the page at this address."""
        jwk = json.loads(RSAAlgorithm.to_jwk(self._key))
        jwk.pop("key_ops", None)
        settings = {
            "port": self._port,
            "jwks": {"keys": [{**jwk, "kid": "ours", "alg": "RS256", "use": "sig"}]},
            "client": self.CLIENT,
            "redirects": [f"{page}/signed-in", "http://localhost:8976/signed-in"],
            "audience": self.AUDIENCE,
            "admins": self._admins,
        }
        assert install() == ""
        command = [str(node_folder() / "node"), "provider.mjs", json.dumps(settings)]
        with subprocess.Popen(command, cwd=CLIENT, stdout=subprocess.PIPE) as child:  # noqa: S603 - our own arguments
            try:
                assert child.stdout is not None
                while child.stdout.readline().strip() != b"listening":
                    assert child.poll() is None
                yield
            finally:
                child.terminate()


def claims_of(token: str) -> Json:
    """Return a token's claims, unverified."""
    found: Json = jwt.decode(token, options={"verify_signature": False})
    return found


def forgeries(token: str, key: RSAPrivateKey) -> dict[str, str]:
    """Return what a forger makes of a good token, and what its issuer, who has the *key*, never gives."""
    claims = claims_of(token)
    usual = {name: value for name, value in claims.items() if name not in {"iss", "iat", "exp"}}
    issuer = tokens.Issuer(claims["iss"], usual, key, jwt.get_unverified_header(token)["kid"])
    return {name: forge(issuer) for name, forge in tokens.FORGERIES.items()}
