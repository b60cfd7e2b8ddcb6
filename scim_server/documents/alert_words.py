"""The text of alerts in each language, with an entry for each type of event or for a value of a field.

To notify Owners about another type of event, add an entry here for every language, and call
`services.notifications.owner_mail.notify`.
"""

from dataclasses import dataclass
from typing import Final

from scim_server.history import (
    MappingGroupGone,
    RemovalDetected,
    SeatRequestOpened,
    SeatRequestsOverdue,
    SeatsForecastShort,
    SeatsRefusalsBegan,
    SeatsThreshold,
    WebhookDisabled,
)
from seat_policy.overflow import Overflow


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one alert. Names in braces are fields of the event.

    Attributes:
        happened: what happened, in numbers.
        means: the consequences of the event.
        advice: how to solve it.
        commands: the commands that the advice mentions.
    """

    subject: str
    happened: str
    means: tuple[str, ...]
    advice: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The text around every alert."""

    seats: str
    in_use: str
    waiting: str
    any_tier: str
    open: str
    why: str
    why_contact: str


DECIDED_BY: Final = {
    SeatsThreshold.type: "percent",
    SeatsRefusalsBegan.type: "reason",
    MappingGroupGone.type: "why",
    RemovalDetected.type: "holds",
    WebhookDisabled.type: "why",
}
"""The field whose value selects between the entries of a type, as in `seats.threshold:100`."""

FRAMES: Final = {
    "en": Frame(
        seats="Seats at {at}",
        in_use="{in_use} of {purchased} in use",
        waiting="{waiting} waiting",
        any_tier="any tier",
        open="Open this in the console",
        why="You get this mail because you are an Owner of {organization}. Each event is sent only once.",
        why_contact="You get this mail because you are the contact of this webhook endpoint.",
    ),
    "es": Frame(
        seats="Asientos el {at}",
        in_use="{in_use} de {purchased} en uso",
        waiting="{waiting} en espera",
        any_tier="cualquier nivel",
        open="Abrir en la consola",
        why="Recibe este correo porque es propietario de {organization}. Cada aviso se envía una sola vez.",
        why_contact="Recibe este correo porque es el contacto de este punto de conexión (webhook).",
    ),
}

_ADD = ("scim-seats seats add {organization} {tier}=5", "scim-seats people idle {organization}")
_LEFT_OUT = ("scim-seats left-out list {organization}", "scim-seats left-out buy {organization}")
_MAPPINGS = ("scim-seats mapping list {organization}",)
_REQUESTS = (
    "scim-seats seat-request list {organization}",
    "scim-seats seat-request approve {organization} {organization}-{number}",
    "scim-seats seat-request decline {organization} {organization}-{number} --reason REASON",
)
_REMOVALS = (
    "scim-seats removals show {organization} {organization}-{number}",
    "scim-seats removals restore {organization} {organization}-{number}",
    "scim-seats removals confirm {organization} {organization}-{number}",
)

_WEBHOOKS = (
    "scim-seats webhook log {endpoint}",
    "scim-seats webhook test {endpoint}",
    "scim-seats webhook enable {endpoint}",
)

_EN_ADD: Final = (
    "The operator of scim-seats can use these commands to see the price of five more seats, and the seats "
    "that were not used for 30 days:"
)
_EN_VENDOR: Final = "The operator of scim-seats can use this command to see the people who were left out:"
_EN_GROUP: Final = (
    "Give the group its old name again, or ask the operator of scim-seats to map another group. "
    "This command shows the mappings:"
)
_EN_REMOVAL: Final = (
    "If this was a mistake, stop your identity provider first. The operator of scim-seats can use these "
    "commands to see the removed people, to restore them (the price of missing seats is shown "
    "first), or to confirm that the removal was intended:"
)
_EN_WEBHOOK: Final = (
    "Correct the receiver first. The operator of scim-seats can use these commands to see the last answers, "
    "to send an example, and to enable the endpoint. All events since then are delivered:"
)
_ES_WEBHOOK: Final = (
    "Corrija primero el receptor. Con estos comandos, la persona que gestiona scim-seats para usted puede "
    "ver las últimas respuestas, enviar un ejemplo y volver a activar el webhook. Se entregan todos los "
    "eventos desde entonces:"
)
_EN_REQUEST: Final = (
    "You decide on the page Left out of your console. The operator of scim-seats can also use these commands:"
)
_ES_REQUEST: Final = (
    "Usted decide en la página «Sin asiento» de su consola. La persona que gestiona scim-seats para usted "
    "también puede usar estos comandos:"
)
_ES_ADD: Final = (
    "Con estos comandos, la persona que gestiona scim-seats para usted puede ver el precio de cinco asientos "
    "más y los asientos que no se han usado en 30 días:"
)
_ES_VENDOR: Final = (
    "Con este comando, la persona que gestiona scim-seats para usted puede ver las personas que se han "
    "quedado sin asiento:"
)
_ES_GROUP: Final = (
    "Devuelva al grupo su nombre anterior, o pida a la persona que gestiona scim-seats para usted que asigne "
    "otro grupo. Este comando muestra las asignaciones:"
)
_ES_REMOVAL: Final = (
    "Si fue un error, detenga primero su proveedor de identidad. Con estos comandos, la persona que gestiona "
    "scim-seats para usted puede ver las personas afectadas, recuperarlas (antes se muestra el precio de los "
    "asientos que falten) o confirmar que la retirada era intencionada:"
)

