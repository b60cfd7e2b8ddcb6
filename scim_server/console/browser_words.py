"""The browser of a session in plain words, from how it names itself."""

from typing import Final

from scim_server.console.visit import gettext

_BROWSERS: Final = (
    # Most browsers also name those after which they were modelled, so the order matters.
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/",), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/"), "Chrome"),
    (("Safari/",), "Safari"),
)
_SYSTEMS: Final = (
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("CrOS",), "ChromeOS"),
    (("Windows",), "Windows"),
    (("Macintosh", "Mac OS X"), "macOS"),
    (("Linux",), "Linux"),
)


def browser(said: str) -> str:
    """A browser with its system, such as `Chrome on Windows`.

    Args:
        said: how the browser names itself (`User-Agent`).
    """
    name, system = _found(_BROWSERS, said), _found(_SYSTEMS, said)
    if name and system:
        return gettext("%(browser)s on %(system)s", browser=name, system=system)
    if system:
        return gettext("Unknown browser on %(system)s", system=system)
    return name or gettext("Unknown browser")


def _found(known: tuple[tuple[tuple[str, ...], str], ...], said: str) -> str:
    return next((name for marks, name in known if any(mark in said for mark in marks)), "")
