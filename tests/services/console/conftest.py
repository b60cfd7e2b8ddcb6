"""Organizations with a console."""

from tests.console.conftest import clock, new_place

__all__ = ["clock", "new_place"]
