"""Reads the settings from the environment. No other module reads the environment."""

import re
from dataclasses import dataclass, field
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
SERVED_FILE: Final = "SCIM_SERVED_DATABASE_FILE"
"""Set by `serve` for its own processes; not a setting."""
MAX_PORT: Final = 65_535
_HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")
LOWEST_RATE_LIMIT: Final = 50
"""Twice the requests that identity providers send, because processes reserve parts that they do not use."""
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
        internal_hosts: SCIM_SEATS_INTERNAL_HOSTS, hosts on the operator's own network, also as `host:port`,
            where an identity provider may be. On this machine, it may also use plain HTTP.
        dns_server: SCIM_SEATS_DNS_SERVER, the resolver for the verification of domains; None for the system's
            resolvers.
        source_token: SCIM_SEATS_SOURCE_TOKEN, the token of the server from which `import` reads.
        served_file: the identity of the SQLite file that `serve` has opened; `serve` sets it for its own
            processes.
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
    prepared_statements: bool = True
    internal_hosts: frozenset[str] = frozenset()
    source_token: str | None = field(default=None, repr=False)
    rate_limit: int = 0
    served_file: str | None = None

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
    env = Env()
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
            prepared_statements=env.bool("SCIM_SEATS_PREPARED_STATEMENTS", True),
            internal_hosts=_hosts(env.str("SCIM_SEATS_INTERNAL_HOSTS", "")),
            source_token=env.str("SCIM_SEATS_SOURCE_TOKEN", "") or None,
            rate_limit=_rate_limit(env.int("SCIM_SEATS_RATE_LIMIT", 0)),
            served_file=env.str(SERVED_FILE, "") or None,
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
