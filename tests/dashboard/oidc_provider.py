"""A stand-in OpenID Connect provider on loopback: who asks is signed in at once, as whoever the test says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "viewbox", "the-clients-own-secret"


@dataclass
class Provider:
    """`claims` of the next person who signs in; `asked` counts the tokens that were handed out."""

    claims: dict[str, Any]
    url: str = ""
    asked: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    nonces: dict[str, str] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks", "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def way_back(self, query: dict[str, list[str]]) -> str:
        """Where the browser goes after signing in: a code that stands for this visit."""
        assert query["client_id"] == [CLIENT_ID]
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = query.get("nonce", [""])[0]
        return f"{query['redirect_uri'][0]}?{urlencode({'code': code, 'state': query['state'][0]})}"

    def token(self, code: str) -> dict[str, Any]:
        self.asked += 1
        now_s = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "iat": now_s, "exp": now_s + 600, "nonce": self.nonces[code],
            **self.claims,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": signed}


@contextmanager
def provider(**claims: Any) -> Iterator[Provider]:
    """Serving for the length of a block."""
    standing = Provider(claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self._say(standing.metadata())
                case "/jwks":
                    self._say({"keys": [standing.key.as_dict(private=False)]})
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", standing.way_back(parse_qs(parts.query)))
                    self.end_headers()
                case _:
                    self.send_error(404)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._say(standing.token(form["code"][0]))

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

        def _say(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        standing.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield standing
        finally:
            server.shutdown()
            thread.join()