POLICIES: Final = {
    "en": {
        Overflow.REJECT: "While no {tier} seat is free, people who need one are refused.",
        Overflow.QUEUE: "While no {tier} seat is free, people who need one wait in the queue.",
        Overflow.FALLBACK: (
            "While no {tier} seat is free, people who need one get a free seat of a lower tier, and wait "
            "for a {tier} seat."
        ),
        Overflow.BUY: (
            "While no {tier} seat is free, a seat is bought for each person who needs one. At most "
            "{buyable} more seats can be bought in this term."
        ),
        "buy_spent": (
            "In this term, no more {tier} seats can be bought automatically. While no seat is free, people "
            "who need one wait in the queue."
        ),
        "unknown": "While no {tier} seat is free, people who need one are refused or wait.",
    },
    "es": {
        Overflow.REJECT: "Mientras no haya ningún asiento {tier} libre, se rechaza a quienes necesiten uno.",
        Overflow.QUEUE: (
            "Mientras no haya ningún asiento {tier} libre, las personas que necesiten uno quedan en espera."
        ),
        Overflow.FALLBACK: (
            "Mientras no haya ningún asiento {tier} libre, las personas que necesiten uno reciben un asiento "
            "libre de un nivel inferior y siguen en espera."
        ),
        Overflow.BUY: (
            "Mientras no haya ningún asiento {tier} libre, se compra uno para cada persona que lo necesite: "
            "como máximo {buyable} más en este período."
        ),
        "buy_spent": (
            "En este período ya no se puede comprar automáticamente ningún asiento {tier}: mientras no haya "
            "ninguno libre, las personas que necesiten uno quedan en espera."
        ),
        "unknown": (
            "Mientras no haya ningún asiento {tier} libre, se rechaza a las personas que necesiten uno, "
            "o quedan en espera."
        ),
    },
}
"""What happens to people who need a seat of a full tier, by the policy of the tier."""

