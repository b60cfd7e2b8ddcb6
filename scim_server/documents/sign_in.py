"""The mail with a sign-in link of the console."""

from typing import Final

from scim_server.documents import formats
from scim_server.documents.mail import TEMPLATES, Letter
from scim_server.services import links as links_to
from scim_server.services.console import links
from scim_server.store.rows.mails import SECRET, Mail

KIND: Final = links.KIND


def link_url(public_url: str, slug: str, secret: str) -> str:
    """The address of a sign-in link."""
    return links_to.console(public_url, slug, f"/sign-in/{secret}")


def letter(mail: Mail, public_url: str) -> Letter:
    """The mail with the link."""
    facts = mail.facts
    values = {
        "organization": facts["organization"],
        "expires": formats.moment(facts["expires"], mail.language),
        "link": link_url(public_url, facts["organization"], facts[SECRET]),
    }
    text = TEMPLATES.get_template(f"sign_in.{mail.language}.txt").render(values)
    subject, _, body = text.partition("\n\n")
    html = TEMPLATES.get_template("sign_in.html").render(
        values, subject=subject, language=mail.language, paragraphs=body.strip().split("\n\n")
    )
    return Letter(subject, body, html)
