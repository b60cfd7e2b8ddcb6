"""The text on the page of an invitation, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scim_server.services.invitations.commands import Obstacle


@dataclass(frozen=True, slots=True)
class Words:
    """The text in one language.

    Attributes:
        why_not: for each reason why a pending invitation cannot be accepted: the reason, and what the invitee
            can do.
        asked: the request that an Owner has not decided yet.
        declined: the last request, with the reason.
    """

    invited: str
    joining: str
    until: str
    accept: str
    joined: str
    joined_as: str
    sign_in: str
    waits: str
    no_seat: str
    accepted: str
    away: str
    over: str
    over_why: str
    ask: str
    not_now: str
    why_not: Mapping[Obstacle, tuple[str, str]]
    unavailable: str
    again: str
    foreign: str
    foreign_why: str
    ask_for: str
    reason: str
    send: str
    no_reason: str
    asked: str
    declined: str


WORDS: Final = {
    "en": Words(
        invited="You are invited to {organization}",
        joining="{email} is invited to join {organization}{as_role}.",
        until="The invitation can be accepted until {expires}.",
        accept="Accept the invitation",
        joined="Welcome to {organization}",
        joined_as="{email} is now a member{as_role}.",
        sign_in="You can sign in as usual.",
        waits="No seat is free for you yet. You are in the queue, and can sign in when you get a seat.",
        no_seat="You do not have a seat, so you cannot sign in yet.",
        accepted="This invitation was accepted",
        away="{email} no longer has access to {organization}. Ask an Admin of {organization}.",
        over="This invitation is not open",
        over_why="It has expired or was revoked, or the link is not complete.",
        ask="Ask the person who invited you to send it again.",
        not_now="Not possible at the moment",
        why_not={
            Obstacle.STANDSTILL: (
                "The invitation is valid, but {organization} does not admit new members at present.",
                "Try again later, or ask the person who invited you.",
            ),
            Obstacle.DEACTIVATED: (
                "The account of {email} at {organization} was deactivated.",
                "Ask the person who invited you to send the invitation again.",
            ),
            Obstacle.REMOVED: (
                "The account of {email} at {organization} was removed.",
                "Ask the person who invited you to send the invitation again.",
            ),
            Obstacle.RENAMED: (
                "The account that {email} had at {organization} has another address now.",
                "Ask the person who invited you: this invitation can no longer be accepted.",
            ),
            Obstacle.NO_SEAT: (
                "The Primary Owner of {organization} needs a seat, and {email} has none.",
                "Ask the person who invited you for one, then open this link again.",
            ),
        },
        unavailable="Please try again in a moment",
        again="The server could not answer. No data was lost.",
        foreign="Open the link from your mail",
        foreign_why="Nothing was done, because another site sent you here.",
        ask_for="You can ask the Owners of {organization} for a seat.",
        reason="Why do you need a seat?",
        send="Ask for a seat",
        no_reason="Write a reason of at most 500 characters.",
        asked="You asked for a seat on {since}. You get the answer by mail. You wrote:",
        declined="Your last request was declined. The reason that was given:",
    ),
    "es": Words(
        invited="Invitación a {organization}",
        joining="{email} puede unirse a {organization}{as_role}.",
        until="La invitación se puede aceptar hasta el {expires}.",
        accept="Aceptar la invitación",
        joined="Le damos la bienvenida a {organization}",
        joined_as="{email} ya es miembro{as_role}.",
        sign_in="Puede iniciar sesión como siempre.",
        waits="Aún no hay ningún asiento libre. Está en espera: podrá iniciar sesión cuando reciba uno.",
        no_seat="Está sin asiento, así que aún no puede iniciar sesión.",
        accepted="Esta invitación ya se aceptó",
        away="{email} ya no tiene acceso a {organization}. Pregunte a un administrador de {organization}.",
        over="Esta invitación no está abierta",
        over_why="Ha caducado o se ha retirado, o el enlace no está completo.",
        ask="Pida a la persona que le invitó que la envíe de nuevo.",
        not_now="Ahora mismo no es posible",
        why_not={
            Obstacle.STANDSTILL: (
                "La invitación es válida, pero {organization} no admite nuevos miembros en este momento.",
                "Inténtelo más tarde o pregunte a la persona que le invitó.",
            ),
            Obstacle.DEACTIVATED: (
                "La cuenta de {email} en {organization} se ha desactivado.",
                "Pida a la persona que le invitó que envíe la invitación de nuevo.",
            ),
            Obstacle.REMOVED: (
                "La cuenta de {email} en {organization} se ha eliminado.",
                "Pida a la persona que le invitó que envíe la invitación de nuevo.",
            ),
            Obstacle.RENAMED: (
                "La cuenta que {email} tenía en {organization} tiene ahora otra dirección.",
                "Pregunte a la persona que le invitó: esta invitación ya no se puede aceptar.",
            ),
            Obstacle.NO_SEAT: (
                "El propietario principal de {organization} necesita un asiento, y {email} está sin asiento.",
                "Pida uno a la persona que le invitó y vuelva a abrir este enlace.",
            ),
        },
        unavailable="Inténtelo de nuevo en un momento",
        again="El servidor no ha podido responder. No se ha perdido ningún dato.",
        foreign="Abra el enlace de su correo",
        foreign_why="No se ha hecho nada, porque otro sitio le ha enviado aquí.",
        ask_for="Puede pedir un asiento a los propietarios de {organization}.",
        reason="¿Para qué necesita un asiento?",
        send="Pedir un asiento",
        no_reason="Escriba un motivo de 500 caracteres como máximo.",
        asked="Pidió un asiento el {since}. Recibirá la respuesta por correo. Usted escribió:",
        declined="Su última petición se rechazó. El motivo indicado:",
    ),
}
