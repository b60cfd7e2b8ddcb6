"""An identity provider that signs whatever a test asks, behind a real port."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeyParameters, RSAKey

CLIENT, SECRET = "seats", "s3cret:of the client%"
KID = "k1"
Token = Callable[[dict[str, Any]], str]


@cache
def key_of(kind: str, kid: str = KID) -> Key:
    """A private key; RSA needs long to be made, so each is made once."""
    parameters: KeyParameters = {"kid": kid, "use": "sig"}
    match kind:
        case "EC":
            return ECKey.generate_key("P-256", parameters)
        case _:
            return RSAKey.generate_key(2048, parameters)


def encoded(value: bytes | dict[str, Any]) -> str:
    """A part of a token."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(claims: dict[str, Any], key: Key | None = None, alg: str = "RS256", **header: object) -> str:
    """A token."""
    key = key or key_of("RSA")
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg])


@dataclass
class Provider:
    """A provider. A test changes what it says.

    Attributes:
        now: the present time, in seconds since 1970.
        claims: what the token says instead; a value None removes the claim.
        token: makes the token of its claims.
        userinfo: what the provider says outside the token.
        description: what it says about itself instead; a value None removes the entry.
        keys: its public keys.
        secret: of its client; None for a client without one.
        asked: the requests for the sign-in page, as the browser sent them.
        called: the paths that were called.
        tokens: the forms that the client sent for tokens.
    """

    url: str
    now: Callable[[], float]
    claims: dict[str, Any] = field(default_factory=dict)
    token: Token = signed
    userinfo: dict[str, Any] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=lambda: [key_of("RSA")])
    secret: str | None = SECRET
    asked: list[dict[str, str]] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    tokens: list[dict[str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Its host and port."""
        return urlsplit(self.url).netloc

    def described(self) -> dict[str, Any]:
        """Its description of itself."""
        usual: dict[str, Any] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email"],
        }
        return _changed(usual, self.description)

    def sign_in(self, location: str, **answer: str) -> str:
        """Let the person of a browser sign in that was sent to `location`; return where it is sent back.

        Args:
            answer: other parameters of the answer.
        """
        asked = dict(parse_qsl(urlsplit(location).query))
        self.asked.append(asked)
        code = f"code-{len(self.asked) - 1}"
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], **answer})}"

    def exchange(self, form: Mapping[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer to a request for tokens."""
        self.tokens.append(dict(form))
        if not self._proves(form, authorization):
            return 401, {"error": "invalid_client"}
        number = form.get("code", "").removeprefix("code-")
        asked = self.asked[int(number)] if number.isdecimal() and int(number) < len(self.asked) else {}
        challenge = encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked.get("code_challenge") != challenge or asked.get("redirect_uri") != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        now = int(self.now())
        usual = {
            "iss": self.url,
            "sub": "248289761001",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked.get("nonce"),
            "email": "owner@example.com",
            "email_verified": True,
        }
        claims = _changed(usual, self.claims)
        return 200, {"id_token": self.token(claims), "access_token": "access", "token_type": "Bearer"}

    def _proves(self, form: Mapping[str, str], authorization: str) -> bool:
        if self.secret is None:
            return form.get("client_id") == CLIENT and not authorization
        _, _, pair = authorization.partition(" ")
        name, _, secret = base64.b64decode(pair).decode().partition(":")
        return (unquote(name), unquote(secret)) == (CLIENT, self.secret)


def _changed(usual: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.provider.called.append(path)
        match path:
            case "/.well-known/openid-configuration":
                self._answer(200, self.provider.described())
            case "/keys":
                self._answer(200, {"keys": [one.as_dict(private=False) for one in self.provider.keys]})
            case "/userinfo" if self.provider.userinfo is not None:
                known = self.headers["Authorization"] == "Bearer access"
                self._answer(200 if known else 401, self.provider.userinfo if known else {})
            case "/redirect":
                self._answer(302, {}, Location=f"{self.provider.url}/keys")
            case "/large":
                self._answer(200, {"text": "x" * 300_000})
            case _:
                self._answer(404, {})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(sent).items()}
        self.provider.called.append(self.path)
        self._answer(*self.provider.exchange(form, self.headers["Authorization"] or ""))

    def _answer(self, status: int, content: dict[str, Any], **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing is printed."""


@contextmanager
def provider(now: Callable[[], float]) -> Iterator[Provider]:
    """A running provider."""

    class Handler(_Handler):
        provider: Provider

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.provider = Provider(f"http://127.0.0.1:{server.server_address[1]}", now)
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Handler.provider
        finally:
            server.shutdown()
            thread.join()
