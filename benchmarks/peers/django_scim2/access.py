"""Access: only requests with the token from the environment are accepted."""

import os
from collections.abc import Callable
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse

_EXPECTED = f"Bearer {os.environ['TOKEN']}"


class TokenMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        passes = request.headers.get("Authorization") == _EXPECTED
        request.user = SimpleNamespace(is_anonymous=not passes, is_authenticated=passes)
        return self.get_response(request)
