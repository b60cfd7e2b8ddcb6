"""Reads the settings from the environment. No other module reads the environment."""

import builtins
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from environs import Env, EnvError

DEFAULT_DATABASE: Final = "sqlite:///data/scim-seats.db"
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080
DEFAULT_MAIL_FROM: Final = "scim-seats@localhost"
DEFAULT_MANAGEMENT: Final = "127.0.0.1:9080"
METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Set by `serve` for its own processes; the library for metrics reads it too."""
SERVED_FILE: Final = "SCIM_SERVED_DATABASE_FILE"
"""Set by `serve` for its own processes; not a setting."""
MAX_PORT: Final = 65_535
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")
LOWEST_RATE_LIMIT: Final = 50
"""Twice the requests that identity providers send, because processes reserve parts that they do not use."""
_PREFIX: Final = "SCIM_SEATS_"
_NAME: Final = re.compile(rf"{_PREFIX}[A-Z_]+")
_SIMILAR: Final = 0.8
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


class ConfigError(Exception):
    """A setting is wrong. The message contains the name of the setting and a correct example."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of the server.

    Attributes:
        database_url: SCIM_SEATS_DATABASE_URL.
        host, port: SCIM_SEATS_HOST and SCIM_SEATS_PORT, the address where `serve` listens.
        public_url: SCIM_SEATS_PUBLIC_URL, the beginning of every link, without a trailing slash.
        threads: SCIM_SEATS_THREADS, the number of requests that one worker process handles at a time.
        workers: SCIM_SEATS_WORKERS, the number of worker processes.
        rate_limit: SCIM_SEATS_RATE_LIMIT, the requests that each organization may send to its SCIM API in a
            second, and each API key to /v1; 0 for no limit.
        prepared_statements: SCIM_SEATS_PREPARED_STATEMENTS, whether PostgreSQL keeps prepared statements for
            each connection.
        trusted_proxy: SCIM_SEATS_TRUSTED_PROXY, whether a proxy in front terminates TLS and sets
            X-Forwarded-Proto. If false, plain HTTP is accepted only from loopback.
        log_level: SCIM_SEATS_LOG_LEVEL. `info` logs every request, `warning` logs only problems.
        smtp_url: SCIM_SEATS_SMTP_URL, the mail server, such as smtp://user:pass@host:587. Without this
            setting, mail stays in the database.
        mail_from: SCIM_SEATS_MAIL_FROM, the sender of mail.
        dns_server: SCIM_SEATS_DNS_SERVER, the resolver for the verification of domains and for webhooks; None
            for the system's resolvers.
        egress_proxy: SCIM_SEATS_EGRESS_PROXY, an HTTP proxy for webhooks, such as http://proxy.internal:3128;
            None without one.
        private_webhooks: SCIM_SEATS_PRIVATE_WEBHOOKS, whether webhooks may be sent by http and to addresses
            that are not public. Only for development and tests.
        internal_hosts: SCIM_SEATS_INTERNAL_HOSTS, hosts on the operator's own network, also as `host:port`,
            where an identity provider may be. On this machine, it may also use plain HTTP.
        source_token: SCIM_SEATS_SOURCE_TOKEN, the token of the server from which `import` reads.
        served_file: the identity of the SQLite file that `serve` has opened; `serve` sets it for its own
            processes.
        management: SCIM_SEATS_MANAGEMENT, the address and port of the management listener; None for none.
        metrics_folder: where the processes of a server count; `serve` sets it for its own processes.
    """

    database_url: str
    host: str
    port: int
    public_url: str
    threads: int
    workers: int
    trusted_proxy: bool
    log_level: str
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = DEFAULT_MAIL_FROM
    dns_server: str | None = None
    egress_proxy: str | None = field(default=None, repr=False)
    private_webhooks: bool = False
    prepared_statements: bool = True
    internal_hosts: frozenset[str] = frozenset()
    source_token: str | None = field(default=None, repr=False)
    rate_limit: int = 0
    served_file: str | None = None
    management: tuple[str, int] | None = None
    metrics_folder: str | None = None

    @property
    def data_folder(self) -> Path:
        """The folder for files of this installation, next to a SQLite database."""
        name = self.database_url.removeprefix("sqlite:///")
        return Path(name).parent if name != self.database_url else Path("data")

    @property
    def is_loopback(self) -> bool:
        """Whether the public URL can be reached only from this machine."""
        host = (urlsplit(self.public_url).hostname or "").rstrip(".")
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified

    def scim_url(self, slug: str) -> str:
        """The SCIM base URL of an organization, without a trailing slash."""
        return f"{self.public_url}/orgs/{slug}/scim/v2"


def load(*, host: str | None = None, port: int | None = None) -> Config:
    """Read the settings; options of a command override the environment.

    Raises:
        ConfigError: a setting cannot be used.
    """
    return _read(_Environment(), host, port)


class _Environment:
    """Reads variables of the environment, and remembers which ones it was asked for.

    Attributes:
        asked: the names of all settings that were read.
    """

    def __init__(self, ignored: Collection[str] = ()) -> None:
        self._env = Env()
        self._ignored = ignored
        self.asked: set[str] = set()

    def str(self, name: str, default: str) -> str:
        """A text."""
        return self._env.str(name, default) if self._counts(name) else default

    def int(self, name: builtins.str, default: int) -> int:
        """A whole number."""
        return self._env.int(name, default) if self._counts(name) else default

    def bool(self, name: builtins.str, default: bool) -> bool:
        """A yes or no."""
        return self._env.bool(name, default) if self._counts(name) else default

    def _counts(self, name: builtins.str) -> builtins.bool:
        self.asked.add(name)
        return name not in self._ignored


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with the settings.

    Attributes:
        config: the settings; each wrong one has its default.
        problems: what prevents a start, each with the name of the setting.
        unknown: variables that look like settings but are none, each with the names of similar settings.
    """

    config: Config
    problems: tuple[str, ...]
    unknown: dict[str, list[str]]


