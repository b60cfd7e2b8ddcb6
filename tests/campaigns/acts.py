"""Changes of members, groups and invitations while providers send requests, and their results."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scim_server.services.billing import commands, due, purchases
from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import Invitees
from scim_server.services.left_out import commands as clearing
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as members
from scim_server.services.people.manage import NoSeatFree
from scim_server.store.database.session import Actor, Database
from seat_policy.bill import Order
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.campaigns import books
from tests.support.servers.running import Organization

HANDS: Final = Actor("hands", WayIn.CLI)
TIERS: Final = ("standard", "premium")
INVITED: Final = 8
SIGNED: Final = 12
"""So many addresses are invited over and over, and so many sign in."""
GROUPS: Final = ("Sales", "Engineering", "Company")
"""The last has the second inside it."""


@dataclass(frozen=True, slots=True)
class House:
    """An organization that concurrent acts change.

    Attributes:
        kind: the kind of acts, one of KINDS.
        id: as the services know it.
        groups: ids by name.
    """

    kind: str
    overflow: str
    organization: Organization
    id: str
    groups: Mapping[str, str]

    @property
    def slug(self) -> str:
        """For the organization, and the name of its domain."""
        return self.organization.slug

    def address(self, name: str) -> str:
        """A person's, in the domain that is verified."""
        return f"{name}@{self.slug}.example"


@dataclass(frozen=True, slots=True)
class Act:
    """An act of a person other than a provider.

    Attributes:
        names: userNames, addresses or ids, as the kind has them; empty if no matching person was found.
        outcome: `done`, `refused` or `failed`: no answer of ours.
        said: the reason of a refusal, or the result of a retry.
    """

    slug: str
    kind: str
    names: tuple[str, ...]
    outcome: str
    said: str = ""
    sent: float = 0.0
    answered: float = 0.0


@dataclass(frozen=True, slots=True)
class Hand:
    """An actor that uses the services, as an operator's command does.

    Attributes:
        later: the same database, three weeks on.
    """

    database: Database
    later: Database
    chance: random.Random

    def rows(self, house: House, query: str, condition: str) -> list[Any]:
        """Some rows of a house."""
        with books.cursor(self.database.url) as one:
            one.execute(f"{query} WHERE organization = '{house.id}' AND {condition}")
            return list(one.fetchall())

    def one_of_the_newest(self, house: House, condition: str) -> str | None:
        """The userName of one of the newest people that meet a condition."""
        newest = f"{condition} ORDER BY sequence DESC LIMIT 12"
        found = self.rows(house, "SELECT user_name_key FROM people", newest)
        return self.chance.choice(found)[0] if found else None


def swap(hand: Hand, house: House) -> tuple[str, ...]:
    """Two people exchange tiers."""
    one, other = (hand.one_of_the_newest(house, f"tier = '{tier}'") for tier in TIERS)
    if one is None or other is None:
        return ()
    members.swap(Context(hand.database, house.id, HANDS), one, other)
    return one, other


def reassign(hand: Hand, house: House) -> tuple[str, ...]:
    """A person passes their seat on to a waiting person or one without a seat."""
    one, other = (hand.one_of_the_newest(house, f"tier {has} NULL AND active") for has in ("IS NOT", "IS"))
    if one is None or other is None:
        return ()
    members.reassign(Context(hand.database, house.id, HANDS), one, other)
    return one, other


def assign(hand: Hand, house: House) -> tuple[str, ...]:
    """A person gets a free seat, or a seat of another tier."""
    one = hand.one_of_the_newest(house, "active AND wants IS NULL AND (tier IS NULL OR tier = 'standard')")
    if one is None:
        return ()
    tier = hand.chance.choice((*TIERS, None))
    outcome = members.assign(Context(hand.database, house.id, HANDS), one, tier)
    return () if isinstance(outcome, NoSeatFree) else (one,)


def unassign(hand: Hand, house: House) -> tuple[str, ...]:
    """A person loses their seat or their place in the queue."""
    one = hand.one_of_the_newest(house, "(tier IS NOT NULL OR wants IS NOT NULL)")
    if one is None:
        return ()
    members.unassign(Context(hand.database, house.id, HANDS), one)
    return (one,)


def add(hand: Hand, house: House) -> tuple[str, ...]:
    """Add one seat."""
    tier = hand.chance.choice(TIERS)
    commands.buy(Context(hand.database, house.id, HANDS), purchases.Request(Order({tier: 1})))
    return (tier,)


