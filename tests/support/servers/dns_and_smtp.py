"""A real DNS server and a real SMTP server on loopback, for verified domains and sent mail."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from aiosmtpd.controller import Controller

from tests.support.servers.running import free_port


@dataclass
class Dns:
    """A resolver with the given records.

    Attributes:
        server: its address, as SCIM_SEATS_DNS_SERVER takes it.
        texts: TXT records by name, without the last dot.
        silent: whether it answers only with failures.
    """

    server: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    silent: bool = False

    def answer(self, wire: bytes) -> bytes:
        asked = dns.message.from_wire(wire)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.RA
        name = asked.question[0].name
        texts = self.texts.get(name.to_text(omit_final_dot=True).lower())
        if self.silent:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif texts is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{text}"' for text in texts]
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        return reply.to_wire()


@contextmanager
def dns_server() -> Iterator[Dns]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        running = Dns(f"127.0.0.1:{listening.getsockname()[1]}")
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    wire, client = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                listening.sendto(running.answer(wire), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield running
        stop.set()
        thread.join()


@dataclass
class Post:
    """An SMTP server.

    Attributes:
        url: as SCIM_SEATS_SMTP_URL takes it.
        received: the mails that it received, the oldest first.
        refuse: the refusal that it gives instead of taking a mail, such as `451 later`.
    """

    url: str
    received: list[EmailMessage] = field(default_factory=list)
    refuse: str | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        if self.refuse is not None:
            return self.refuse.replace("LINK", link_in(message))
        self.received.append(message)
        return "250 taken"

    def links_to(self, recipient: str) -> list[str]:
        return [link_in(message) for message in self.received if message["To"] == recipient]


def link_in(message: EmailMessage) -> str:
    """The link that the text of a mail has; the HTML has the same."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    (link,) = re.findall(r"^https?://\S+", text.get_content(), re.MULTILINE)
    assert f'href="{link}"' in html.get_content()
    return str(link)


@contextmanager
def post_office() -> Iterator[Post]:
    port = free_port()
    running = Post(f"smtp://127.0.0.1:{port}")
    controller = Controller(running, hostname="127.0.0.1", port=port)
    controller.start()
    yield running
    controller.stop()