def check() -> Checked:
    """Read the settings, and find everything that is wrong with them."""
    ignored: set[str] = set()
    problems: list[str] = []
    while True:
        environment = _Environment(ignored)
        try:
            config = _read(environment, None, None)
        except ConfigError as error:
            problems.append(str(error))
            name = _NAME.search(str(error))
            if name is None or name[0] in ignored:
                raise
            ignored.add(name[0])
        else:
            return Checked(config, tuple(problems), _unknown(environment.asked))


def _unknown(known: Collection[str]) -> dict[str, list[str]]:
    names = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return {name: get_close_matches(name, sorted(known), 1, _SIMILAR) for name in names}


def _read(env: _Environment, host: str | None, port: int | None) -> Config:
    try:
        host = host or env.str("SCIM_SEATS_HOST", DEFAULT_HOST)
        port = port or env.int("SCIM_SEATS_PORT", DEFAULT_PORT)
        public = env.str("SCIM_SEATS_PUBLIC_URL", "") or f"http://{_in_url(host)}:{port}"
        config = Config(
            database_url=env.str("SCIM_SEATS_DATABASE_URL", "") or DEFAULT_DATABASE,
            host=host,
            port=port,
            public_url=_public_url(public),
            threads=env.int("SCIM_SEATS_THREADS", 8),
            workers=env.int("SCIM_SEATS_WORKERS", 2),
            trusted_proxy=env.bool("SCIM_SEATS_TRUSTED_PROXY", False),
            log_level=env.str("SCIM_SEATS_LOG_LEVEL", "info").lower(),
            smtp_url=_smtp_url(env.str("SCIM_SEATS_SMTP_URL", "")),
            mail_from=_mail_from(env.str("SCIM_SEATS_MAIL_FROM", "") or DEFAULT_MAIL_FROM),
            dns_server=_dns_server(env.str("SCIM_SEATS_DNS_SERVER", "")),
            egress_proxy=_egress_proxy(env.str("SCIM_SEATS_EGRESS_PROXY", "")),
            private_webhooks=env.bool("SCIM_SEATS_PRIVATE_WEBHOOKS", False),
            prepared_statements=env.bool("SCIM_SEATS_PREPARED_STATEMENTS", True),
            internal_hosts=_hosts(env.str("SCIM_SEATS_INTERNAL_HOSTS", "")),
            source_token=env.str("SCIM_SEATS_SOURCE_TOKEN", "") or None,
            rate_limit=_rate_limit(env.int("SCIM_SEATS_RATE_LIMIT", 0)),
            served_file=env.str(SERVED_FILE, "") or None,
            management=_management(env.str("SCIM_SEATS_MANAGEMENT", DEFAULT_MANAGEMENT)),
            metrics_folder=env.str(METRICS_FOLDER, "") or None,
        )
    except EnvError as error:
        raise ConfigError(str(error)) from None
    for name, value in (("THREADS", config.threads), ("WORKERS", config.workers), ("PORT", config.port)):
        if value < 1:
            raise ConfigError(f"SCIM_SEATS_{name} must be at least 1, not {value}")
    if config.port > MAX_PORT:
        raise ConfigError(f"SCIM_SEATS_PORT must be at most {MAX_PORT}, not {config.port}")
    if config.log_level not in LOG_LEVELS:
        raise ConfigError(
            f"SCIM_SEATS_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not '{config.log_level}'"
        )
    return config


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            "SCIM_SEATS_PUBLIC_URL must be an http or https address such as https://scim.example.com, "
            f"not '{text}'"
        )
    return text.rstrip("/")


