"""Two Owners confirm the same review: one purchase, and the other Owner is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.console.browser import company
from tests.console.browser.company import Company
from tests.console.visiting import hidden_fields
from tests.support.servers.running import Server


@contextmanager
def owner(place: Company) -> Iterator[httpx.Client]:
    """A client that has signed in."""
    with httpx.Client(
        base_url=place.server.url, trust_env=False, follow_redirects=True, timeout=60
    ) as client:
        client.headers["Origin"] = place.server.url
        client.post(place.link()).raise_for_status()
        yield client


def review(place: Company, client: httpx.Client) -> dict[str, str]:
    """The fields of the form that confirms the review."""
    page = client.get(f"{place.root}/left-out/buy").text
    return hidden_fields(page)


def test_of_two_confirmations_at_once_one_buys(server: Server) -> None:
    place = company.morning(server, overflow="queue")
    with owner(place) as first, owner(place) as second:
        forms = [review(place, one) for one in (first, second)]

        def confirm(client: httpx.Client, form: dict[str, str]) -> httpx.Response:
            return client.post(f"{place.root}/left-out/buy", data=form)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(confirm, (first, second), forms))

    bought = ["10 people are in" in answer.text for answer in answers]
    told = ["Nobody is left out any more." in answer.text for answer in answers]
    assert (sorted(bought), sorted(told)) == ([False, True], [False, True])
    assert_bought(place, seats=13, invoices=1)


def test_a_confirmation_of_a_review_that_no_longer_holds_buys_nothing(server: Server) -> None:
    place = company.morning(server, overflow="reject")
    with owner(place) as client:
        form = review(place, client)
        assert place.arrive(("Tony Hoare",)) == [403]

        answer = client.post(f"{place.root}/left-out/buy", data=form)

        assert (answer.status_code, "nothing was bought" in answer.text) == (409, True)
        assert "11 people get in" in answer.text
        assert_bought(place, seats=3, invoices=0)
        # The page has the new review; confirming it buys for all.
        again = client.post(f"{place.root}/left-out/buy", data=hidden_fields(answer.text))
        assert "11 people are in" in again.text
    assert_bought(place, seats=14, invoices=1)


def assert_bought(place: Company, *, seats: int, invoices: int) -> None:
    shown = place.server.json("seats", "show", place.slug)["tiers"]["standard"]
    listed = place.server.json("invoice", "list", place.slug)
    assert (shown["purchased"], len(listed["data"])) == (seats, invoices), listed
