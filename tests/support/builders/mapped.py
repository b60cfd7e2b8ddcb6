"""A customer whose groups give tiers, roles and places in the queue."""

from collections.abc import Iterable

from scim_server.protocol.attributes import JSON
from scim_server.protocol.change import Kind
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import MemberChange, parse_group
from scim_server.protocol.patch import changes
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.mappings.effects import Saved
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR
from seat_policy.mapping import GroupMapping, Unmapped
from tests.support.builders.customer import OKTA, USERS, Customer

GROUPS = STANDARD.group_reader(strict=False)


class Mapped(Customer):
    """A customer whose provider pushes groups."""

    def group(self, name: str, *people: str, external: str | None = None) -> str:
        body, _ = parse_group({"displayName": name, "externalId": external}, GROUPS)
        return groups.create(Context(self.database, self.id, OKTA), body, self.ids(people)).group.id

    def change_group(self, group: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        moves = [MemberChange(Kind.REMOVE, self.ids(remove)), MemberChange(Kind.ADD, self.ids(add))]
        groups.patch(Context(self.database, self.id, OKTA), group, (), moves, GROUPS)

    def rename_group(self, group: str, name: str) -> None:
        body: dict[str, JSON] = {"Operations": [{"op": "replace", "path": "displayName", "value": name}]}
        groups.patch(Context(self.database, self.id, OKTA), group, changes(body, GROUPS), (), GROUPS)

    def map(self, group: str, *, preview: bool = False, saver: str | None = None, **gives: object) -> Saved:
        mapping = GroupMapping(**gives)  # type: ignore[arg-type]
        saved = mappings.save(
            Context(self.database, self.id, OPERATOR), group, mapping, saver=saver, preview=preview
        )
        assert isinstance(saved, Saved)
        return saved

    def unmapped(self, choice: Unmapped) -> Saved:
        saved = mappings.choose_unmapped(Context(self.database, self.id, OPERATOR), choice)
        assert isinstance(saved, Saved)
        return saved

    def set_mode(self, mode: str) -> None:
        organizations.configure(Context(self.database, self.id, OPERATOR), Changes({"mode": mode}))

    def set_active(self, name: str, *, active: bool) -> None:
        user = parse_user({"userName": f"{name}@example.com", "active": active}, USERS)
        people.replace(Context(self.database, self.id, OKTA), self.person(name).id, user)

    def ids(self, people: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.person(name).id for name in people)

    def roles(self, *names: str) -> list[str]:
        return [self.person(name).role for name in names]

    def seats_of(self, *names: str) -> list[tuple[str | None, str | None]]:
        """The seats of people and the tiers they wait for."""
        return [(self.person(name).tier, self.person(name).wants) for name in names]


def effects(saved: Saved) -> dict[str, tuple[object, ...]]:
    return {
        one.after.user_name.partition("@")[0]: (one.after.role, one.after.tier, one.after.wants, one.refused)
        for one in saved.effects
    }
