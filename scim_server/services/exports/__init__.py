"""Exports of organizations."""
