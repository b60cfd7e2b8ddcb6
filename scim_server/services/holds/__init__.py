"""Seats held for certain people, by invitations and after mass removals."""
