"""What alerts say, in each language: one entry for each type of event, or for one value of what decides.

To tell Owners of another event, add its entry here for every language and call
`services.notifications.owner_mail.tell`.
"""

from dataclasses import dataclass
from typing import Final

from scim_server.history import (
    MappingGroupGone,
    RemovalDetected,
    SeatsForecastShort,
    SeatsRefusalsBegan,
    SeatsThreshold,
)


@dataclass(frozen=True, slots=True)
class Words:
    """One alert. Names in braces are facts of the event.

    Attributes:
        happened: in numbers.
        means: what follows from it.
        advice: who can do what.
        commands: by which; as they are typed.
    """

    subject: str
    happened: str
    means: tuple[str, ...]
    advice: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every alert."""

    seats: str
    in_use: str
    waiting: str
    any_tier: str
    why: str


DECIDED_BY: Final = {
    SeatsThreshold.type: "percent",
    SeatsRefusalsBegan.type: "reason",
    MappingGroupGone.type: "why",
    RemovalDetected.type: "holds",
}
"""Which fact chooses between the entries of a type, as in `seats.threshold:100`."""

FRAMES: Final = {
    "en": Frame(
        seats="Seats at {at}",
        in_use="{in_use} of {purchased} in use",
        waiting="{waiting} waiting",
        any_tier="any tier",
        why="You get this mail because you are an Owner of {organization}. It is sent once, when it happens.",
    ),
    "es": Frame(
        seats="Plazas el {at}",
        in_use="{in_use} de {purchased} en uso",
        waiting="{waiting} en espera",
        any_tier="cualquier nivel",
        why="Recibes este correo porque eres propietario de {organization}. Se envía una vez, cuando ocurre.",
    ),
}

_ADD = ("scim-seats seats add {organization} {tier}=5", "scim-seats people idle {organization}")
_LEFT_OUT = ("scim-seats left-out list {organization}", "scim-seats left-out buy {organization}")
_MAPPINGS = ("scim-seats mapping list {organization}",)
_REMOVALS = (
    "scim-seats removals show {organization} {organization}-{number}",
    "scim-seats removals restore {organization} {organization}-{number}",
    "scim-seats removals confirm {organization} {organization}-{number}",
)

_EN_ADD: Final = (
    "Whoever operates scim-seats for you sees with these commands what five more seats cost, and which "
    "seats nobody has used for 30 days:"
)
_EN_VENDOR: Final = "Whoever operates scim-seats for you sees with this command who was left out:"
_EN_GROUP: Final = (
    "Name the group as before, or let whoever operates scim-seats for you map another. "
    "This command shows the mappings:"
)
_EN_REMOVAL: Final = (
    "If it was a mistake, stop your identity provider first. Whoever operates scim-seats for you sees with "
    "these commands who it was, brings them back (the price of missing seats is shown first), or confirms "
    "that it was meant:"
)
_ES_ADD: Final = (
    "Quien gestiona scim-seats para ti ve con estos comandos cuánto cuestan cinco plazas más y qué plazas "
    "no ha usado nadie en 30 días:"
)
_ES_VENDOR: Final = "Quien gestiona scim-seats para ti ve con este comando quién se ha quedado fuera:"
_ES_GROUP: Final = (
    "Devuelve al grupo su nombre, o pide a quien gestiona scim-seats para ti que asigne otro. "
    "Este comando muestra las asignaciones:"
)
_ES_REMOVAL: Final = (
    "Si fue un error, detén primero tu proveedor de identidad. Quien gestiona scim-seats para ti ve con "
    "estos comandos a quiénes afecta, los recupera (antes se muestra el precio de las plazas que falten) o "
    "confirma que era lo previsto:"
)

WORDS: Final = {
    "en": {
        SeatsThreshold.type: Words(
            "{organization}: {tier} seats have reached {percent} %",
            "{in_use} of {purchased} {tier} seats are in use.",
            ("When none is left, newcomers are refused or wait, as your organization has chosen.",),
            _EN_ADD,
            _ADD,
        ),
        f"{SeatsThreshold.type}:100": Words(
            "{organization}: no {tier} seat is free",
            "All {purchased} {tier} seats are in use.",
            ("Newcomers who need one are refused or wait, as your organization has chosen.",),
            _EN_ADD,
            _ADD,
        ),
        SeatsRefusalsBegan.type: Words(
            "{organization}: people are being left out",
            "Somebody found no free seat and was refused, the first in 24 hours.",
            ("More may follow: this mail is not repeated until a day has passed without a refusal.",),
            "Whoever operates scim-seats for you sees with these commands who was left out, and what "
            "letting everyone in costs:",
            _LEFT_OUT,
        ),
        f"{SeatsRefusalsBegan.type}:organization_suspended": Words(
            "{organization}: people are being left out",
            "Somebody was refused, the first in 24 hours: your organization is suspended.",
            ("No seat is given until your vendor resumes it. Nobody loses a seat.",),
            _EN_VENDOR,
            _LEFT_OUT[:1],
        ),
        f"{SeatsRefusalsBegan.type}:contract_inactive": Words(
            "{organization}: people are being left out",
            "Somebody was refused, the first in 24 hours: no term of your contract runs.",
            ("No seat is given until a term begins. Nobody loses a seat.",),
            _EN_VENDOR,
            _LEFT_OUT[:1],
        ),
        SeatsForecastShort.type: Words(
            "{organization}: {tier} seats are expected to run out on {expected}",
            "{in_use} of {purchased} {tier} seats are in use, and {per_day} more are taken a day.",
            ("At that pace the last is taken on {expected}, at the earliest on {earliest}.",),
            _EN_ADD,
            _ADD,
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
            ("Their access has ended, and whoever waits gets their seats.",),
            _EN_REMOVAL,
            _REMOVALS,
        ),
        f"{RemovalDetected.type}:True": Words(
            "{organization}: {people} of {of} people lost access",
            "Your identity provider removed {people} of {of} people within {minutes} minutes, so far.",
            ("Their access has ended. Their seats are kept from the queue until somebody decides.",),
            _EN_REMOVAL,
            _REMOVALS,
        ),
    },
    "es": {
        SeatsThreshold.type: Words(
            "{organization}: las plazas {tier} han llegado al {percent} %",
            "{in_use} de {purchased} plazas {tier} están en uso.",
            (
                "Cuando no quede ninguna, quien llegue será rechazado o esperará, según lo que haya elegido "
                "tu organización.",
            ),
            _ES_ADD,
            _ADD,
        ),
        f"{SeatsThreshold.type}:100": Words(
            "{organization}: no queda ninguna plaza {tier} libre",
            "Las {purchased} plazas {tier} están en uso.",
            ("Quien necesite una será rechazado o esperará, según lo que haya elegido tu organización.",),
            _ES_ADD,
            _ADD,
        ),
        SeatsRefusalsBegan.type: Words(
            "{organization}: hay personas que se quedan fuera",
            "Alguien no ha encontrado plaza libre y ha sido rechazado, por primera vez en 24 horas.",
            ("Puede haber más: este correo no se repite hasta que pase un día sin rechazos.",),
            "Quien gestiona scim-seats para ti ve con estos comandos quién se ha quedado fuera y cuánto "
            "cuesta admitir a todos:",
            _LEFT_OUT,
        ),
        f"{SeatsRefusalsBegan.type}:organization_suspended": Words(
            "{organization}: hay personas que se quedan fuera",
            "Alguien ha sido rechazado, por primera vez en 24 horas: tu organización está suspendida.",
            ("No se da ninguna plaza hasta que tu proveedor la reanude. Nadie pierde la suya.",),
            _ES_VENDOR,
            _LEFT_OUT[:1],
        ),
        f"{SeatsRefusalsBegan.type}:contract_inactive": Words(
            "{organization}: hay personas que se quedan fuera",
            "Alguien ha sido rechazado, por primera vez en 24 horas: tu contrato no está en vigor.",
            ("No se da ninguna plaza hasta que empiece un período. Nadie pierde la suya.",),
            _ES_VENDOR,
            _LEFT_OUT[:1],
        ),
        SeatsForecastShort.type: Words(
            "{organization}: se prevé que las plazas {tier} se agoten el {expected}",
            "{in_use} de {purchased} plazas {tier} están en uso, y cada día se ocupan {per_day} más.",
            ("A este ritmo la última se ocupará el {expected}; como muy pronto, el {earliest}.",),
            _ES_ADD,
            _ADD,
        ),
        MappingGroupGone.type: Words(
            "{organization}: se ha eliminado el grupo asignado {group}",
            "Tu proveedor de identidad ha eliminado el grupo {group}.",
            ("Sus miembros ya no reciben el nivel, el rol ni el lugar en la cola que daba.",),
            _ES_GROUP,
            _MAPPINGS,
        ),
        f"{MappingGroupGone.type}:renamed": Words(
            "{organization}: el grupo asignado {group} ha cambiado de nombre",
            "Tu proveedor de identidad ha cambiado el nombre del grupo {group}.",
            ("Sus miembros ya no reciben el nivel, el rol ni el lugar en la cola que daba.",),
            _ES_GROUP,
            _MAPPINGS,
        ),
        RemovalDetected.type: Words(
            "{organization}: {people} de {of} personas han perdido el acceso",
            "Tu proveedor de identidad ha retirado a {people} de {of} personas en {minutes} minutos, "
            "hasta ahora.",
            ("Ya no tienen acceso, y sus plazas pasan a quien espera.",),
            _ES_REMOVAL,
            _REMOVALS,
        ),
        f"{RemovalDetected.type}:True": Words(
            "{organization}: {people} de {of} personas han perdido el acceso",
            "Tu proveedor de identidad ha retirado a {people} de {of} personas en {minutes} minutos, "
            "hasta ahora.",
            ("Ya no tienen acceso. Sus plazas no pasan a la cola hasta que alguien decida.",),
            _ES_REMOVAL,
            _REMOVALS,
        ),
    },
}
