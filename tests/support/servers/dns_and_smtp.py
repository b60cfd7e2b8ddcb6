"""A real DNS server and a real SMTP server on loopback, for verified domains and sent mail."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiosmtpd.controller import Controller

from tests.support.servers.running import free_port


@dataclass
class Dns:
    """A resolver with the given records.

    Attributes:
        server: its address, as SCIM_SEATS_DNS_SERVER takes it.
        texts: TXT records by name, without the last dot.
        addresses: A and AAAA records by name. A name that rebinds has several lists, which are answered one
            after another, the last one for ever.
        silent: whether it answers only with failures.
    """

    server: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    addresses: dict[str, list[list[str]]] = field(default_factory=dict)
    silent: bool = False

    def answer(self, wire: bytes) -> bytes:
        asked = dns.message.from_wire(wire)
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.RA
        name = asked.question[0].name
        key = name.to_text(omit_final_dot=True).lower()
        texts = self.texts.get(key)
        if self.silent:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif key in self.addresses:
            self._answer_addresses(reply, self.addresses[key])
        elif texts is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{text}"' for text in texts]
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        return reply.to_wire()

    def _answer_addresses(self, reply: dns.message.Message, lists: list[list[str]]) -> None:
        question = reply.question[0]
        version = {dns.rdatatype.A: 4, dns.rdatatype.AAAA: 6}.get(question.rdtype)
        # Each look-up asks for AAAA and then for A, so a list is used up by the second question.
        found = lists.pop(0) if version == 4 and len(lists) > 1 else lists[0]
        matching = [one for one in found if ip_address(one).version == version]
        if matching:
            kind = dns.rdatatype.to_text(question.rdtype)
            reply.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, *matching))


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
