"""The seat extension: whether a person has a seat. Only the seat policy changes it."""

from __future__ import annotations

from scim_server.protocol.attributes import Attribute, Mutability, Schema, Type
from scim_server.protocol.seat_status import SeatStatus

SEAT_SCHEMA = Schema(
    id="urn:scim-seats:params:scim:schemas:extension:seat:1.0:User",
    name="Seat",
    description="Seat of a User",
    attributes=(
        Attribute(
            "status",
            description="Whether the person has a seat, waits for a seat, or needs no seat",
            mutability=Mutability.READ_ONLY,
            canonical_values=tuple(one.value for one in SeatStatus),
        ),
        Attribute(
            "tier",
            description="Tier of the seat that the person has or waits for",
            mutability=Mutability.READ_ONLY,
        ),
        Attribute(
            "waitingSince",
            Type.DATE_TIME,
            description="When the person joined the waitlist",
            mutability=Mutability.READ_ONLY,
        ),
    ),
)
