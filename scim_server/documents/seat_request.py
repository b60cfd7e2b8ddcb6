"""The mail to a person who asked for a seat: granted, or declined with the reason."""

from typing import Final

from scim_server.documents.mail import TEMPLATES, Letter
from scim_server.services.notifications import requester_mail
from scim_server.store.rows.mails import Mail

KIND: Final = requester_mail.KIND


def letter(mail: Mail, _public_url: str) -> Letter:
    """The mail about the decision. It has no links, because the person signs in as usual."""
    text = TEMPLATES.get_template(f"seat_request.{mail.language}.txt").render(mail.facts)
    subject, _, body = text.partition("\n\n")
    html = TEMPLATES.get_template("seat_request.html").render(
        subject=subject, language=mail.language, paragraphs=body.strip().split("\n\n")
    )
    return Letter(subject, body, html)
