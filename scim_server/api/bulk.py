"""/Bulk (RFC 7644 section 3.7)."""

from flask import Blueprint, Response

from scim_server import bodies
from scim_server.api import requests
from scim_server.api.respond import answer
from scim_server.protocol.bulk import MAX_PAYLOAD, RESPONSE_URN, parse_bulk
from scim_server.protocol.errors import TooLarge
from scim_server.protocol.etag import etag
from scim_server.protocol.messages import parse_object
from scim_server.services.groups import commands
from scim_server.services.groups.commands import Result

bulk = Blueprint("bulk", __name__)


@bulk.post("/Bulk")
def run() -> Response:
    """Carry out many operations. The status of the answer is 200 even if some operations failed."""
    content = bodies.body()
    if len(content) > MAX_PAYLOAD:
        raise TooLarge(f"The body of a bulk request must have at most {MAX_PAYLOAD} bytes.")
    request = parse_bulk(parse_object(content), requests.directory().endpoints(), requests.allowed())
    results = commands.run_bulk(requests.context(), request)
    return answer({"schemas": [RESPONSE_URN], "Operations": [_shown(result) for result in results]})


def _shown(result: Result) -> dict[str, object]:
    shown: dict[str, object] = {}
    if result.operation.method:
        shown["method"] = result.operation.method
    if result.operation.bulk_id is not None:
        shown["bulkId"] = result.operation.bulk_id
    if result.id is not None:
        shown["location"] = f"{requests.base_url()}{result.operation.endpoint}/{result.id}"
    if result.version is not None:
        shown["version"] = etag(result.version)
    shown["status"] = str(int(result.status))
    if result.error is not None:
        shown["response"] = result.error.to_json()
    return shown
