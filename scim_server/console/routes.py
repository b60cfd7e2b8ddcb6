"""Routes of the console. Each route declares who may use it; a route without this does not start."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

from flask import Blueprint, Flask

from seat_policy.roles import Role

PREFIX: Final = "/console/"
View = TypeVar("View", bound=Callable[..., Any])


class Permission(Enum):
    """Who may use a route."""

    PUBLIC = "public"
    """Everyone: the sign-in itself."""
    MEMBERS = "members"
    """Admins, Owners and the Primary Owner."""
    BILLING = "billing"
    """Owners and the Primary Owner."""
    SPENDING = "spending"
    """As BILLING, and the sign-in is at most 30 minutes old."""

    def admits(self, role: Role) -> bool:
        """Whether a role may use the route."""
        match self:
            case Permission.PUBLIC:
                return True
            case Permission.MEMBERS:
                return role is not Role.USER
            case Permission.BILLING | Permission.SPENDING:
                return role.owns


class Pages(Blueprint):
    """The routes of one part of the console, below `/console/<slug>`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"console_{name}", __name__, url_prefix=f"{PREFIX}<slug>")
        self.permissions: dict[str, Permission] = {}
        # The organization of a page is that of the session.
        self.url_value_preprocessor(_forget_slug)

    def show(self, rule: str, allows: Permission) -> Callable[[View], View]:
        """Register a page, which changes nothing."""
        return self._add(rule, allows, "GET")

    def do(self, rule: str, allows: Permission) -> Callable[[View], View]:
        """Register an action, which a form of the console sends."""
        return self._add(rule, allows, "POST")

    def _add(self, rule: str, allows: Permission, method: str) -> Callable[[View], View]:
        def register(view: View) -> View:
            endpoint = view.__name__
            self.add_url_rule(rule, endpoint, view, methods=[method])
            self.permissions[f"{self.name}.{endpoint}"] = allows
            return view

        return register


def _forget_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop("slug", None)


class UndeclaredRoute(RuntimeError):
    """A route of the console does not say who may use it, so the server must not start."""


def permissions(parts: Iterable[Pages]) -> Mapping[str, Permission]:
    """The permission of every route, by its endpoint."""
    return {endpoint: allows for part in parts for endpoint, allows in part.permissions.items()}


def require_declared(app: Flask, declared: Mapping[str, Permission]) -> None:
    """Check that every address of the console has a permission.

    Raises:
        UndeclaredRoute: a route has none.
    """
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and rule.endpoint not in declared:
            raise UndeclaredRoute(f"{rule.rule} ({rule.endpoint}) does not declare who may use it")
