"""An issuer of the tests' own, and what a forger makes of its tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Json = dict[str, Any]
HOUR = 3600


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """An issuer with a key; *usual* are the claims of its tokens."""

    issuer: str
    usual: Json
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    key_id: str = "first"

    def token(
        self,
        header: Json | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        without: str = "",
        text: str = "",
        **claims: object,
    ) -> str:
        """Return a token that is valid but for what is asked; *text* stands for all claims."""
        now = int(time.time())
        all_claims = {"iss": self.issuer, "iat": now, "exp": now + HOUR, **self.usual, **claims}
        all_claims.pop(without, None)
        heads = {"alg": "RS256", "typ": "JWT", "kid": self.key_id, **(header or {})}
        heads = {name: value for name, value in heads.items() if value is not None}
        body = text or json.dumps(all_claims)
        signed = f"{coded(json.dumps(heads).encode())}.{coded(body.encode())}"
        return f"{signed}.{coded((sign or self.sign)(signed.encode()))}"

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def jwk(self) -> Json:
        numbers = self.key.public_key().public_numbers()
        e, n = (coded(number.to_bytes(size, "big")) for number, size in ((numbers.e, 3), (numbers.n, 256)))  # fmt: skip
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id, "e": e, "n": n}

    def find(self, issuer: str, key_id: str) -> Json | None:
        """Return its key, so that it can stand for all issuers."""
        return self.jwk() if (issuer, key_id) == (self.issuer, self.key_id) else None


def forgeries() -> dict[str, Callable[[Issuer], str]]:
    """Return what a forger may send, made of an issuer that he does not own or of an old token."""
    forger = new_key()

    def by_forger(data: bytes) -> bytes:
        return forger.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def with_public_key(of: Issuer) -> Callable[[bytes], bytes]:
        return lambda data: hmac.digest(of.public, data, hashlib.sha256)

    def of_another(of: Issuer) -> str:
        """Return another's claims with the signature of a token of one's own."""
        head, _, signature = of.token().split(".")
        return ".".join([head, of.token(sub="somebody-else").split(".")[1], signature])

    def twice(of: Issuer) -> str:
        claims = json.dumps({"iss": of.issuer, "exp": int(time.time()) + HOUR, **of.usual})
        return of.token(text=claims[:-1] + ', "sub": "somebody-else"}')

    own = Issuer("https://forger.example", {}, forger, "first").jwk()
    return {
        "a word": lambda _: "letmein",
        "two parts": lambda of: of.token().rsplit(".", 1)[0],
        "four parts": lambda of: of.token() + ".x",
        "no signature": lambda of: of.token(sign=lambda _: b""),
        "not base64": lambda of: of.token().replace(".", ".!", 1),
        "claims that are a list": lambda of: of.token(text="[1]"),
        "claims that are not JSON": lambda of: of.token(text="{"),
        "deep claims": lambda of: of.token(text="[" * 3000),
        "a claim twice": twice,
        "huge": lambda of: of.token(more="x" * 9000),
        "alg none": lambda of: of.token({"alg": "none"}, lambda _: b""),
        "alg None with a signature": lambda of: of.token({"alg": "None"}),
        "alg HS256 by the public key": lambda of: of.token({"alg": "HS256"}, with_public_key(of)),
        "alg RS512": lambda of: of.token({"alg": "RS512"}),
        "another's key": lambda of: of.token(sign=by_forger),
        "another's key in the header": lambda of: of.token({"jwk": own}, by_forger),
        "another's key by its address": lambda of: of.token({"jku": "http://127.0.0.1:1/"}, by_forger),
        "unknown key": lambda of: of.token({"kid": "second"}),
        "no key": lambda of: of.token({"kid": None}),
        "a key that is no text": lambda of: of.token({"kid": ["first"]}),
        "another's claims": of_another,
        "expired": lambda of: of.token(exp=int(time.time()) - 1),
        "no expiry": lambda of: of.token(without="exp"),
        "an expiry that is no number": lambda of: of.token(exp="never"),
        "not yet valid": lambda of: of.token(nbf=int(time.time()) + HOUR),
        "issued later": lambda of: of.token(iat=int(time.time()) + HOUR),
        "another issuer": lambda of: of.token(iss="https://forger.example"),
        "an issuer that begins alike": lambda of: of.token(iss=of.issuer + "/x"),
        "no issuer": lambda of: of.token(without="iss"),
        "another client": lambda of: of.token(aud="another", client_id="another", azp="another"),
        "no client": lambda of: Issuer(of.issuer, {"sub": "ada", "token_use": "access"}, of.key, of.key_id).token(),
    }  # fmt: skip


FORGERIES = forgeries()


@contextmanager
def served(pages: Callable[[str], tuple[int, bytes, str]]) -> Iterator[str]:
    """Serve *pages*, from path to status, body and location, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, location = pages(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            if location:
                self.send_header("location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def provider(**usual: object) -> Iterator[Issuer]:
    """Serve an OpenID Connect provider: its discovery document and its keys."""
    made: list[Issuer] = []

    def pages(path: str) -> tuple[int, bytes, str]:
        (of,) = made
        documents: dict[str, Json] = {
            "/.well-known/openid-configuration": {
                "issuer": of.issuer,
                "jwks_uri": f"{of.issuer}/keys",
            },
            "/keys": {"keys": [of.jwk()]},
        }
        found = documents.get(path)
        return (200, json.dumps(found).encode(), "") if found else (404, b"", "")

    with served(pages) as address:
        made.append(Issuer(address, usual))
        yield made[0]
