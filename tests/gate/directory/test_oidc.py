"""ID tokens: what a real provider issues is taken, and every other token is refused for the reason that it gives."""

from __future__ import annotations

import base64
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jwk
from oidc_provider_mock import User, run_server_in_thread  # type: ignore[import-untyped]

from assentry.errors import ConfigError, DirectoryUnavailable, IdentityRefused
from assentry.gate.directory.kept import Ages
from assentry.gate.directory.oidc import Identity, OidcVerifier
from tests.support.issuer import AUDIENCE, Issuer, issuing, sign_in, signed, unsigned

RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec-1"}, private=True)
ED = jwk.OKPKey.generate_key("Ed25519", {"kid": "ed-1"}, private=True)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    people = [
        User(sub="ann", claims={"email": "ann@example.org", "email_verified": True, "groups": ["dp-team", "all"]})
    ]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        running.publish(RSA, EC, ED)
        yield running


def refused(issuer: Issuer, token: str, **options: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(IdentityRefused) as caught:
        OidcVerifier(issuer.address, AUDIENCE).verify(token, **options)
    assert token not in str(caught.value) or not token
    return caught.value.code


# ---- a real provider ----


def test_who_signs_in_at_a_provider_is_known(provider: str) -> None:
    verifier = OidcVerifier(provider, AUDIENCE)
    identity = verifier.verify(sign_in(provider, "ann", nonce="n-1"), nonce="n-1")
    assert (identity.account, identity.issuer, identity.subject) == (f"{provider}#ann", provider, "ann")
    assert identity.groups == {"dp-team", "all"}
    assert identity.email == "ann@example.org"
    assert identity.expires_ms > time.time() * 1000


def test_an_address_that_nobody_verified_is_none(provider: str) -> None:
    assert OidcVerifier(provider, AUDIENCE).verify(sign_in(provider, "mallory@example.org")).email is None


def test_a_token_of_another_sign_in_or_for_another_party_is_refused(provider: str) -> None:
    verifier = OidcVerifier(provider, AUDIENCE)
    for token, nonce, code in (
        (sign_in(provider, "ann", nonce="n-1"), "n-2", "nonce"),
        (sign_in(provider, "ann"), "n-2", "nonce"),
        (sign_in(provider, "ann", audience="somebody-else"), None, "audience"),
    ):
        with pytest.raises(IdentityRefused) as caught:
            verifier.verify(token, nonce=nonce)
        assert caught.value.code == code


def test_every_letter_of_a_token_counts(provider: str) -> None:
    verifier = OidcVerifier(provider, AUDIENCE)
    token = sign_in(provider, "ann")
    for at in range(0, len(token) - 1, 7):
        other = "A" if token[at] != "A" else "B"
        with pytest.raises(IdentityRefused):
            verifier.verify(token[:at] + other + token[at + 1 :])
    for cut in (0, 1, len(token) // 2, len(token) - 20):
        with pytest.raises(IdentityRefused):
            verifier.verify(token[:cut])


# ---- tokens of our own ----


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")]
)
def test_allowed_signatures(issuer: Issuer, key: Any, algorithm: str) -> None:
    identity = OidcVerifier(issuer.address, AUDIENCE).verify(signed(issuer.claims(roles=["ciso"]), key, algorithm))
    assert identity.subject == "ann"
    assert identity.roles == {"ciso"}


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://elsewhere.example"}, "issuer"),
    "no issuer": ({"iss": ...}, "issuer"),
    "issuer with a slash": ({"iss": "slash"}, "issuer"),
    "another audience": ({"aud": "other"}, "audience"),
    "no audience": ({"aud": ...}, "audience"),
    "audience in a text": ({"aud": f"{AUDIENCE} other"}, "audience"),
    "audience in a map": ({"aud": {AUDIENCE: 1}}, "audience"),
    "two audiences and no party": ({"aud": [AUDIENCE, "other"]}, "audience"),
    "made for another party": ({"azp": "other"}, "audience"),
    "expired": ({"exp": 1}, "expired"),
    "expires now": ({"exp": "now"}, "expired"),
    "no end": ({"exp": ...}, "form"),
    "end in a text": ({"exp": "4102444800"}, "form"),
    "end true": ({"exp": True}, "form"),
    "end without end": ({"exp": 1e300}, "form"),
    "no beginning": ({"iat": ...}, "form"),
    "issued tomorrow": ({"iat": "tomorrow"}, "early"),
    "not before tomorrow": ({"nbf": "tomorrow"}, "early"),
    "not before in a text": ({"nbf": "x"}, "form"),
    "no subject": ({"sub": ...}, "subject"),
    "empty subject": ({"sub": ""}, "subject"),
    "invisible subject": ({"sub": "ann\u200b"}, "subject"),
    "subject in a number": ({"sub": 7}, "subject"),
    "long subject": ({"sub": "a" * 256}, "subject"),
    "groups in a text": ({"groups": "dp-team"}, "form"),
    "groups of numbers": ({"groups": [1]}, "form"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_that_do_not_prove_it(issuer: Issuer, name: str) -> None:
    changes, code = CLAIMS[name]
    words = {"now": int(time.time()), "tomorrow": int(time.time()) + 86_400, "slash": f"{issuer.address}/"}
    claims = issuer.claims(
        **{key: words.get(value, value) if isinstance(value, str) else value for key, value in changes.items()}
    )
    assert refused(issuer, signed(claims, RSA, "RS256")) == code


def test_two_audiences_with_the_right_party_are_fine(issuer: Issuer) -> None:
    claims = issuer.claims(aud=["other", AUDIENCE], azp=AUDIENCE)
    assert OidcVerifier(issuer.address, AUDIENCE).verify(signed(claims, RSA, "RS256")).subject == "ann"


def test_the_issuers_clock_may_be_a_little_ahead(issuer: Issuer) -> None:
    claims = issuer.claims(iat=int(time.time()) + 20, nbf=int(time.time()) + 20)
    assert OidcVerifier(issuer.address, AUDIENCE).verify(signed(claims, RSA, "RS256")).subject == "ann"


def test_headers_that_are_not_those_of_an_id_token(issuer: Issuer) -> None:
    claims = issuer.claims()
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
    cases = {
        signed(claims, stranger, "RS256"): "signature",
        signed(claims, RSA, "RS512"): "algorithm",
        signed(claims, RSA, "RS256", kid="ec-1"): "key",
        signed(claims, RSA, "RS256", kid="unknown"): "key",
        signed(claims, RSA, "RS256", kid=...): "",
        signed(claims, RSA, "RS256", typ="at+jwt"): "form",
        signed(claims, EC, "ES256", kid="ed-1"): "key",
        signed(b"[]", RSA, "RS256"): "form",
        signed(b'{"iss": 1, "iss": 2}', RSA, "RS256"): "form",
        signed(b"\xff", RSA, "RS256"): "form",
        unsigned(claims, {"alg": "none"}): "form",
        unsigned(claims, {"alg": "none"}, b"x"): "algorithm",
        unsigned(claims, {"alg": "HS256", "kid": "rsa-1"}, b"x"): "algorithm",
        unsigned(claims, {"alg": "RS256", "kid": 7}, b"x"): "form",
        unsigned(claims, {"alg": ["RS256"], "kid": "rsa-1"}, b"x"): "form",
        unsigned(claims, {"alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": False}, b"x"): "form",
        unsigned(claims, {"alg": "RS256", "jwk": stranger.as_dict(private=False), "kid": "x"}, b"x"): "key",
        "": "form",
        "a.b": "form",
        "a.b.c.d": "form",
        "ä.b.c": "form",
        "a" * 20_000 + ".b.c": "form",
    }
    for token, code in cases.items():
        if not code:
            assert OidcVerifier(issuer.address, AUDIENCE).verify(token).subject == "ann", "one key of its kind"
        else:
            assert refused(issuer, token) in {code, "signature"}, token[:200]


def test_a_key_that_could_be_one_of_several_is_none(issuer: Issuer) -> None:
    """A token that names no key, or a name that two keys have, is signed by nobody in particular."""
    other = jwk.RSAKey.generate_key(2048, {"kid": "rsa-2"}, private=True)
    issuer.publish(RSA, other, EC)
    claims = issuer.claims()
    verifier = OidcVerifier(issuer.address, AUDIENCE)
    assert verifier.verify(signed(claims, other, "RS256")).subject == "ann"
    assert verifier.verify(signed(claims, EC, "ES256", kid=...)).subject == "ann", "the only one of its kind"
    for key in (RSA, other):
        assert refused(issuer, signed(claims, key, "RS256", kid=...)) == "key"
    double = jwk.RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
    issuer.publish(RSA, double, EC)
    for key in (RSA, double):
        assert refused(issuer, signed(claims, key, "RS256")) == "key"


@pytest.mark.parametrize(
    "marks",
    [{"use": "enc"}, {"alg": "RS512"}, {"key_ops": ["sign"]}, {"key_ops": []}, {"kty": "EC"}, {"kid": None}],
    ids=str,
)
def test_keys_for_something_else_verify_nothing(issuer: Issuer, marks: dict[str, Any]) -> None:
    issuer.publish(RSA)
    issuer.keys["keys"][0] |= marks
    assert refused(issuer, signed(issuer.claims(), RSA, "RS256")) == "key"


def test_a_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    bare = unsigned(issuer.claims(), {"alg": "HS256", "kid": "rsa-1", "typ": "JWT"}).rstrip(".")
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode(), b""):
        signature = hmac.digest(secret, bare.encode(), "sha256")
        token = f"{bare}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert refused(issuer, token) == "algorithm"


def test_short_keys_verify_nothing(issuer: Issuer) -> None:
    with warnings.catch_warnings(action="ignore"):  # the library frowns on it, too
        short = jwk.RSAKey.generate_key(1024, {"kid": "short"}, private=True)
    issuer.publish(short)
    assert refused(issuer, signed(issuer.claims(), short, "RS256")) == "key"


def test_a_rotated_key_is_found_once_and_an_unknown_one_does_not_hammer_the_issuer(issuer: Issuer) -> None:
    verifier = OidcVerifier(issuer.address, AUDIENCE)
    verifier.verify(signed(issuer.claims(), RSA, "RS256"))
    known = issuer.requests
    for _ in range(20):
        with pytest.raises(IdentityRefused):
            verifier.verify(signed(issuer.claims(), RSA, "RS256", kid="unknown"))
    assert issuer.requests == known, "the keys were read a moment ago"


def test_a_new_key_counts_and_an_old_one_no_longer(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assentry.gate.directory.jwks.ROTATED_S", 0.0)
    verifier = OidcVerifier(issuer.address, AUDIENCE)
    verifier.verify(signed(issuer.claims(), RSA, "RS256"))
    new = jwk.RSAKey.generate_key(2048, {"kid": "rsa-2"}, private=True)
    issuer.publish(new)
    assert verifier.verify(signed(issuer.claims(), new, "RS256")).subject == "ann"
    with pytest.raises(IdentityRefused):
        verifier.verify(signed(issuer.claims(), RSA, "RS256"))


# ---- issuers that fail or lie ----

BROKEN: dict[str, Callable[[Issuer], object]] = {
    "500": lambda issuer: setattr(issuer, "status", 500),
    "another issuer": lambda issuer: issuer.metadata.update(issuer="https://elsewhere.example"),
    "no metadata": lambda issuer: setattr(issuer, "metadata", None),
    "no keys": lambda issuer: setattr(issuer, "keys", {"keys": "none"}),
    "many keys": lambda issuer: setattr(issuer, "keys", {"keys": [{}] * 101}),
    "keys that are none": lambda issuer: setattr(issuer, "keys", {"keys": [1]}),
    "no address": lambda issuer: issuer.metadata.pop("jwks_uri"),
    "nowhere": lambda issuer: issuer.metadata.update(jwks_uri=f"{issuer.address}/elsewhere"),
    "not https": lambda issuer: issuer.metadata.update(jwks_uri="http://keys.example/"),
    "a file": lambda issuer: issuer.metadata.update(jwks_uri="file:///etc/hosts"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_issuer_that_fails_or_lies_is_a_no(issuer: Issuer, name: str) -> None:
    BROKEN[name](issuer)
    with pytest.raises((DirectoryUnavailable, ConfigError)):
        OidcVerifier(issuer.address, AUDIENCE, ages=Ages(timeout=1, wait=1.5)).verify(
            signed(issuer.claims(), RSA, "RS256")
        )


def test_keys_that_are_damaged_verify_nothing(issuer: Issuer) -> None:
    issuer.publish(RSA)
    issuer.keys["keys"][0]["n"] = "!" * 400
    assert refused(issuer, signed(issuer.claims(), RSA, "RS256")) == "signature"
    issuer.keys["keys"][0] |= {"n": 7, "key_ops": 7}
    assert refused(issuer, signed(issuer.claims(), RSA, "RS256")) in {"key", "signature"}


def test_settings_that_make_no_sense_are_refused() -> None:
    for options in (
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"audience": ""},
        {"issuer": "http://a.example"},
    ):
        arguments: dict[str, Any] = {"issuer": "https://id.example.org", "audience": AUDIENCE, **options}
        with pytest.raises(ConfigError):
            OidcVerifier(**arguments)


def test_an_identity_is_plain_data() -> None:
    assert Identity("i#s", "i", "s", 1, 2) == Identity("i#s", "i", "s", 1, 2, frozenset(), frozenset(), None)
