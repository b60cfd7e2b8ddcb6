"""What the groups of a source give to its people. The people are created before their memberships."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scim_server.services.entitlements import apply as entitlements
from scim_server.services.imports import staging
from scim_server.store.database.session import Read
from scim_server.store.rows import mappings, staged
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.organizations import Organization
from seat_policy.mapping import Entitlement, GroupMapping


@dataclass(frozen=True, slots=True)
class Gives:
    """The mappings that apply to each group of the source, also because of groups above it, by position."""

    job: str
    by_group: Mapping[int, Sequence[Mapped]]
    combine: Callable[[Sequence[GroupMapping]], Entitlement]

    @classmethod
    def of(cls, read: Read, organization: Organization, job: str) -> "Gives | None":
        """Read the mappings; None if the organization has none."""
        if not organization.maps_groups:
            return None
        every = mappings.every(read)
        own = {
            position: [one for one in every if one.key == key or (external and one.name == external)]
            for position, (key, external) in staging.names_of_groups(read, job).items()
        }
        above: dict[int, list[int]] = {}
        for inner, outer in staged.nested(read, job):
            above.setdefault(inner, []).append(outer)
        return cls(job, {one: _with_above(one, own, above) for one in own}, entitlements.combiner(read))

    def of_people(self, read: Read, source_ids: Iterable[str]) -> dict[str, list[Mapped]]:
        """The mappings that apply to people of the source, by their ids there."""
        ids = list(source_ids)
        groups = staged.groups_of(read, self.job, ids)
        return {
            id_: [one for position in groups.get(id_, ()) for one in self.by_group.get(position, ())]
            for id_ in ids
        }

    def entitlement(self, given: Sequence[Mapped]) -> Entitlement:
        """What some mappings give together."""
        return self.combine([one.gives for one in given])


def _with_above(
    group: int, own: Mapping[int, Sequence[Mapped]], above: Mapping[int, Sequence[int]]
) -> list[Mapped]:
    """The mappings of a group and of all groups above it. A circle of groups is followed once."""
    seen, open_ = {group}, [group]
    while open_:
        for outer in above.get(open_.pop(), ()):
            if outer not in seen:
                seen.add(outer)
                open_.append(outer)
    return [one for position in sorted(seen) for one in own.get(position, ())]
