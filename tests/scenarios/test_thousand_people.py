"""A company of a thousand people: invited first, then by sign-ins, then by SCIM with mappings, in queue mode.

The plan below is written manually from the rules (SEATS); nothing of it is computed by the product. Every
phase states the result for each group of people, and the reason. Prices of a seat and month: viewer 10.00,
standard 20.00, premium 100.00, so of a term 120.00, 240.00 and 1,200.00. The contract
began 70 days ago, which is always within its third month, and counts the months that have begun: 10 of 12
are left.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest

from tests.conftest import DIALECTS
from tests.scenarios.company import Company, founded
from tests.scenarios.plan import Plan, faults
from tests.support.servers.dns_and_smtp import Post, post_office
from tests.support.servers.running import Server, start


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as running:
        yield running


@pytest.fixture(params=DIALECTS)
def own_server(
    request: pytest.FixtureRequest, new_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with start(new_url(request.param), tmp_path_factory.mktemp("server")) as running:
        yield running


def test_a_thousand_people_end_in_the_planned_states(own_server: Server, post: Post) -> None:
    began = datetime.now(UTC).date() - timedelta(days=70)
    options = ["--tier=viewer", "--tier=standard", "--tier=premium", "--overflow=queue"]
    options += ["--seats=viewer=130", "--seats=standard=520", "--seats=premium=150", f"--start={began}"]
    options += ["--price=viewer=10.00", "--price=standard=20.00", "--price=premium=100.00"]
    options += ["--method=month_started", "--bill-opening"]
    with founded(own_server, post, f"k{uuid4().hex}", *options) as company:
        invited(company)
        signed_in(company)
        provided(company)
        pushed(company)
        first_reorganization(company)
        bought(company)
        left(company)
        manually(company)
        second_reorganization(company)
        assert faults(company, END) == []
        assert company.invoices() == INVOICES
        happened = company.events()
        assert {type_: happened[type_] for type_ in EVENTS} == EVENTS


def invited(company: Company) -> None:
    """Mode manual: 60 are invited; 37 accept, 2 are revoked, 21 expire, of which 7 are sent again."""
    company.run("org", "set", "acme", "--mode", "manual")
    assert company.create(1000).status_code == HTTPStatus.FORBIDDEN
    assert company.sign_in(1000)["reason"] == "not_invited"
    company.run("invite", "acme", company.addresses("2-5"), "--role", "admin", "--tier", "premium")
    company.run("invite", "acme", company.addresses("6-41"), "--tier", "standard")
    # Of the highest tier with a free seat: premium.
    company.run("invite", "acme", company.addresses("42-61"))
    company.send_mail()
    assert len(company.post.received) == 60
    assert company.accept("2-3 6-35 42-46") == {200}
    for number in (36, 37):
        company.run("invitation", "revoke", "acme", f"#{number}", "--yes")
    company.three_weeks_pass()  # for 4-5 38-41 47-61
    assert company.accept("4 38 47") == {404}
    for number in (5, 40, 41, 58, 59, 60, 61):
        company.run("invitation", "resend", "acme", f"#{number}")
    company.send_mail()
    assert len(company.post.received) == 67
    assert company.accept("61", letter=0) == {404}
    assert company.accept("61") == {200}
    there = Plan(
        # Held: premium for 5 58 59 60, standard for 40 41.
        seats={"premium": (150, 9, 4), "standard": (520, 30, 2), "viewer": (130, 0, 0)},
        seated={"premium": "1-3 42-46 61", "standard": "6-35"},
        roles={"primary_owner": "1", "admin": "2-3"},
    )
    assert faults(company, there) == []


def signed_in(company: Company) -> None:
    """Mode jit: 120 sign in; the app names their groups."""
    company.run("org", "set", "acme", "--mode", "jit")
    # Members are in no group: `highest`, and all are seated. No person moves.
    for group, *gives in (("Engineering", "--tier=premium", "--priority=50"), ("Sales", "--tier=standard")):
        assert company.map("set", "acme", group, *gives) == 0
    assert company.create(1000).status_code == HTTPStatus.FORBIDDEN
    for numbers, group, tier in (
        (range(101, 151), "engineering", "premium"),
        (range(151, 201), "Sales", "standard"),
        (range(201, 221), "Guests", "premium"),  # no group gives them a tier: the highest with a free seat
    ):
        assert {company.sign_in(number, group)["tier"] for number in numbers} == {tier}
    assert company.accept("59") == {200}
    # Invited on premium, and in a group that gives standard: the mapping overrides the tier (SEATS 15).
    assert company.sign_in(60, "Sales")["tier"] == "standard"
    there = Plan(
        seats={
            "premium": (150, 80, 2),  # 9 + 59 + 50 + 20, held for 5 58
            "standard": (520, 81, 2),  # 30 + 50 + 60
            "viewer": (130, 0, 0),
        },
        seated={"premium": "1-3 42-46 59 61 101-150 201-220", "standard": "6-35 60 151-200"},
        roles={"primary_owner": "1", "admin": "2-3"},
    )
    assert faults(company, there) == []


def provided(company: Company) -> None:
    """Mode scim: the provider finds the 161 existing people and creates the 839 others; groups follow."""
    company.run("org", "set", "acme", "--mode", "scim")
    assert company.map("unmapped", "acme", "none") == 0
    assert company.sign_in(1000)["reason"] == "not_provisioned"
    company.match("1-3 6-35 42-46 59-61 101-220")
    for number in range(1, 1001):
        if number not in company.ids:
            # 41 and 58 come inactive: their invitations, which hold seats, stay as they are.
            assert company.create(number, active=number not in (41, 58)).status_code == HTTPStatus.CREATED
    assert company.create(7).status_code == HTTPStatus.CONFLICT
    # Invited as an admin and created by the provider: the role waited for the invitee.
    assert company.accept("5") == {200}
    there = Plan(
        # 5 has taken over the premium seat that was held for them, 40 the standard one.
        seats={"premium": (150, 81, 1), "standard": (520, 82, 1), "viewer": (130, 0, 0)},
        seated={"premium": "1-3 5 42-46 59 61 101-150 201-220", "standard": "6-35 40 60 151-200"},
        none={"awaiting_group": "4 36-39 47-57 62-100 221-1000"},
        inactive="41 58",
        roles={"primary_owner": "1", "admin": "2-3 5"},
    )
    assert faults(company, there) == []


GIVEN = (
    ("Leadership", "--tier=premium", "--role=admin", "--priority=10"),
    ("Finance", "--tier=standard", "--priority=20"),
    ("Support", "--tier=standard"),
    ("Operations", "--tier=standard"),
    ("Warehouse", "--tier=viewer"),
    ("Interns", "--tier=viewer", "--priority=200"),
    ("Contractors", "--tier=viewer"),
)


def pushed(company: Company) -> None:
    """Twelve groups, three levels deep; people who find no seat wait, and keep a seat that they have."""
    for group, *gives in GIVEN:
        assert company.map("set", "acme", group, *gives) == 0
    # 4 gets premium and 6-30 move there from standard. Premium: 81 + 26 = 107 and one held, 42 are free.
    company.push("Leadership", "1-30")
    company.push("Sales", "221-450")  # 230 more on standard: 82 - 25 + 230 = 287
    company.push("Support", "451-600")  # and 150: 437
    company.push("Platform", "101-180")
    company.push("Research", "181-250")
    # 101-150 and 201-220 sit on premium already. Of 151-200 and 221-250, who sit on standard, the first 42
    # move there: 151-192. 193-200 and 221-250 wait for it. Standard: 437 - 42 = 395.
    company.push("Engineering", groups=["Platform", "Research"])
    # 42-46 59 61 leave premium, so 193-199 have their turn; 36-39 47-57 62-100 had no seat. Standard:
    # 395 + 7 + 54 - 7 = 449.
    company.push("Finance", "31-100")
    # 58 takes over the premium seat held for them, but their group gives standard: 200 has their turn.
    company.activate("58", active=True)
    company.push("Operations", "601-670")  # the last 70 standard seats: 449 + 70 and one held for 41
    company.push("Warehouse", "671-900")  # 130 viewer seats for 671-800; 801-900 wait
    company.push("Interns", "901-960")
    company.push("Contractors", "961-990")
    within = ["Leadership", "Engineering", "Finance", "Sales", "Support", "Operations", "Warehouse"]
    company.push("Company", groups=[*within, "Interns", "Contractors"])
    there = Plan(
        seats={"premium": (150, 150, 0), "standard": (520, 519, 1), "viewer": (130, 130, 0)},
        seated={"premium": "1-30 101-220", "standard": "31-40 42-100 221-670", "viewer": "671-800"},
        queue=[
            ("premium", "221-250"),  # priority 50
            ("viewer", "801-900 961-990"),  # 100
            ("viewer", "901-960"),  # 200, although they came before the contractors
        ],
        none={"awaiting_group": "991-1000"},
        inactive="41",
        roles={"primary_owner": "1", "admin": "2-30"},
    )
    assert faults(company, there) == []


def first_reorganization(company: Company) -> None:
    """Support becomes engineering and Platform does not; 200 people leave Sales for Field."""
    # They are in Engineering too, which gives more.
    assert company.map("set", "acme", "Platform", "--tier=standard") == 0
    assert company.map("set", "acme", "Field", "--tier=viewer", "--priority=300") == 0
    # 101-180 are to leave premium, and 80 may come: 221-250, who wait already, and 451-500 of Support. No
    # seat is free, and all 160 move. 501-600 wait for premium on the seats they have.
    company.change("Engineering", company.leaving(groups=["Platform"]), company.joining(groups=["Support"]))
    # In no group that gives a tier: no person loses a seat.
    company.change("Sales", company.leaving("251-450"))
    company.push("Field")
    # A seat of a lower tier is waited for like any other, on the one they have.
    company.change("Field", company.joining("251-450"))
    there = Plan(
        seats={"premium": (150, 150, 0), "standard": (520, 519, 1), "viewer": (130, 130, 0)},
        seated={
            "premium": "1-30 181-250 451-500",
            "standard": "31-40 42-100 101-180 251-450 501-670",
            "viewer": "671-800",
        },
        queue=[
            ("premium", "501-600"),
            ("viewer", "801-900 961-990"),
            ("viewer", "901-960"),
            ("viewer", "251-450"),  # 300
        ],
        none={"awaiting_group": "991-1000"},
        inactive="41",
        roles={"primary_owner": "1", "admin": "2-30"},
    )
    assert faults(company, there) == []


def bought(company: Company) -> None:
    """Seats are added and upgraded; the first people in the queue are promoted."""
    added = company.run("seats", "add", "acme", "premium=20", "--yes")
    assert (added["promoted"], added["total"]["amount"]) == (
        20,
        "20000.00",
    )  # 501-520; 20 standard seats are free
    upgraded = company.run("seats", "upgrade", "acme", "standard=20:premium", "--yes")
    assert (upgraded["promoted"], upgraded["total"]["amount"]) == (
        20,
        "16000.00",
    )  # 521-540; 20 are free again
    assert company.run("seats", "add", "acme", "viewer=100", "--yes")["promoted"] == 100  # 801-900
    named = [option for number in range(991, 996) for option in ("--for", f"#{number}")]
    added = company.run("seats", "add", "acme", "viewer=10", *named, "--yes")
    assert (len(added["seated_for"]), added["promoted"]) == (5, 5)  # 961-965


def left(company: Company) -> None:
    """The seats of removed people go to others; people who return start at the end of the queue."""
    company.activate("671-690", active=False)  # to 966-985
    company.delete("181-190")  # premium to 541-550; 10 more standard seats are free: 30
    company.delete("691-700")  # to 986-990 901-905
    company.activate("671-675", active=True)
    assert company.create(691).status_code == HTTPStatus.CREATED
    company.change("Warehouse", company.joining("691"))
    company.delete("600")  # from a standard seat, and from the queue for premium: 31 are free
    # 30 gives premium back to 551, changes departments while inactive, and returns in the new one.
    company.activate("30", active=False)
    company.change("Leadership", company.leaving("30"))
    company.change("Finance", company.joining("30"))
    company.activate("30", active=True)
    there = Plan(
        seats={
            "premium": (190, 190, 0),  # 29 + 60 + 101
            "standard": (500, 468, 1),  # 70 + 80 + 200 + 48 + 70
            "viewer": (240, 240, 0),  # 200 + 30 + 5 + 5
        },
        seated={
            "premium": "1-29 191-250 451-551",
            "standard": "30-40 42-100 101-180 251-450 552-599 601-670",
            "viewer": "701-900 961-990 901-905 991-995",
        },
        queue=[
            ("premium", "552-599"),
            ("viewer", "671-675 691"),  # 100, and before all of 200
            ("viewer", "906-960"),
            ("viewer", "251-450"),
        ],
        none={"awaiting_group": "996-1000"},
        inactive="41 676-690",
        roles={"primary_owner": "1", "admin": "2-29"},
    )
    assert faults(company, there) == []


def manually(company: Company) -> None:
    """Changes by the operator do not use the queue; they cannot override what a group gives."""
    company.run("people", "reassign", "acme", "#701", "#691", "--yes")
    company.run("people", "unassign", "acme", "#601", "--yes")
    company.activate("601", active=True)  # the provider sends them again: no change
    company.run("people", "assign", "acme", "#996", "--tier", "standard")
    company.run("people", "swap", "acme", "#991", "#996", "--yes")
    assert "is in a group that gives standard" in company.refused(
        "people", "swap", "acme", "#31", "#2", "--yes"
    )
    company.run("people", "transfer", "acme", "#2", "--yes")


def second_reorganization(company: Company) -> None:
    """A mapped group is renamed, another deleted; three tiers without a free seat change places."""
    # Its effect has ended: 3-29 are users. Seats stay. The Primary Owner and the Owner keep their roles.
    company.change("Leadership", {"op": "replace", "path": "displayName", "value": "Board"})
    # People 1 and 3-29 move from premium to 28 of the 31 free standard seats; 552-579 move the other way.
    # Mappings skip the Primary Owner, who is 2 (SEATS 18).
    assert company.map("set", "acme", "Board", "--tier=standard") == 56
    # 251-450 stop waiting for viewer, because no group gives it, and keep their standard seats.
    gone = company.provider.delete(f"/Groups/{company.ids.pop('Field')}")
    assert gone.status_code == HTTPStatus.NO_CONTENT
    # 31 of the warehouse get the free standard seats. Their viewer seats go to 671-675 and 906-931.
    assert company.map("set", "acme", "Drivers", "--tier=standard") == 0
    company.push("Drivers", "702-732")
    added = company.run("seats", "add", "acme", "viewer=29", "--yes")
    assert (added["promoted"], added["total"]["amount"]) == (
        29,
        "2900.00",
    )  # 932-960: no tier has a free seat
    company.change("Drivers", company.joining("733-742"))  # they wait for standard
    assert company.map("set", "acme", "Alumni", "--tier=viewer") == 0
    company.push("Alumni", "191-200")  # Engineering gives them more
    # Without Engineering: 191-200 go from premium to viewer, 733-742 from there to standard, and 580-589
    # from there to premium, in one transaction.
    company.change("Research", company.leaving("191-200"))
    company.activate("676-680", active=True)  # at the end of the queue for viewer


END = Plan(
    seats={
        "premium": (190, 190, 0),  # 1 + 50 + 139
        "standard": (500, 499, 1),  # 28 + 70 + 80 + 200 + 10 + 69 + 41 + 1
        "viewer": (269, 269, 0),  # 1 + 158 + 90 + 5 + 10 + 5
    },
    seated={
        "premium": "2 201-250 451-589",
        "standard": "1 3-29 30-40 42-100 101-180 251-450 590-599 602-670 702-742 991",
        "viewer": "671-675 691 743-900 901-990 191-200 992-996",
    },
    queue=[("premium", "590-599"), ("viewer", "676-680")],
    none={"unassigned": "601 701", "awaiting_group": "997-1000"},
    inactive="41 681-690",
    roles={"primary_owner": "2", "owner": "1"},
)
"""980 people: 181-190, 692-700 and 600 were deleted."""

INVOICES = [
    (1, "opening", "320400.00"),  # 130 x 120 + 520 x 240 + 150 x 1,200, of the whole term
    (2, "purchase", "20000.00"),  # 20 x 1,200 x 10/12
    (3, "purchase", "16000.00"),  # 20 x (1,200 - 240) x 10/12
    (4, "purchase", "10000.00"),  # 100 x 120 x 10/12
    (5, "purchase", "1000.00"),  # 10 x 120 x 10/12
    (6, "purchase", "2900.00"),  # 29 x 120 x 10/12
]

EVENTS = {
    "invitation.sent": 60,
    "invitation.resent": 7,
    "invitation.revoked": 2,
    "invitation.expired": 21,
    "invitation.taken_over": 1,  # 5, whose role waited
    "invitation.accepted": 43,  # 37, then 61 59 60 40 5 58
    "person.deleted": 21,  # 181-190 600 691-700
    "person.deprovisioned": 21,  # 671-690 30
    "person.unassigned": 2,
    "mapping.group_gone": 2,
}
