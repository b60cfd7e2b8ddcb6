"""Seats, queue and log of an organization, as its operator and its provider see them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.api.wire import (
    SEAT,
    Resource,
    command,
)
from tests.support.servers.running import Organization, Server

ON = {"op": "replace", "path": "active", "value": True}
OFF = {"op": "replace", "path": "active", "value": False}


@contextmanager
def opened(organization: Organization) -> Iterator[httpx.Client]:
    with organization.client() as client:
        yield client


def tiers(server: Server, organization: Organization) -> dict[str, tuple[int, int, int]]:
    """Purchased, assigned and waiting by tier; no invitation here holds a seat."""
    shown = command(server, "seats", "show", organization.slug)
    assert all(tier["held"] == 0 for tier in shown["tiers"].values())
    return {name: (one["purchased"], one["assigned"], one["waiting"]) for name, one in shown["tiers"].items()}


def waiting(server: Server, organization: Organization) -> int:
    number: int = command(server, "seats", "show", organization.slug)["waiting_any"]
    return number


def log(server: Server, organization: Organization, *options: str) -> list[Resource]:
    entries: list[Resource] = command(server, "log", "list", organization.slug, *options)["data"]
    return entries


def reference(detail: str) -> str:
    found = re.search(r"Reference: (\S+?)\.?$", detail)
    assert found is not None, detail
    return found[1]


def seat(resource: Resource) -> tuple[str, str | None, bool]:
    """Status, tier, and whether the start of the wait is shown."""
    shown = resource[SEAT]
    return shown["status"], shown.get("tier"), "waitingSince" in shown