def retry(hand: Hand, house: House) -> tuple[str, ...]:
    """Retry all refused people; returns those who got a seat."""
    done = clearing.retry(Context(hand.database, house.id, HANDS), None)
    return tuple(str(one.user_name) for one in done.tried if one.outcome in ("seated", "waiting"))


def save(hand: Hand, house: House) -> tuple[str, ...]:
    """Change what a group gives."""
    group, chance = hand.chance.choice(GROUPS), hand.chance
    role = chance.choice((None, None, Role.ADMIN, Role.OWNER))
    gives = GroupMapping(chance.choice((*TIERS, None)), role, chance.choice((None, 10, 50)))
    mappings.save(Context(hand.database, house.id, HANDS), group, gives)
    return (group,)


def forget(hand: Hand, house: House) -> tuple[str, ...]:
    """Remove the mapping of a group."""
    group = hand.chance.choice(GROUPS)
    mappings.remove(Context(hand.database, house.id, HANDS), group)
    return (group,)


def unmapped(hand: Hand, house: House) -> tuple[str, ...]:
    """Change the setting for people without a group."""
    choice = hand.chance.choice(list(Unmapped))
    mappings.choose_unmapped(Context(hand.database, house.id, HANDS), choice)
    return (choice.value,)


def invitee(hand: Hand, house: House) -> str:
    """One of the addresses that are invited."""
    return house.address(f"i{hand.chance.randrange(INVITED)}")


def invite(hand: Hand, house: House) -> tuple[str, ...]:
    """One or two addresses are invited, both or neither."""
    addresses = {invitee(hand, house) for _ in range(hand.chance.randint(1, 2))}
    role = hand.chance.choice((Role.USER, Role.USER, Role.ADMIN))
    tier = hand.chance.choice((*TIERS, None))
    letters = invitations.invite(
        Context(hand.database, house.id, HANDS), Invitees([*addresses], role=role, tier=tier)
    )
    return () if isinstance(letters, Shortfall) else tuple(one.email for one in letters)


def awaited(hand: Hand, house: House) -> str:
    """An address whose invitation is pending, if there is one."""
    found = hand.rows(house, "SELECT email_key FROM invitations", "state = 'pending'")
    return str(hand.chance.choice(found)[0]) if found else invitee(hand, house)


def resend(hand: Hand, house: House) -> tuple[str, ...]:
    """Resend an invitation with a new link."""
    chosen = hand.chance.choice((awaited, invitee))(hand, house)
    letter = invitations.resend(Context(hand.database, house.id, HANDS), chosen)
    return () if isinstance(letter, Shortfall) else (letter.email,)


def revoke(hand: Hand, house: House) -> tuple[str, ...]:
    """Revoke an invitation."""
    revoked = invitations.revoke(Context(hand.database, house.id, HANDS), awaited(hand, house))
    return (revoked.invitation.email,)


def expire(hand: Hand, house: House) -> tuple[str, ...]:
    """Let three weeks pass."""
    due.catch_up(hand.later, house.id)
    return ()


def change_mode(hand: Hand, house: House) -> tuple[str, ...]:
    """Change the mode, and with it the way in which people are created."""
    mode = hand.chance.choice(("jit", "scim"))
    organizations.configure(Context(hand.database, house.id, HANDS), Changes({"mode": mode}))
    return (mode,)


Use = Callable[[Hand, House], tuple[str, ...]]
MANUALLY: Final[Mapping[str, Sequence[Use]]] = {
    "seats": (*(swap,) * 6, *(reassign,) * 4, *(retry,) * 2, assign, unassign, add),
    "groups": (*(save,) * 6, *(unmapped,) * 4, *(forget,) * 2, *(reassign,) * 4, *(swap,) * 2, add),
    "invited": (invite, invite, invite, resend, revoke, expire),
    "signed": (change_mode, change_mode, swap),
}
"""The acts in each kind of organization; an act that is listed twice is done twice as often."""


def secret(hand: Hand, house: House, address: str) -> str | None:
    """The text of the newest mail to a person."""
    newest = f"recipient = '{address}' ORDER BY id DESC LIMIT 1"
    found = hand.rows(house, "SELECT facts FROM mails", newest)
    facts = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in found]
    return facts[0].get("secret") if facts else None
