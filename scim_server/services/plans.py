"""What a plan means for the time of its organization."""

from scim_server.store import contracts
from scim_server.store.contracts import Plan
from scim_server.store.session import Write, timestamp


def keep(write: Write, plan: Plan) -> None:
    """Write the plan, from when to when it gives seats, and when time next changes something."""
    contracts.put(write, plan)
    contract = plan.contract
    write.clock.opens = timestamp(contract.begins(contract.start))
    write.clock.closes = timestamp(contract.begins(contract.running.end))
    coming = [write.clock.opens] if write.at < write.clock.opens else []
    if plan.ended is None:
        coming.append(write.clock.closes)
    write.clock.due = min(coming, default=None)
