"""Further processes of the tests, forked from one that has imported everything and done nothing else.

A spawned process would import the program again, which takes a second of a core; and forked from the tests it
would have their connections and locks.
"""

import multiprocessing
import os
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
IMPORTED: Final = [
    "tests.campaigns.billing",
    "tests.campaigns.feed",
    "tests.campaigns.members",
    "tests.campaigns.webhooks",
    "tests.support.builders.removing",
    "tests.support.builders.inviting",
    "tests.support.servers.racing",
]
"""Everything that some process of the tests uses."""


def context() -> ForkServerContext:
    """Where processes, barriers and events are made."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(IMPORTED)
    before = os.environ.get("PYTHONPATH")
    # The process from which all others are forked finds the tests by it; it looks nowhere else.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), before]))
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return forking
