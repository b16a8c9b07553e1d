"""/login: takes the secret once and gives a signed cookie for it, which site and dashboard honour."""

from __future__ import annotations

import re
import time
from html import escape
from string import Template
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from ingest_api import auth, site_headers
from ingest_api.limits import MAX_LOGIN_BYTES, read_bounded
from ingest_api.pages import STYLE, page
from ingest_api.problems import problem
from ingest_api.services import Parts
from viewbox import signin
from viewbox.settings import Settings

router = APIRouter(include_in_schema=False)
_SAME_SITE_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")
_FORM = Template("""<h1>Sign in</h1>
<p>Enter the secret of this ViewBox: the value of <code>VIEWBOX_SECRET</code>.</p>
$trouble<form method="post" action="/login">
<input type="hidden" name="next" value="$next">
<label for="secret">Secret</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required autofocus$described>
<button type="submit">Sign in</button>
</form>""")


@router.get("/login")
async def login_page(request: Request, services: Parts) -> Response:
    """The form; signed-in people go on."""
    target = safe_target(request.query_params.get("next", "/"), services.settings)
    if auth.policy(services.settings).admits(request):
        return RedirectResponse(target, 303)
    return _form(target)


@router.post("/login")
async def login(request: Request, services: Parts) -> Response:
    """303 with the cookie, or 401. Wrong guesses are limited over all clients together."""
    body = await read_bounded(request.stream(), MAX_LOGIN_BYTES, request.headers.get("content-length"))
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    target = safe_target(fields.get("next", ["/"])[0], services.settings)
    policy = auth.policy(services.settings)
    if isinstance(policy, auth.Open):
        return RedirectResponse(target, 303)
    services.login_attempts.require()
    if not signin.matches(fields.get("secret", [""])[0], policy.secret):
        services.login_attempts.failed()
        services.telemetry.refused("wrong_secret")
        if "text/html" in request.headers.get("accept", ""):
            return _form(target, trouble="That is not the secret.")
        return problem(401, "wrong_secret", "that is not the secret", "send the value of VIEWBOX_SECRET as `secret`")
    response = RedirectResponse(target, 303)
    response.set_cookie(
        signin.COOKIE,
        signin.issue(policy.secret, now_s=time.time()),
        max_age=signin.LIFETIME_S,
        httponly=True,
        samesite="lax",
        secure=is_https(services.settings),
        path="/",
    )
    return response


def safe_target(target: str, settings: Settings) -> str:
    """Where to go after signing in: a path of this site, or the dashboard; never another host."""
    if _SAME_SITE_PATH.fullmatch(target):
        return target
    dashboard = settings.dashboard_site_url
    if target == dashboard or target.startswith(f"{dashboard}/"):
        return target
    return "/"


def is_https(settings: Settings) -> bool:
    return settings.public_url is not None and urlsplit(settings.public_url).scheme == "https"


def _form(target: str, trouble: str = "") -> HTMLResponse:
    shown = f'<p id="trouble" role="alert">{escape(trouble)}</p>\n' if trouble else ""
    described = ' aria-describedby="trouble" aria-invalid="true"' if trouble else ""
    body = _FORM.substitute(trouble=shown, next=escape(target, quote=True), described=described)
    headers = {
        "Content-Security-Policy": site_headers.content_security_policy(styles=[site_headers.style_hash(STYLE)]),
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page("Sign in", body), 401 if trouble else 200, headers)
