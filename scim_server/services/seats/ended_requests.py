"""Requests for seats that end by themselves, in the write that gives the seat or removes the person.

This is the last step of every write of an organization with open requests, so no way to a seat can forget
it. An organization without open requests pays nothing: their number is in the row that every write locks.
"""

from scim_server.history import SeatRequestLapsed
from scim_server.services.notifications import requester_mail
from scim_server.store.database.session import Write
from scim_server.store.rows import events, people, seat_requests
from seat_policy.requests import RequestState

SEATED, REMOVED = "seated", "removed"


def end(write: Write) -> None:
    """End the open requests of people who got the wanted tier or a better one, or were removed."""
    if not write.clock.asking:
        return
    seat_requests.join(write)
    for one in seat_requests.ended(write):
        event = SeatRequestLapsed(
            person=one.request.person,
            reason=SEATED if one.seated else REMOVED,
            request=one.request.number,
            wants=one.request.wants,
            personal={"userName": one.request.user_name},
        )
        number = events.append(write, event)
        after = seat_requests.close(write, one.request, RequestState.LAPSED, number)
        if one.seated and after.person is not None:
            person = people.get(write, after.person)
            requester_mail.notify(write, after, number, tier=None if person is None else person.tier)
