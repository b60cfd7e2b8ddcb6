"""Runs the rounds of the worker until it is asked to stop."""

from collections.abc import Mapping
from threading import Event
from typing import Final

from scim_server.config import Config
from scim_server.documents import alert, invitation, seat_request, sign_in
from scim_server.documents.mail import Writer, as_mail
from scim_server.services.billing import commands, queries
from scim_server.services.events import commands as events
from scim_server.services.imports import commands as imports
from scim_server.services.notifications import commands as mails
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError
from scim_server.store.rows.mails import Mail
from scim_server.telemetry import log
from scim_server.worker import smtp
from scim_server.worker.rounds import Daily, each
from scim_server.worker.smtp import NotSent

PAUSE_SECONDS = 1.0
WRITERS: Final[Mapping[str, Writer]] = {
    invitation.KIND: invitation.letter,
    alert.KIND: alert.letter,
    sign_in.KIND: sign_in.letter,
    seat_request.KIND: seat_request.letter,
}


def run(config: Config, database: Database, stop: Event) -> None:
    """Work until `stop` is set; wait while the database does not answer."""
    daily = Daily(database.now())
    while not stop.is_set():
        try:
            busy = once(config, database, stop) > 0
            busy |= daily.some(database, stop)
            busy |= imports.carry_out_started(database, stop)
        except StoreError as error:
            log.error("database unavailable", cause=str(error))
            busy = False
        except Exception as error:  # noqa: BLE001 - the worker must not end
            log.error("a round of the worker failed", cause=f"{type(error).__name__}: {error}")
            busy = False
        if not busy:
            stop.wait(PAUSE_SECONDS)


def once(config: Config, database: Database, stop: Event) -> int:
    """Do one round; return how many mails were tried. Before a stop, the current mail is finished."""
    events.extend(database)
    each(
        queries.organizations_due(database), lambda one: commands.catch_up(database, one), stop, "what is due"
    )
    if config.smtp_url is None:
        return 0
    tried = 0
    for mail in mails.take_due_mails(database):
        _deliver(config, config.smtp_url, database, mail)
        tried += 1
        if stop.is_set():
            break
    return tried


def _deliver(config: Config, smtp_url: str, database: Database, mail: Mail) -> None:
    """Send one mail. The log contains the number of the mail, but neither its recipient nor its link."""
    about = {"organization": mail.organization, "mail": mail.id, "attempt": mail.attempts + 1}
    try:
        smtp.send(smtp_url, as_mail(mail, WRITERS, config.public_url, config.mail_from))
    except NotSent as error:
        given_up = mails.note_failed(database, mail, str(error), for_good=error.for_good)
        log.warning("mail not sent", given_up=given_up, **about)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop all others
        mails.note_failed(database, mail, type(error).__name__)
        log.error("mail not written", cause=type(error).__name__, **about)
    else:
        mails.note_sent(database, mail)
        log.info("mail sent", **about)
