"""Invitations in words: mail as text and HTML, and what the page says, in each language."""

from typing import Final

from scim_server.documents import formats
from scim_server.documents.mail import TEMPLATES, Letter
from scim_server.store.rows.mails import SECRET, Mail

_AS_ROLE: Final = {
    "en": {
        "user": "",
        "admin": " as an Admin",
        "owner": " as an Owner",
        "primary_owner": " as its Primary Owner",
    },
    "es": {
        "user": "",
        "admin": " con el rol de administrador",
        "owner": " con el rol de propietario",
        "primary_owner": " como propietario principal",
    },
}


def as_role(language: str, role: str) -> str:
    """How a sentence about joining goes on: as what; nothing for a User."""
    return _AS_ROLE[language][role]


def in_words(expires: str) -> str:
    """The moment from which an invitation is refused, for people, in UTC to the minute."""
    return formats.moment(expires)


def letter(mail: Mail, public_url: str) -> Letter:
    """What brings an invitation, with its link."""
    facts = mail.facts
    values = {
        "organization": facts["organization"],
        "as_role": as_role(mail.language, facts["role"]),
        "expires": in_words(facts["expires"]),
        "link": f"{public_url}/invitations/{facts[SECRET]}",
    }
    text = TEMPLATES.get_template(f"invitation.{mail.language}.txt").render(values)
    subject, _, body = text.partition("\n\n")
    html = TEMPLATES.get_template(f"invitation.{mail.language}.html").render(values, subject=subject)
    return Letter(subject, body, html)
