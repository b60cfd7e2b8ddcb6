"""Text of invitations in each language, for the mail (text and HTML) and the page."""

from typing import Final

from scim_server.documents import formats
from scim_server.documents.mail import TEMPLATES, Letter
from scim_server.services.invitations import send
from scim_server.store.rows.mails import SECRET, Mail

KIND: Final = send.KIND
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
    """The end of a sentence about joining, with the role; empty for the role user."""
    return _AS_ROLE[language][role]


def letter(mail: Mail, public_url: str) -> Letter:
    """The mail with an invitation and its link."""
    facts = mail.facts
    values = {
        "organization": facts["organization"],
        "as_role": as_role(mail.language, facts["role"]),
        "expires": formats.moment(facts["expires"], mail.language),
        "link": f"{public_url}/invitations/{facts[SECRET]}",
    }
    text = TEMPLATES.get_template(f"invitation.{mail.language}.txt").render(values)
    subject, _, body = text.partition("\n\n")
    html = TEMPLATES.get_template(f"invitation.{mail.language}.html").render(values, subject=subject)
    return Letter(subject, body, html)
