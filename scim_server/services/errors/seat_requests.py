"""Failures about requests for seats, and priorities in the queue."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


class UnknownSeatRequest(NotFound):
    """No request for a seat has this reference."""

    code = "unknown_seat_request"


class SeatRequestClosed(Conflict):
    """The request was approved, declined or withdrawn, or it ended by itself."""

    code = "seat_request_closed"


class AlreadyAsked(Conflict):
    """The person has an open request."""

    code = "already_asked"


class InvalidSeatRequest(Invalid):
    """The reason of the request is too long, or contains characters that are not text."""

    code = "invalid_seat_request"


class PeopleWait(Conflict):
    """Other people wait for the seat, and come first."""

    code = "people_wait"


class NotLetIn(Conflict):
    """The refused person could not be let in with the values that the provider sent."""

    code = "not_let_in"


class NotWaiting(Conflict):
    """The person does not wait for a seat, so there is no place in the queue to change."""

    code = "not_waiting"


class InvalidPriority(Invalid):
    """The priority is not a whole number from 1 to 1000."""

    code = "invalid_priority"
