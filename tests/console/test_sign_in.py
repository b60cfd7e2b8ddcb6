"""Links that work once, sessions that end with the person's access, and requests that are refused."""

from collections.abc import Callable

import pytest

from scim_server.services.errors import NoConsoleAccess
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import commands as people
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with free seats."""
    return new_place({"standard": 5})


def test_opening_a_link_spends_nothing_and_its_button_works_once(place: Place) -> None:
    link, mail_scanner, owner, thief = place.link(), place.stranger(), place.stranger(), place.stranger()

    scanned = [mail_scanner.get(link).status for _ in range(3)]
    owner.post(link)
    thief.post(link)

    assert scanned == [200, 200, 200]
    assert (owner.status, owner.path) == (200, "")
    assert (thief.status, "This link no longer works" in thief.words) == (404, True)
    assert thief.get("").path == "/sign-in"


def test_a_link_works_for_ten_minutes(place: Place, clock: Callable[[str], None]) -> None:
    link, late = place.link(), place.link()

    clock("2026-03-15T09:09:59Z")
    in_time = place.stranger().post(link)
    clock("2026-03-15T09:10:00Z")
    too_late = place.stranger().post(late)

    assert (in_time.status, too_late.status) == (200, 404)


def test_a_link_of_one_organization_does_not_work_in_another(place: Place, new_place: Found) -> None:
    other = new_place({"standard": 1})
    secret = place.link().rpartition("/")[2]

    foreign = other.stranger().post(f"/console/{other.slug}/sign-in/{secret}")

    assert foreign.status == 404
    assert place.stranger().post(f"/console/{place.slug}/sign-in/{secret}").status == 200


def test_a_session_of_one_organization_shows_no_page_of_another(place: Place, new_place: Found) -> None:
    other, owner = new_place({"standard": 1}), place.enter()
    cookie = owner.client.cookies[f"scim-seats-{place.slug}"]
    owner.client.cookies.set(f"scim-seats-{other.slug}", cookie)

    assert owner.get(f"/console/{other.slug}").path == f"/console/{other.slug}/sign-in"


def test_each_sign_in_has_a_new_cookie_that_scripts_and_other_sites_cannot_use(place: Place) -> None:
    first, second = place.stranger(), place.stranger()
    answers = [one.client.post(f"{PUBLIC_URL}{place.link()}") for one in (first, second)]

    cookies = [answer.headers["Set-Cookie"] for answer in answers]
    values = {cookie.partition(";")[0] for cookie in cookies}

    assert len(values) == 2
    assert {cookie.partition("; ")[2] for cookie in cookies} == {"HttpOnly; Path=/; SameSite=Lax"}


def test_a_user_and_a_stranger_get_no_link(place: Place) -> None:
    place.member("ada@example.com")

    with pytest.raises(NoConsoleAccess, match="has the role user"):
        place.link("ada@example.com")
    with pytest.raises(NoConsoleAccess, match="nobody"):
        place.link("nobody@example.com")


def test_a_link_of_an_invited_owner_accepts_the_invitation(new_place: Found) -> None:
    place = new_place({"standard": 5})
    organizations.configure(place.context, organizations.Changes({"allow_invitations": True}))
    address = f"new@{place.domain}"
    invitations.add_domain(place.context, place.domain, verified=True)
    invitations.invite(place.context, Invitees([address], role=Role.OWNER))

    new = place.enter(address)

    assert (new.status, new.path, address in new.words) == (200, "", True)
    assert place.enter(address).status == 200


@pytest.mark.parametrize("end", ["demoted", "deactivated", "unassigned", "suspended"])
def test_the_next_request_finds_the_session_ended_when_the_access_has_ended(place: Place, end: str) -> None:
    admin = place.enter(place.member("ada@example.com", Role.ADMIN))
    assert admin.get("").status == 200

    ends: dict[str, Callable[[], object]] = {
        "demoted": lambda: people.set_role(place.context, "ada@example.com", Role.USER),
        "deactivated": lambda: people.deactivate(place.context, "ada@example.com"),
        "unassigned": lambda: people.unassign(place.context, "ada@example.com"),
        "suspended": lambda: organizations.suspend(place.context),
    }
    ends[end]()

    assert admin.get("/left-out").path.startswith("/sign-in")


def test_a_session_ends_after_twelve_hours(place: Place, clock: Callable[[str], None]) -> None:
    owner = place.enter()

    clock("2026-03-15T20:59:59Z")
    before = owner.get("").path
    clock("2026-03-15T21:00:00Z")

    assert (before, owner.get("").path) == ("", "/sign-in")


def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(place: Place) -> None:
    owner, copy = place.enter(), place.stranger()
    copy.client.cookies.update(owner.client.cookies)
    assert copy.get("").path == ""

    owner.post("/sign-out")

    assert (owner.path, "You are signed out." in owner.words) == ("/sign-in?left=1", True)
    assert copy.get("").path == "/sign-in"


def test_the_owner_ends_another_session_from_the_list(place: Place) -> None:
    owner, lost_laptop = place.enter(), place.enter()
    owner.get("/sessions")
    rows = [row for row in owner.page.split("<tr>") if 'name="id"' in row]
    [other] = [
        row.partition('name="id" value="')[2].partition('"')[0] for row in rows if "this one" not in row
    ]

    owner.post("/sessions/end", {"id": other})

    assert len(rows) == 2
    assert (owner.path, "The session was ended." in owner.words) == ("/sessions", True)
    assert lost_laptop.get("").path == "/sign-in"


BROWSERS = {
    "Chrome on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Safari on macOS": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Safari/605.1.15",
    "Safari on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
    "like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Chrome on Android": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "Firefox on Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Unknown browser on Windows": "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Unknown browser": "curl/8.5.0 <b>",
}


def test_sessions_are_listed_with_the_browser_in_plain_words(place: Place) -> None:
    for said in BROWSERS.values():
        visit = place.stranger()
        visit.client.headers["User-Agent"] = said
        visit.post(place.link())

    words = visit.get("/sessions").words

    rows = [row for row in BROWSERS if f" {row} " in words]
    assert rows == list(BROWSERS)
    assert "<b>" not in visit.page


FORGED: tuple[tuple[str, dict[str, str], str], ...] = (
    ("no token", {"csrf_token": ""}, PUBLIC_URL),
    ("a token of nobody", {"csrf_token": "x.y.z"}, PUBLIC_URL),
    ("another site", {}, "https://evil.example"),
    ("no origin", {}, ""),
)


@pytest.mark.parametrize(("what", "fields", "origin"), FORGED, ids=[one[0] for one in FORGED])
def test_a_form_that_is_not_from_a_page_of_the_session_changes_nothing(
    place: Place, what: str, fields: dict[str, str], origin: str
) -> None:
    owner = place.enter().get("/sessions")
    owner.client.headers["Origin"] = origin

    owner.post("/language", {"language": "es"} | fields, token=fields.get("csrf_token"))

    assert (owner.status, "no longer valid" in owner.words) == (403, True), what
    assert '<html lang="en">' in owner.get("").page


def test_a_token_of_another_session_of_the_same_person_is_refused(place: Place) -> None:
    owner, other = place.enter(), place.enter()
    foreign = other.get("").page.partition('name="csrf_token" value="')[2].partition('"')[0]

    assert owner.post("/language", {"language": "es"}, token=foreign).status == 403
    assert owner.get("").post("/language", {"language": "es"}).status == 200
    assert '<html lang="es">' in owner.get("").page


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%0d%0aLocation:x",
        "/\nx",
        "javascript:alert(1)",
        "/../../orgs",
    ],
)
def test_after_the_sign_in_only_a_page_of_this_console_opens(place: Place, target: str) -> None:
    owner = place.enter()

    answer = owner.client.post(
        f"{place.base}/language", data={"csrf_token": _token(owner.page), "language": "en", "next": target}
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].split("?")[0].startswith(f"/console/{place.slug}")
    assert "evil" not in answer.headers["Location"]


def _token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_every_page_without_a_session_leads_to_the_sign_in_and_back(place: Place) -> None:
    stranger = place.stranger().get("/left-out?kind=refused")

    assert stranger.path == "/sign-in?next=%2Fleft-out%3Fkind%3Drefused"
    assert stranger.hidden("next") == "/left-out?kind=refused"


def test_asking_for_a_link_says_the_same_for_everybody(place: Place) -> None:
    place.member("ada@example.com")
    said = {}
    for name in (OWNER, "ada@example.com", "nobody@example.com"):
        page = place.stranger().get("/sign-in").post("/sign-in", {"email": name})
        said[name] = (page.status, page.words.replace(name, "X"))

    assert len(set(said.values())) == 1
    unknown = place.stranger().get("/console/no-such-organization/sign-in")
    assert unknown.status == 200
