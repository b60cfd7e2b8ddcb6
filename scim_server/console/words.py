"""What the page of an invitation says, in each language."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """One language's."""

    invited: str
    joining: str
    until: str
    accept: str
    joined: str
    joined_as: str
    sign_in: str
    over: str
    over_why: str
    ask: str
    not_now: str
    not_now_why: str
    unavailable: str
    again: str
    foreign: str
    foreign_why: str


WORDS: Final = {
    "en": Words(
        invited="You are invited to {organization}",
        joining="{email} is invited to join {organization}{as_role}.",
        until="The invitation can be accepted until {expires}.",
        accept="Accept the invitation",
        joined="Welcome to {organization}",
        joined_as="{email} is a member now{as_role}.",
        sign_in="You can sign in as usual.",
        over="This invitation is not open",
        over_why="It has expired, was withdrawn, or the link is not complete.",
        ask="Ask whoever invited you to send it again.",
        not_now="Not possible at the moment",
        not_now_why="The invitation stands, but {organization} lets nobody in right now.",
        unavailable="Please try again in a moment",
        again="The server could not answer. Nothing was lost.",
        foreign="Open the link from your mail",
        foreign_why="The invitation was not accepted, because another site sent you here.",
    ),
    "es": Words(
        invited="Te han invitado a {organization}",
        joining="{email} puede unirse a {organization}{as_role}.",
        until="La invitación se puede aceptar hasta el {expires}.",
        accept="Aceptar la invitación",
        joined="Bienvenido a {organization}",
        joined_as="{email} ya es miembro{as_role}.",
        sign_in="Puedes iniciar sesión como siempre.",
        over="Esta invitación no está abierta",
        over_why="Ha caducado, se ha retirado o el enlace no está completo.",
        ask="Pide a quien te invitó que la envíe de nuevo.",
        not_now="Ahora mismo no es posible",
        not_now_why="La invitación sigue en pie, pero {organization} no admite a nadie en este momento.",
        unavailable="Inténtalo de nuevo en un momento",
        again="El servidor no ha podido responder. No se ha perdido nada.",
        foreign="Abre el enlace de tu correo",
        foreign_why="La invitación no se ha aceptado, porque otro sitio te ha enviado aquí.",
    ),
}
