"""The addresses of the company sign-in, and its problems and failures in each language."""

from typing import Final

from scim_server.oidc.failures import Failure
from scim_server.oidc.provider import Check, Problem

_PROBLEMS: Final = {
    "en": {
        Check.ADDRESS: "The issuer cannot be used ({detail}).",
        Check.UNREACHABLE: (
            "The provider does not describe itself at this issuer ({detail}). Check the issuer, and whether "
            "this server can reach it."
        ),
        Check.OTHER_ISSUER: "The provider calls itself \u201c{what}\u201d. Enter this as the issuer.",
        Check.ENDPOINT: "The provider's {what} cannot be used ({detail}).",
        Check.NO_CODE_FLOW: "The provider does not support the authorization code flow.",
        Check.NO_ALGORITHM: (
            "The provider signs only with {what}. Choose RS256, PS256 or ES256 for this application."
        ),
        Check.CLIENT: (
            "The provider accepts only {what} as the proof of a client. Choose a client secret for this "
            "application."
        ),
        Check.KEYS_UNREACHABLE: "The keys of the provider cannot be read ({detail}).",
        Check.NO_KEY: "The provider has no key that can verify a signature.",
        Check.NO_PKCE: "The provider does not say that it supports PKCE with S256. It is used anyway.",
        Check.NO_ADDRESS: (
            "The provider does not list the scope \u201cemail\u201d. Without a verified address, nobody can "
            "sign in."
        ),
    },
    "es": {
        Check.ADDRESS: "El emisor no se puede usar ({detail}).",
        Check.UNREACHABLE: (
            "El proveedor no se describe en este emisor ({detail}). Compruebe el emisor y si este servidor "
            "puede llegar a él."
        ),
        Check.OTHER_ISSUER: "El proveedor se llama «{what}». Escriba esto como emisor.",
        Check.ENDPOINT: "El {what} del proveedor no se puede usar ({detail}).",
        Check.NO_CODE_FLOW: "El proveedor no admite el flujo con código de autorización.",
        Check.NO_ALGORITHM: (
            "El proveedor solo firma con {what}. Elija RS256, PS256 o ES256 para esta aplicación."
        ),
        Check.CLIENT: (
            "El proveedor solo acepta {what} como prueba de un cliente. Elija un secreto de cliente para "
            "esta aplicación."
        ),
        Check.KEYS_UNREACHABLE: "Las claves del proveedor no se pueden leer ({detail}).",
        Check.NO_KEY: "El proveedor no tiene ninguna clave que pueda verificar una firma.",
        Check.NO_PKCE: "El proveedor no dice que admite PKCE con S256. Se usa de todos modos.",
        Check.NO_ADDRESS: (
            "El proveedor no menciona el permiso «email». Sin una dirección verificada, nadie puede entrar."
        ),
    },
}
_FAILURES: Final = {
    "en": {
        Failure.EXPIRED: "The sign-in began in another browser, or took longer than ten minutes.",
        Failure.UNREACHABLE: "The provider did not answer. Test the settings.",
        Failure.UNSUITABLE: (
            "What the provider says about itself does not fit the settings. Test the settings."
        ),
        Failure.STOPPED: (
            "The provider did not let the person in. In the provider, check that the person is assigned to "
            "the application."
        ),
        Failure.CLIENT_REFUSED: (
            "The provider refused this server. Check the client id, the secret and the redirect address."
        ),
        Failure.INVALID_TOKEN: "The provider's token was not valid for this sign-in.",
        Failure.NOT_RECENT: "A new sign-in was required, but the provider used an earlier one.",
        Failure.UNVERIFIED: (
            "The provider did not say that it has verified the address. In Entra ID, add the optional claims "
            "email and xms_edov. In other providers, email_verified must be true."
        ),
        Failure.NO_ACCESS: (
            "No Owner or Admin with a seat has proved the address. An address is proved by an accepted "
            "invitation, or as a userName in a verified domain."
        ),
    },
    "es": {
        Failure.EXPIRED: "El inicio de sesión empezó en otro navegador o duró más de diez minutos.",
        Failure.UNREACHABLE: "El proveedor no respondió. Pruebe la configuración.",
        Failure.UNSUITABLE: (
            "Lo que el proveedor dice de sí mismo no corresponde a la configuración. Pruebe la configuración."
        ),
        Failure.STOPPED: (
            "El proveedor no dejó entrar a la persona. Compruebe en el proveedor que la persona está "
            "asignada a la aplicación."
        ),
        Failure.CLIENT_REFUSED: (
            "El proveedor rechazó este servidor. Compruebe el id de cliente, el secreto y la dirección de "
            "retorno."
        ),
        Failure.INVALID_TOKEN: "El token del proveedor no era válido para este inicio de sesión.",
        Failure.NOT_RECENT: "Hacía falta un nuevo inicio de sesión, pero el proveedor usó uno anterior.",
        Failure.UNVERIFIED: (
            "El proveedor no dijo que ha verificado la dirección. En Entra ID, añada las notificaciones "
            "opcionales email y xms_edov. En otros proveedores, email_verified debe ser true."
        ),
        Failure.NO_ACCESS: (
            "Ningún propietario o administrador con asiento ha probado la dirección. Una dirección se prueba "
            "con una invitación aceptada, o como userName en un dominio verificado."
        ),
    },
}


def sign_in_url(public_url: str, slug: str) -> str:
    """The address where the people of an organization begin to sign in with its provider."""
    return f"{public_url}/console/{slug}/sso"


def redirect_uri(public_url: str, slug: str) -> str:
    """The address to which the provider sends the browser back."""
    return f"{sign_in_url(public_url, slug)}/callback"


def problem(one: Problem, language: str = "en") -> str:
    """What is wrong with a provider, as sentences."""
    return _PROBLEMS[language][one.check].format(what=one.what, detail=one.detail)


def failure(code: str, language: str = "en") -> str:
    """Why a sign-in failed, as sentences; codes of other versions as they are."""
    return _FAILURES[language][Failure(code)] if code in set(Failure) else code