WORDS: Final = {
    "en": {
        SeatsThreshold.type: Words(
            "{organization}: {tier} seats have reached {percent} %",
            "{in_use} of {purchased} {tier} seats are in use.",
            ("{policy}",),
            _EN_ADD,
            _ADD,
        ),
        f"{SeatsThreshold.type}:100": Words(
            "{organization}: no {tier} seat is free",
            "{in_use} of {purchased} {tier} seats are in use.",
            ("{policy}",),
            _EN_ADD,
            _ADD,
        ),
        SeatsRefusalsBegan.type: Words(
            "{organization}: people are being left out",
            "A person was refused because no seat is free, the first one in 24 hours.",
            ("More people may be refused. This mail is sent again only after a day without a refusal.",),
            "The operator of scim-seats can use these commands to see the people who were left out, and the "
            "price of seats for all of them:",
            _LEFT_OUT,
        ),
        f"{SeatsRefusalsBegan.type}:organization_suspended": Words(
            "{organization}: people are being left out",
            "A person was refused, the first one in 24 hours, because your organization is suspended.",
            (
                "New people get no seats until your vendor resumes the organization. People with a "
                "seat keep it.",
            ),
            _EN_VENDOR,
            _LEFT_OUT[:1],
        ),
        f"{SeatsRefusalsBegan.type}:contract_inactive": Words(
            "{organization}: people are being left out",
            "A person was refused, the first one in 24 hours, because your contract has no current term.",
            ("New people get no seats until a term begins. People with a seat keep it.",),
            _EN_VENDOR,
            _LEFT_OUT[:1],
        ),
        SeatsForecastShort.type: Words(
            "{organization}: {tier} seats are expected to run out on {expected}",
            "{in_use} of {purchased} {tier} seats are in use, and {per_day} more are taken per day.",
            ("At this pace, the last seat will be taken on {expected}, or on {earliest} at the earliest.",),
            _EN_ADD,
            _ADD,
        ),
        SeatRequestOpened.type: Words(
            "{organization}: a person asks for a seat",
            "A person asks for a seat, the first one in 24 hours. The wanted tier is: {wants}.",
            (
                "The person gets an answer by mail when you approve or decline the request.",
                "More people may ask. This mail is sent again only after a day without a new request.",
            ),
            _EN_REQUEST,
            _REQUESTS,
        ),
        SeatRequestsOverdue.type: Words(
            "{organization}: requests for seats wait for your decision",
            "Requests that have been open for {days} days or more: {requests}.",
            ("Each request is in such a reminder only once.",),
            _EN_REQUEST,
            _REQUESTS[:1],
        ),
        MappingGroupGone.type: Words(
            "{organization}: the mapped group {group} was deleted",
            "Your identity provider deleted the group {group}.",
            ("Its members no longer get the tier, the role or the place in the queue that it gave.",),
            _EN_GROUP,
            _MAPPINGS,
        ),
        f"{MappingGroupGone.type}:renamed": Words(
            "{organization}: the mapped group {group} has another name",
            "Your identity provider renamed the group {group}.",
            ("Its members no longer get the tier, the role or the place in the queue that it gave.",),
            _EN_GROUP,
            _MAPPINGS,
        ),
        RemovalDetected.type: Words(
            "{organization}: {people} of {of} people lost access",
            "Your identity provider removed {people} of {of} people within {minutes} minutes, so far.",
            ("Their access has ended, and waiting people get their seats.",),
            _EN_REMOVAL,
            _REMOVALS,
        ),
        f"{RemovalDetected.type}:True": Words(
            "{organization}: {people} of {of} people lost access",
            "Your identity provider removed {people} of {of} people within {minutes} minutes, so far.",
            ("Their access has ended. Their seats are held until an Owner decides.",),
            _EN_REMOVAL,
            _REMOVALS,
        ),
        WebhookDisabled.type: Words(
            "{organization}: the webhook endpoint at {host} is disabled",
            "The webhook endpoint {endpoint} is disabled, because a message to {host} was not accepted.",
            ("All attempts in about three days failed. Its events are kept and wait.",),
            _EN_WEBHOOK,
            _WEBHOOKS,
        ),
        f"{WebhookDisabled.type}:gone": Words(
            "{organization}: the webhook endpoint at {host} is disabled",
            "The webhook endpoint {endpoint} is disabled, because {host} answered 410 Gone.",
            ("The receiver wants no more messages. The events of the endpoint are kept and wait.",),
            _EN_WEBHOOK,
            _WEBHOOKS,
        ),
    },
    "es": {
        SeatsThreshold.type: Words(
            "{organization}: los asientos {tier} han llegado al {percent} %",
            "Asientos {tier} en uso: {in_use} de {purchased}.",
            ("{policy}",),
            _ES_ADD,
            _ADD,
        ),
        f"{SeatsThreshold.type}:100": Words(
            "{organization}: no queda ningún asiento {tier} libre",
            "Asientos {tier} en uso: {in_use} de {purchased}.",
            ("{policy}",),
            _ES_ADD,
            _ADD,
        ),
        SeatsRefusalsBegan.type: Words(
            "{organization}: hay personas que se quedan sin asiento",
            "Una persona ha sido rechazada porque no hay ningún asiento libre, la primera en 24 horas.",
            ("Puede haber más rechazos: este correo no se repite hasta que pase un día sin ninguno.",),
            "Con estos comandos, la persona que gestiona scim-seats para usted puede ver las personas que se "
            "han quedado sin asiento y el precio de admitir a todas:",
            _LEFT_OUT,
        ),
        f"{SeatsRefusalsBegan.type}:organization_suspended": Words(
            "{organization}: hay personas que se quedan sin asiento",
            "Una persona ha sido rechazada, la primera en 24 horas: su organización está suspendida.",
            (
                "No se asignan asientos hasta que su proveedor la reactive. "
                "Las personas que ya tienen un asiento lo conservan.",
            ),
            _ES_VENDOR,
            _LEFT_OUT[:1],
        ),
        f"{SeatsRefusalsBegan.type}:contract_inactive": Words(
            "{organization}: hay personas que se quedan sin asiento",
            "Una persona ha sido rechazada, la primera en 24 horas: su contrato no está en vigor.",
            (
                "No se asignan asientos hasta que empiece un período. "
                "Las personas que ya tienen un asiento lo conservan.",
            ),
            _ES_VENDOR,
            _LEFT_OUT[:1],
        ),
        SeatsForecastShort.type: Words(
            "{organization}: se prevé que los asientos {tier} se agoten el {expected}",
            "Asientos {tier} en uso: {in_use} de {purchased}. Cada día se ocupan {per_day} más.",
            ("A este ritmo, el último asiento se ocupará el {expected}; como muy pronto, el {earliest}.",),
            _ES_ADD,
            _ADD,
        ),
        SeatRequestOpened.type: Words(
            "{organization}: una persona pide un asiento",
            "Una persona pide un asiento, la primera en 24 horas. El nivel pedido es: {wants}.",
            (
                "La persona recibe la respuesta por correo cuando usted aprueba o rechaza la petición.",
                "Puede haber más: este correo no se repite hasta que pase un día sin peticiones nuevas.",
            ),
            _ES_REQUEST,
            _REQUESTS,
        ),
        SeatRequestsOverdue.type: Words(
            "{organization}: hay peticiones de asiento que esperan su decisión",
            "Peticiones abiertas desde hace {days} días o más: {requests}.",
            ("Cada petición aparece en un recordatorio una sola vez.",),
            _ES_REQUEST,
            _REQUESTS[:1],
        ),
        MappingGroupGone.type: Words(
            "{organization}: se ha eliminado el grupo asignado {group}",
            "Su proveedor de identidad ha eliminado el grupo {group}.",
            ("Sus miembros ya no reciben el nivel, el rol ni el lugar en la cola que daba.",),
            _ES_GROUP,
            _MAPPINGS,
        ),
        f"{MappingGroupGone.type}:renamed": Words(
            "{organization}: el grupo asignado {group} ha cambiado de nombre",
            "Su proveedor de identidad ha cambiado el nombre del grupo {group}.",
            ("Sus miembros ya no reciben el nivel, el rol ni el lugar en la cola que daba.",),
            _ES_GROUP,
            _MAPPINGS,
        ),
        RemovalDetected.type: Words(
            "{organization}: {people} de {of} personas han perdido el acceso",
            "Su proveedor de identidad ha retirado a {people} de {of} personas en {minutes} minutos, "
            "hasta ahora.",
            ("Ya no tienen acceso, y sus asientos pasan a las personas en espera.",),
            _ES_REMOVAL,
            _REMOVALS,
        ),
        f"{RemovalDetected.type}:True": Words(
            "{organization}: {people} de {of} personas han perdido el acceso",
            "Su proveedor de identidad ha retirado a {people} de {of} personas en {minutes} minutos, "
            "hasta ahora.",
            ("Ya no tienen acceso. Sus asientos quedan retenidos hasta que un propietario decida.",),
            _ES_REMOVAL,
            _REMOVALS,
        ),
        WebhookDisabled.type: Words(
            "{organization}: el webhook de {host} está desactivado",
            "El webhook {endpoint} de {host} está desactivado porque no se ha podido entregar un mensaje.",
            ("Han fallado todos los intentos durante unos tres días. Sus eventos se conservan y esperan.",),
            _ES_WEBHOOK,
            _WEBHOOKS,
        ),
        f"{WebhookDisabled.type}:gone": Words(
            "{organization}: el webhook de {host} está desactivado",
            "El webhook {endpoint} está desactivado porque {host} ha respondido 410 Gone.",
            ("El receptor no quiere más mensajes. Los eventos del webhook se conservan y esperan.",),
            _ES_WEBHOOK,
            _WEBHOOKS,
        ),
    },
}
