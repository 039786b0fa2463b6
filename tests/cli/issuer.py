"""An OpenID Connect issuer on 127.0.0.1 that keeps to the standards, and signs everybody in.

Its access tokens are opaque: the small stack of `service.py` accepts those it is given.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "client-1"
EMAIL = "ann@example.com"


@dataclass(slots=True)
class Issuer:
    """The state of the issuer."""

    accepted: set[str]  # where its access tokens go
    url: str = ""
    authorization_path: str = "/oauth2/authorize"
    named: str = ""  # which issuer its discovery says that it is; empty: itself
    redirect_uris: set[str] = field(default_factory=set)
    refuses_with: str = ""  # the error that the browser brings instead of a code
    state: str = ""  # what the browser brings as `state`; empty: what it was given
    expires_in: float = 3600
    rotates: bool = False  # refresh tokens can be used once
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)  # challenge and redirect URI
    refresh_tokens: set[str] = field(default_factory=set)
    authorizations: list[dict[str, str]] = field(default_factory=list)
    grants: Counter[str] = field(default_factory=Counter)

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser is sent."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["redirect_uri"] in self.redirect_uris
        self.authorizations.append(query)
        answer = {"state": self.state or query["state"], "iss": self.url}
        if self.refuses_with:
            answer |= {"error": "access_denied", "error_description": self.refuses_with}
        else:
            code = secrets.token_hex(8)
            self.codes[code] = (query["code_challenge"], query["redirect_uri"])
            answer["code"] = code
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def grant(self, form: dict[str, str]) -> dict[str, object] | None:
        """Return tokens, or None if the grant is not valid."""
        self.grants[form["grant_type"]] += 1
        if form["client_id"] != CLIENT:
            return None
        if form["grant_type"] == "authorization_code":
            challenge, redirect_uri = self.codes.pop(form["code"], ("", ""))
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            proof = urlsafe_b64encode(digest).decode().rstrip("=")
            valid = (proof, form["redirect_uri"]) == (challenge, redirect_uri)
        else:
            valid = form["refresh_token"] in self.refresh_tokens
        return self._tokens(form) if valid else None

    def _tokens(self, form: dict[str, str]) -> dict[str, object]:
        access, refresh = f"access-{secrets.token_hex(4)}", f"refresh-{secrets.token_hex(4)}"
        self.accepted.add(access)
        tokens: dict[str, object] = {"access_token": access, "expires_in": self.expires_in}
        if form["grant_type"] == "authorization_code" or self.rotates:
            self.refresh_tokens.discard(form.get("refresh_token", ""))
            self.refresh_tokens.add(refresh)
            tokens["refresh_token"] = refresh
        claims = urlsafe_b64encode(json.dumps({"email": EMAIL}).encode()).decode().rstrip("=")
        return tokens | {"token_type": "Bearer", "id_token": f"e30.{claims}.c2ln"}

    def discovery(self) -> dict[str, object]:
        """Return what it says of itself."""
        return {
            "issuer": self.named or self.url,
            "authorization_endpoint": f"{self.url}{self.authorization_path}",
            "token_endpoint": f"{self.url}/oauth2/token",
            "revocation_endpoint": f"{self.url}/oauth2/revoke",
        }


@contextmanager
def issuing(accepted: set[str]) -> Iterator[Issuer]:
    """Run an issuer as long as the context lasts."""
    issuer = Issuer(accepted)

    class Handler(_Handler):
        pass

    Handler.issuer = issuer
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self._answer(200, self.issuer.discovery())
        else:
            assert parts.path == "/oauth2/authorize"
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("location", self.issuer.authorize(query))
            self.send_header("content-length", "0")
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/oauth2/revoke":
            self.issuer.refresh_tokens.discard(form["token"])
            self._answer(200, {})
        else:
            assert self.path == "/oauth2/token"
            tokens = self.issuer.grant(form)
            self._answer(200, tokens) if tokens else self._answer(400, {"error": "invalid_grant"})

    def _answer(self, status: int, document: object) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
