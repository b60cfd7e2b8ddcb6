"""Calls of /v1. Each declares its scope and its documentation; a route without a scope does not start."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, g
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from scim_server.admin import idempotency
from scim_server.admin.lists import ListQuery
from scim_server.admin.parsing import Input, Nothing, Parser, text
from scim_server.admin.problems import DOCS, PREFIX, answer
from scim_server.representations.base import page_of
from scim_server.services.access.commands import Scope
from scim_server.services.errors import ServiceError

OF_ORGANIZATION: Final = "/organizations/<slug>"
"""The beginning of the address of calls about one organization."""
PUBLIC: Final = (f"{PREFIX}openapi.json", DOCS, f"{PREFIX}docs.css")
"""The addresses that need no key."""

View = Callable[..., Any]
Values = dict[str, Any]


class PreviewQuery(Input):
    """The parameter of calls with a preview."""

    preview = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only show what would happen. Nothing is changed."},
    )


class Confirmed(Input):
    """The field of bodies that confirm a preview."""

    confirmation = text(
        load_default=None, about="The `confirmation` of a preview: do exactly what it showed, or nothing."
    )


@dataclass(frozen=True, slots=True)
class Call:
    """What a call of /v1 declares.

    Attributes:
        scope: the scope that the key needs.
        status: the status of a success.
        raises: the failures that the call can answer in addition to those of all calls.
        bound: whether a key for one organization may make a call that names no organization.
        example: an example of the body.
        untried: why the example cannot be sent in a test; None if it can.
        if_match: whether the call accepts the header If-Match.
        paged: whether the call answers a list in pages.
        lines: whether the answer is JSON lines, each of which has the form of the schema.
        confirmed: whether the body can confirm a preview.
        media: the media type of the answer if it is a document; None if it is JSON.
    """

    method: str
    rule: str
    scope: Scope
    status: HTTPStatus = HTTPStatus.OK
    raises: tuple[type[ServiceError], ...] = ()
    bound: bool = False
    example: Mapping[str, object] | None = None
    untried: str | None = None
    if_match: bool = False
    paged: bool = False
    lines: bool = False
    confirmed: bool = False
    media: str | None = None

    @property
    def names_organization(self) -> bool:
        """Whether the address contains an organization."""
        return self.rule.startswith(OF_ORGANIZATION)

    @property
    def repeatable(self) -> bool:
        """Whether the call accepts an idempotency key."""
        return self.method == "POST"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a call accepts and answers, for the documentation and for the checks.

    Attributes:
        answers: the schema of the answer.
        takes: the schema of the body; None for calls without a body.
        query: the schema of the query.
    """

    answers: type[Schema]
    takes: type[Input] | None = None
    query: type[Input] = Nothing


class Noun(Blueprint):
    """The calls about one noun."""

    ARGUMENTS_PARSER = Parser(unknown=None)

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX.rstrip("/"), description=description)
        self.calls: dict[str, Call] = {}
        self.url_value_preprocessor(_forget_slug)

    def show(
        self,
        rule: str,
        scope: Scope,
        answers: type[Schema],
        query: type[Input] = Nothing,
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register a read."""
        return self._add(Call("GET", rule, scope, **others), Shape(answers, query=query))

    def list(
        self,
        rule: str,
        scope: Scope,
        item: type[Schema],
        query: type[ListQuery] = ListQuery,
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register a list in pages."""
        return self._add(Call("GET", rule, scope, paged=True, **others), Shape(page_of(item), query=query))

    def file(
        self,
        rule: str,
        scope: Scope,
        media: str,
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register a read whose answer is a document for people."""
        return self._add(Call("GET", rule, scope, media=media, **others), Shape(Nothing))

    def do(
        self,
        rule: str,
        scope: Scope,
        answers: type[Schema],
        takes: type[Input] = Nothing,
        *,
        preview: bool = False,
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register an action, which may be repeated with an idempotency key."""
        query = PreviewQuery if preview else Nothing
        call = Call("POST", rule, scope, confirmed=issubclass(takes, Confirmed), **others)
        return self._add(call, Shape(answers, takes, query))

    def change(
        self,
        rule: str,
        scope: Scope,
        answers: type[Schema],
        takes: type[Input],
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register a change of some fields."""
        return self._add(Call("PATCH", rule, scope, **others), Shape(answers, takes))

    def remove(
        self,
        rule: str,
        scope: Scope,
        answers: type[Schema],
        *,
        preview: bool = False,
        **others: Any,  # noqa: ANN401 - the rest of a Call
    ) -> Callable[[View], View]:
        """Register a removal."""
        query = PreviewQuery if preview else Nothing
        return self._add(Call("DELETE", rule, scope, **others), Shape(answers, query=query))

    def _add(self, call: Call, shape: Shape) -> Callable[[View], View]:
        def register(view: View) -> View:
            endpoint = view.__name__
            self.calls[f"{self.name}.{endpoint}"] = call
            self.add_url_rule(call.rule, endpoint, self._decorated(view, call, shape), methods=[call.method])
            return view

        return register

    def _decorated(self, view: View, call: Call, shape: Shape) -> View:
        """The view with its checks, in this order: the query, the body, the idempotency key."""

        @wraps(view)
        def answered(*, query: Values, body: Values | None = None, **values: Any) -> Response:  # noqa: ANN401 - as the view takes them
            given = values | _given(shape, query, body)
            return idempotency.once(call.repeatable, query, lambda: _response(view(**given), call.status))

        found: View = self.response(int(call.status), shape.answers)(answered)
        if shape.takes is not None:
            required = any(one.required for one in shape.takes().fields.values())
            takes = {"required": required, "example": call.example, "arg_name": "body"}
            found = self.arguments(shape.takes, location="json", **takes)(found)
        decorated: View = self.arguments(shape.query, location="query", arg_name="query")(found)
        return decorated


def _given(shape: Shape, query: Values, body: Values | None) -> Values:
    """The arguments of a view, besides those of the address."""
    given: Values = {}
    if shape.takes not in (None, Nothing):
        given["body"] = body
    if shape.query is PreviewQuery:
        given["preview"] = query["preview"]
    elif shape.query is not Nothing:
        given["query"] = query
    return given


def _response(result: Any, status: HTTPStatus) -> Response:  # noqa: ANN401 - a body or a whole answer
    return result if isinstance(result, Response) else answer(result, status)


def _forget_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views get the organization from the admitted request, not from the address."""
    if values is not None and "slug" in values:
        g.slug = values.pop("slug")


class UndeclaredRoute(RuntimeError):
    """A route of /v1 does not declare its scope, so the server must not start."""


def calls(nouns: Iterable[Noun]) -> dict[str, Call]:
    """Every call by its endpoint."""
    return {endpoint: call for noun in nouns for endpoint, call in noun.calls.items()}


def require_declared(app: Flask, declared: Mapping[str, Call]) -> None:
    """Check that every address of /v1 declares its scope, except the public ones.

    Raises:
        UndeclaredRoute: a route does not.
    """
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and rule.rule not in PUBLIC and rule.endpoint not in declared:
            raise UndeclaredRoute(f"{rule.rule} ({rule.endpoint}) does not declare its scope")
