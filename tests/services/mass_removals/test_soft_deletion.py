"""Entra ID's soft deletion puts 32 hexadecimal digits before the userName; the person stays the same."""

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.store.database.session import Database
from scim_server.store.rows import former
from tests.support.builders.customer import OKTA, USERS
from tests.support.builders.removing import RemovalCustomer, names

DIGITS = "283405f5AABB4cc0a11122223333c2c2"


def rename(acme: RemovalCustomer, person: str, name: str, *, active: bool) -> None:
    user = parse_user({"userName": f"{name}@example.com", "active": active}, USERS)
    people.replace(Context(acme.database, acme.id, OKTA), person, user)


def soft_delete(acme: RemovalCustomer, name: str, way: str) -> str:
    """Take access and change the name, in one request or in two; the id."""
    person = str(acme.person(name).id)
    if way == "name first":
        rename(acme, person, DIGITS + name, active=True)
    elif way == "access first":
        rename(acme, person, name, active=False)
    rename(acme, person, DIGITS + name, active=False)
    return person


def history(acme: RemovalCustomer, name: str) -> list[str]:
    """The ids whose history is shown with a person: those from before, and the one they have."""
    with acme.database.read(acme.id) as read:
        return [*former.ids_of(read, f"{name}@example.com"), str(acme.person(name).id)]


@pytest.mark.parametrize("then", ["deleted", "kept"])
@pytest.mark.parametrize("way", ["together", "name first", "access first"])
def test_the_history_includes_the_time_before_a_soft_deletion(
    database: Database, way: str, then: str
) -> None:
    acme = RemovalCustomer(database, {"standard": 5})
    acme.provision("ada")
    person = soft_delete(acme, "ada", way)

    if then == "deleted":
        people.delete(Context(database, acme.id, OKTA), person)
    acme.provision("ada")

    assert history(acme, "ada") == [person, acme.person("ada").id]
    acme.recount()


def test_a_prefix_of_digits_alone_joins_no_histories(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 5})
    acme.provision(DIGITS.lower() + "ada")
    acme.remove(DIGITS.lower() + "ada")

    acme.provision("ada")

    assert history(acme, "ada") == [acme.person("ada").id]


def test_the_histories_of_different_people_are_not_joined(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 5})
    acme.provision("ada", "bob")
    ada, bob = soft_delete(acme, "ada", "together"), soft_delete(acme, "bob", "together")

    rename(acme, ada, "ada", active=True)
    rename(acme, bob, "robert", active=True)
    people.delete(Context(database, acme.id, OKTA), bob)
    acme.provision("bob", "robert")

    assert history(acme, "ada") == [ada]
    assert history(acme, "bob") == [acme.person("bob").id]
    assert history(acme, "robert") == [bob, acme.person("robert").id]


@pytest.mark.parametrize("how", ["bought", "asked"])
@pytest.mark.parametrize("then", ["deleted", "kept"])
@pytest.mark.parametrize("way", ["together", "name first", "access first"])
def test_restoring_gives_back_the_listed_user_names(
    database: Database, way: str, then: str, how: str
) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, holds=how == "bought")
    acme.provision(*names(1, 30))
    before = {name: acme.person(name) for name in names(1, 22)}
    for name in names(1, 22):
        person = soft_delete(acme, name, way)
        if then == "deleted":
            people.delete(Context(database, acme.id, OKTA), person)
    (listed,) = acme.removals()
    addresses = [f"{name}@example.com" for name in names(1, 22)]

    restored = acme.restore(buys=how == "bought")

    assert [one.user_name for one in listed.people] == addresses
    assert [one.user_name for one in restored.people] == addresses
    for name, person in before.items():
        after = acme.person(name)
        assert (after.id, after.user_name, after.active) == (person.id, person.user_name, True)
        assert after.document == person.document
    assert set(acme.sitting(names(1, 22))) == {"standard"}
    acme.remove("p01")
    acme.provision("p01")
    assert history(acme, "p01") == [before["p01"].id, acme.person("p01").id]
    acme.recount()


def test_a_person_created_again_under_the_earlier_name_counts_as_back(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 40})
    acme.provision(*names(1, 30))
    gone = [soft_delete(acme, name, "together") for name in names(1, 22)]
    acme.provision("p01")
    (listed,) = acme.removals()

    restored = acme.restore()

    assert listed.back == {gone[0]}
    assert [one.person for one in restored.people] == gone[1:]
    assert acme.person("p01").id != gone[0]
    acme.recount()
