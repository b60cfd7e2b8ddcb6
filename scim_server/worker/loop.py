"""Runs the rounds of the worker until it is asked to stop."""

from collections.abc import Mapping
from threading import Event
from typing import Final

from scim_server import metrics
from scim_server.config import Config
from scim_server.documents import alert, invitation, seat_request, sign_in
from scim_server.documents.mail import Writer, as_mail
from scim_server.egress.sender import Policy
from scim_server.lifetime import kept
from scim_server.services.billing import commands, queries
from scim_server.services.events import commands as events
from scim_server.services.imports import commands as imports
from scim_server.services.notifications import commands as mails
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError
from scim_server.store.rows.mails import Mail
from scim_server.telemetry import log
from scim_server.worker import courier, smtp
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
    sending = kept("webhooks", lambda: courier.run(database, policy_of(config), stop))
    sending.start()
    try:
        _work(config, database, stop)
    finally:
        stop.set()
        sending.join()


def _work(config: Config, database: Database, stop: Event) -> None:
    daily = Daily(database.now())
    while not stop.is_set():
        try:
            busy = _round(config, database, stop) > 0
            busy |= daily.some(database, stop)
            busy |= imports.carry_out_started(database, stop)
        except StoreError as error:
            log.error("database unavailable", cause=str(error))
            metrics.worker_round("unavailable")
            busy = False
        except Exception as error:  # noqa: BLE001 - the worker must not end
            log.error("a round of the worker failed", cause=f"{type(error).__name__}: {error}")
            metrics.worker_round("failed")
            busy = False
        else:
            metrics.worker_round("done")
        if not busy:
            stop.wait(PAUSE_SECONDS)


def policy_of(config: Config) -> Policy:
    """The settings for requests to customers' addresses."""
    return Policy(config.dns_server, config.egress_proxy, private=config.private_webhooks)


def once(config: Config, database: Database, stop: Event) -> int:
    """Do what is due now; return how many mails and webhooks were tried.

    Before a stop, the current mail and the current webhooks are finished.
    """
    tried = _round(config, database, stop)
    return tried + courier.run_once(database, policy_of(config), stop)


def _round(config: Config, database: Database, stop: Event) -> int:
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
        metrics.mail("failed")
        log.warning("mail not sent", given_up=given_up, **about)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop all others
        mails.note_failed(database, mail, type(error).__name__)
        metrics.mail("failed")
        log.error("mail not written", cause=type(error).__name__, **about)
    else:
        mails.note_sent(database, mail)
        metrics.mail("sent")
        log.info("mail sent", **about)
