"""OpenID Connect issuers for tests: a real provider, and one of our own whose tokens and answers can be anything."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwk, jws

AUDIENCE = "assentry"


def sign_in(issuer: str, subject: str, *, nonce: str | None = None, audience: str = AUDIENCE) -> str:
    """The ID token that a person gets at a provider: authorization code flow, with the form filled in."""
    query = {
        "client_id": audience,
        "redirect_uri": "https://app.example/",
        "response_type": "code",
        "scope": "openid email",
    }
    query |= {} if nonce is None else {"nonce": nonce}
    with httpx2.Client(trust_env=False) as client:
        sent = client.post(f"{issuer}/oauth2/authorize", params=query, data={"sub": subject})
        [code] = parse_qs(urlsplit(sent.headers["location"]).query)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": query["redirect_uri"]}
        got = client.post(f"{issuer}/oauth2/token", data=form | {"client_id": audience, "client_secret": "x"})
    token: str = got.json()["id_token"]
    return token


class Issuer(ThreadingHTTPServer):
    """Publishes `metadata` and `keys`; signs whatever claims it is given."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.metadata: dict[str, Any] = {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        self.keys: Any = {"keys": []}
        self.status = 200
        self.requests = 0

    def publish(self, *keys: jwk.Key) -> None:
        self.keys = {"keys": [key.as_dict(private=False) for key in keys]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says, with changes; `...` takes a claim away."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 60, **changes}
        return {key: value for key, value in claims.items() if value is not ...}


class _Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self.server.requests += 1
        known = {"/.well-known/openid-configuration": self.server.metadata, "/keys": self.server.keys}
        raw = json.dumps(known.get(self.path)).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: pytest shows what failed."""


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that runs while the context does."""
    issuer = Issuer()
    thread = threading.Thread(target=issuer.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.shutdown()
        issuer.server_close()
        thread.join()


def signed(claims: Any, key: Any, algorithm: str, **header: Any) -> str:
    """A token with these claims; `header` may say anything, `...` takes a part away."""
    parts = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **header}
    kept = {name: value for name, value in parts.items() if value is not ...}
    payload = claims if isinstance(claims, bytes) else json.dumps(claims)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact(kept, payload, key, registry=registry)


def unsigned(claims: Mapping[str, Any], header: Mapping[str, Any], signature: bytes = b"") -> str:
    """A token whose signature is whatever it is."""
    return ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    )