def _smtp_url(text: str) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        # The message does not repeat the URL, because the URL may contain a password.
        raise ConfigError(
            "SCIM_SEATS_SMTP_URL must be an address such as smtp://user:password@mail.example.com:587"
        )
    return text


def _egress_proxy(text: str) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "http" and parts.hostname and (parts.port or True)
        usable = usable and parts.path in ("", "/") and not parts.query
    except ValueError:
        usable = False
    if not usable:
        # The message does not repeat the URL, because the URL may contain a password.
        raise ConfigError("SCIM_SEATS_EGRESS_PROXY must be an address such as http://proxy.internal:3128")
    return text


def _mail_from(text: str) -> str:
    address = parseaddr(text)[1]
    if not text.isprintable() or "@" not in address:
        raise ConfigError(
            f"SCIM_SEATS_MAIL_FROM must be an address such as 'Acme <seats@example.com>', not '{text}'"
        )
    return text


def _hosts(text: str) -> frozenset[str]:
    hosts = frozenset(one.strip().lower() for one in text.split(",") if one.strip())
    for one in hosts:
        if _HOST.fullmatch(one) is None:
            raise ConfigError(
                "SCIM_SEATS_INTERNAL_HOSTS must be hosts such as login.internal,10.0.0.7:8443, "
                f"separated by commas, not '{one}'"
            )
    return hosts


def _rate_limit(number: int) -> int:
    if number and number < LOWEST_RATE_LIMIT:
        raise ConfigError(
            f"SCIM_SEATS_RATE_LIMIT must be at least {LOWEST_RATE_LIMIT} requests a second, because identity "
            f"providers send up to 25, or 0 for no limit, not {number}"
        )
    return number


def default_management() -> tuple[str, int]:
    """The address of the management listener without a setting."""
    host, _, port = DEFAULT_MANAGEMENT.rpartition(":")
    return host, int(port)


def _management(text: str) -> tuple[str, int] | None:
    if text.lower() in ("", "off"):
        return None
    host, _, port = text.rpartition(":")
    try:
        ip_address(host.strip("[]"))
        usable = 0 < int(port) <= MAX_PORT
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"SCIM_SEATS_MANAGEMENT must be an IP address and a port such as 127.0.0.1:9080, or 'off', "
            f"not '{text}'"
        )
    return host.strip("[]"), int(port)


def _dns_server(text: str) -> str | None:
    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    try:
        usable = not text or (ip_address(host).version and 0 <= int(port or 0) <= MAX_PORT)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"SCIM_SEATS_DNS_SERVER must be the IP address of a resolver such as 9.9.9.9, not '{text}'"
        )
    return text or None
