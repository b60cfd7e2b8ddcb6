"""Laws of the wire that hold for every resource, checked on the started server with random resources.

A GET returns what a PUT sent, and sending it back changes nothing. Of two writers with the same version, no
two get the answer that their write succeeded.
"""

import string
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from scim_server.store.database.session import Database
from tests.api.wire import (
    ENTERPRISE,
    USER,
    Resource,
    create,
    create_group,
    founded,
    own,
    patch,
    read,
)
from tests.support.servers.running import Organization, Server

ASKED = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
URLS = st.text(string.ascii_lowercase + "äß/", max_size=10).map("https://example.com/{}".format)
BASE64 = st.binary(min_size=1, max_size=12).map(lambda raw: raw.hex() + "==")
LABELS = ("work", "home", "other")


def plural(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[Resource]]:
    """Elements of a multi-valued attribute, one of them primary at most."""
    element = st.fixed_dictionaries(
        {"value": values}, optional={"display": TEXTS, "type": st.sampled_from(LABELS) | TEXTS}
    )
    return st.lists(element, min_size=1, max_size=3).flatmap(
        lambda made: st.sampled_from([None, *range(len(made))]).map(
            lambda chosen: [
                one | ({} if chosen is None else {"primary": index == chosen})
                for index, one in enumerate(made)
            ]
        )
    )


def parts(*names: str) -> st.SearchStrategy[Resource]:
    """A complex value with at least one of its parts."""
    return st.dictionaries(st.sampled_from(names), TEXTS, min_size=1)


NAMES = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
PLACES = ("formatted", "streetAddress", "locality", "region", "postalCode", "country", "type", "display")
SIMPLE = ("externalId", "displayName", "nickName", "title", "userType", "preferredLanguage", "locale")
PLURALS = ("emails", "phoneNumbers", "ims", "entitlements", "roles")
ENTERPRISE_VALUES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ("employeeNumber", "costCenter", "organization", "division", "department"),
            TEXTS,
        ),
        "manager": st.fixed_dictionaries({"value": TEXTS}),
    },
).filter(bool)
USERS: st.SearchStrategy[Resource] = st.fixed_dictionaries(
    {"userName": TEXTS.filter(lambda name: name.strip() != ""), "active": st.booleans()},
    optional={
        **dict.fromkeys((*SIMPLE, "timezone"), TEXTS),
        **dict.fromkeys(PLURALS, plural(TEXTS)),
        "profileUrl": URLS,
        "photos": plural(URLS),
        "x509Certificates": plural(BASE64),
        "name": parts(*NAMES),
        "addresses": st.lists(parts(*PLACES), min_size=1, max_size=2),
        ENTERPRISE: ENTERPRISE_VALUES,
    },
)


@pytest.fixture(scope="module")
def alone(server: Server) -> Organization:
    """An organization that only these tests change."""
    return founded(server, standard=1000)


@pytest.fixture(scope="module")
def provider(alone: Organization) -> Iterator[httpx.Client]:
    with alone.client() as opened:
        yield opened


def events(database: Database, organization: Organization) -> int:
    counted = text(
        "SELECT count(*) FROM events JOIN organizations ON organizations.id = events.organization"
        " WHERE organizations.slug = :slug"
    )
    with database.snapshot() as connection:
        return int(connection.execute(counted, {"slug": organization.slug}).scalar_one())


def put(client: httpx.Client, path: str, body: Resource, **headers: str) -> httpx.Response:
    answer = client.put(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_get_returns_exactly_what_a_put_sent(server: Server) -> None:
    with founded(server, standard=1).client() as client:
        path = f"/Users/{create(client)['id']}"

        @ASKED
        @given(USERS)
        def law(body: Resource) -> None:
            answered = put(client, path, body).json()
            shown = read(client, path)

            assert own(shown) == body
            assert answered == shown
            assert set(shown["schemas"]) == {USER, *(urn for urn in body if urn == ENTERPRISE)}

        law()


def test_sending_back_the_answer_of_a_get_changes_nothing(server: Server, database: Database) -> None:
    organization = founded(server, standard=2)
    with organization.client() as client:
        manager = create(client, displayName="Grace")["id"]
        person = create(client)["id"]
        create_group(client, person)
        path = f"/Users/{person}"

        @ASKED
        @given(USERS, st.booleans())
        def law(body: Resource, here: bool) -> None:  # noqa: FBT001 - drawn
            if here:
                body = body | {ENTERPRISE: {"manager": {"value": manager}}}
            put(client, path, body)
            shown = client.get(path)
            before = events(database, organization)

            again = put(client, path, shown.json(), **{"If-Match": shown.headers["ETag"]})

            assert again.headers["ETag"] == shown.headers["ETag"]
            assert again.json() == shown.json()
            assert client.get(path).headers["ETag"] == shown.headers["ETag"]
            assert events(database, organization) == before

        law()


def test_sending_back_a_group_as_it_was_read_changes_nothing(
    provider: httpx.Client, alone: Organization, database: Database
) -> None:
    people = [create(provider, displayName=f"Person {number}")["id"] for number in range(3)]
    inner = create_group(provider)["id"]
    path = f"/Groups/{create_group(provider)['id']}"

    @settings(ASKED, max_examples=20)
    @given(TEXTS.filter(str.strip), st.none() | TEXTS, st.sets(st.sampled_from([*people, inner])))
    def law(name: str, external: str | None, members: set[str]) -> None:
        given_ = {"displayName": name, **({"externalId": external} if external else {})}
        put(provider, path, given_ | {"members": [{"value": one} for one in sorted(members)]})
        shown = provider.get(path)
        before = events(database, alone)

        again = put(provider, path, shown.json())

        assert {one["value"] for one in shown.json().get("members", [])} == members
        assert {key: shown.json()[key] for key in given_} == given_
        assert again.json() == shown.json()
        assert again.headers["ETag"] == shown.headers["ETag"]
        assert events(database, alone) == before

    law()


def test_fifty_members_added_concurrently_are_all_members(provider: httpx.Client) -> None:
    people = [create(provider)["id"] for _ in range(50)]
    path = f"/Groups/{create_group(provider)['id']}"

    def join(person: str) -> int:
        return patch(
            provider, path, {"op": "add", "path": "members", "value": [{"value": person}]}
        ).status_code

    with ThreadPoolExecutor(len(people)) as threads:
        counted = Counter(threads.map(join, people))

    shown = read(provider, path)
    assert sum(number for status, number in counted.items() if status in (200, 204)) == 50
    assert sorted(one["value"] for one in shown["members"]) == sorted(people)
    assert shown["meta"]["version"] == 'W/"51"'


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_of_thirty_two_concurrent_writers_with_one_version_exactly_one_succeeds(
    provider: httpx.Client, method: str
) -> None:
    person = create(provider)
    path, seen = f"/Users/{person['id']}", person["meta"]["version"]

    def write(number: int) -> httpx.Response:
        if method == "PUT":
            body = {"userName": person["userName"], "title": f"writer {number}"}
            return provider.put(path, json=body, headers={"If-Match": seen})
        change = {"op": "replace", "path": "title", "value": f"writer {number}"}
        return patch(provider, path, change, if_match=seen)

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(write, range(32)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 31}
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert read(provider, path) == won
    assert {answer.json()["status"] for answer in answers if answer.status_code == 412} == {"412"}
