"""The application, filled before the first request from the file in the variable SEED."""

import json
import os
from pathlib import Path
from typing import Any

from scim2_models import Resource, ResourceType
from scim2_server.memory import InMemoryStorage
from scim2_server.requests import ScimRequest
from scim2_server.service import ScimService
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider


class Storage(InMemoryStorage):
    """Storage that gives the people created before the first request the ids that the benchmark expects."""

    given: str | None = None

    def generate_id(self, resource_type: ResourceType, resource: Resource[Any]) -> str:
        return self.given or super().generate_id(resource_type, resource)


class Application(BearerTokenApplication):
    """Reads no body if the request has none, because granian cannot read until the end of a body."""

    def read_body(self, environ: dict[str, Any], request: ScimRequest) -> bytes:
        return super().read_body(environ, request) if environ.get("CONTENT_LENGTH") else b""


def build() -> Application:
    provider = load_default_provider()
    storage = Storage()
    types = {one.name: one for one in provider.resource_types}
    with Path(os.environ["SEED"]).open() as lines:
        for line in lines:
            kind, id_, body = json.loads(line)
            storage.given = id_
            storage.create(types[kind], provider.model_for(types[kind]).model_validate(body))
    storage.given = None
    return Application(storage, provider, service=ScimService(provider), bearer_tokens=[os.environ["TOKEN"]])
