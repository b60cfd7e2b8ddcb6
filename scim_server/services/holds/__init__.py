"""Seats held for named people: by invitations and after mass removals."""
