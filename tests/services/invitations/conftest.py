"""Databases whose clock the tests move."""

from tests.services.conftest import database, own_database

__all__ = ["database", "own_database"]
