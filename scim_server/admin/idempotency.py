"""Requests with an Idempotency-Key have their effect once, and get the same answer again."""

import hashlib
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Response, g, request

from scim_server.admin import auth, problems
from scim_server.admin.parsing import body_bytes
from scim_server.admin.problems import Problem
from scim_server.services.access.commands import Answer, Once
from scim_server.services.errors import InProgress
from scim_server.store.errors import StoreError
from scim_server.telemetry import log

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def once(repeatable: bool, query: Mapping[str, Any], act: Callable[[], Response]) -> Response:  # noqa: FBT001 - a fact about the call
    """Carry out a request, or answer again what the same request was answered before.

    A preview has no effect, so its key is not used.

    Raises:
        Problem: the header is malformed.
        KeyInUse, InProgress, AnswerLost: the key was used before.
    """
    key = request.headers.get(HEADER)
    if key is None or not repeatable or query.get("preview"):
        return act()
    if _KEY.fullmatch(key) is None:
        raise Problem("invalid_header", f"{HEADER} must have 1 to 255 visible ASCII characters.")
    claim = Once(g.holder.id, g.secret, key, _digest())
    earlier = claim.find(auth.database())
    if earlier is not None:
        return Response(
            earlier.body, earlier.status, {REPLAYED: "true"}, mimetype=_type(HTTPStatus(earlier.status))
        )
    return _carried_out(claim, act)


def _carried_out(claim: Once, act: Callable[[], Response]) -> Response:
    database = auth.database()
    g.database = database.claiming(claim)
    try:
        response = act()
    except InProgress:
        raise
    except Exception as error:
        # A refusal without an effect may be repeated. A refusal after a part of the effect is the answer.
        response = problems.respond(error)
        if not claim.claimed or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
    try:
        claim.remember(database, Answer(response.status_code, response.get_data()))
    except StoreError as error:
        log.error("answer not stored", cause=str(error))
    return response


def _digest() -> str:
    """The digest of what must be the same in a repetition."""
    parts = (request.method.encode(), request.full_path.encode(), body_bytes())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _type(status: HTTPStatus) -> str:
    return "application/json" if status < HTTPStatus.BAD_REQUEST else problems.PROBLEM_JSON
