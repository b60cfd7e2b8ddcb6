"""Only public https addresses are requested: every form of SECURITY 20, with a real DNS server."""

from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from scim_server.egress.sender import Policy
from scim_server.egress.targets import Refused, is_public, target
from tests.support.servers.dns_and_smtp import Dns, dns_server

NOT_PUBLIC = {
    "loopback": "127.0.0.1",
    "private 10": "10.1.2.3",
    "private 172": "172.31.255.254",
    "private 192": "192.168.0.1",
    "link-local": "169.254.169.254",
    "CGNAT": "100.64.0.1",
    "CGNAT, the last": "100.127.255.255",
    "this network": "0.0.0.0",
    "multicast": "224.0.0.251",
    "multicast of an organization": "239.255.255.250",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "relay of 6to4": "192.88.99.1",
    "IETF protocols": "192.0.0.8",
    "benchmarks": "198.18.0.1",
    "documentation": "203.0.113.9",
    "inside of Azure": "168.63.129.16",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "ULA": "fd12:3456::1",
    "IPv6 link-local": "fe80::1",
    "site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 multicast, global": "ff0e::1",
    "IPv4-mapped": "::ffff:127.0.0.1",
    "IPv4-mapped, public": "::ffff:8.8.8.8",
    "IPv4-compatible": "::127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "NAT64, local": "64:ff9b:1::7f00:1",
    "6to4": "2002:7f00:1::",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 documentation, new": "3fff::1",
    "segment routing": "5f00::1",
}
PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
)
REFUSED_URLS = {
    "http": "http://hooks.example.com/",
    "another scheme": "ftp://hooks.example.com/",
    "a file": "file:///etc/passwd",
    "no scheme": "hooks.example.com/x",
    "a user": "https://user@hooks.example.com/",
    "a user before an address": "https://hooks.example.com@127.0.0.1/",
    "an empty user": "https://@hooks.example.com/",
    "a password": "https://a:b@hooks.example.com/",
    "two parts of loopback": "https://127.1/",
    "three parts": "https://127.0.1/",
    "one number": "https://2130706433/",
    "hexadecimal": "https://0x7f.1/",
    "hexadecimal number": "https://0x7f000001/",
    "hexadecimal parts": "https://0x7f.0x0.0x0.0x1/",
    "octal": "https://0177.0.0.1/",
    "leading zeros": "https://127.0.0.01/",
    "a full stop after it": "https://127.0.0.1./",
    "full-width digits": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "circled digits": "https://①②⑦.0.0.1/",
    "an ideographic full stop": "https://127。0。0。1/",
    "a percent sign": "https://%31%32%37.0.0.1/",
    "a zone": "https://[fe80::1%25eth0]/",
    "a backslash": "https://hooks.example.com\\@127.0.0.1/",
    "a space": "https://hooks.example.com /",
    "a line break": "https://hooks.example.com/\r\nx-other: 1",
    "a tab": "https://hooks.example.com/\t",
    "a fragment": "https://hooks.example.com/#x",
    "no host": "https:///x",
    "port 0": "https://hooks.example.com:0/",
    "a port too high": "https://hooks.example.com:65536/",
    "an empty port": "https://hooks.example.com:/",
    "an empty label": "https://hooks..example.com/",
    "a label too long": f"https://{'a' * 64}.example.com/",
    "too long": f"https://hooks.example.com/{'a' * 2048}",
    "a broken bracket": "https://[::1/",
}


@pytest.fixture(scope="module")
def resolver() -> Iterator[Dns]:
    with dns_server() as running:
        yield running


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC.keys())
def test_an_address_that_is_not_public_is_refused_as_text_and_by_dns(address: str, resolver: Dns) -> None:
    shown = f"[{address}]" if ":" in address else address
    resolver.addresses["hooks.example.com"] = [[address]]

    assert not is_public(ip_address(address))
    for url in (f"https://{shown}/", "https://hooks.example.com/"):
        with pytest.raises(Refused) as refused:
            Policy(resolver.server).check(url)
        assert str(refused.value) == "The host of the URL cannot be reached."
        assert str(ip_address(address)) in refused.value.cause


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_accepted(address: str, resolver: Dns) -> None:
    resolver.addresses["hooks.example.com"] = [[address]]

    assert Policy(resolver.server).check("https://hooks.example.com/") == "https://hooks.example.com/"


@pytest.mark.parametrize("url", REFUSED_URLS.values(), ids=REFUSED_URLS.keys())
def test_a_malformed_or_disguised_url_is_refused(url: str, resolver: Dns) -> None:
    resolver.addresses["hooks.example.com"] = [["8.8.8.8"]]

    with pytest.raises(Refused):
        Policy(resolver.server).check(url)


def test_one_private_address_among_public_ones_refuses_the_host(resolver: Dns) -> None:
    for addresses in (["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"]):
        resolver.addresses["mixed.example.com"] = [addresses]

        with pytest.raises(Refused):
            Policy(resolver.server).check("https://mixed.example.com/")


def test_the_message_is_the_same_for_a_private_an_unknown_and_a_failing_name(resolver: Dns) -> None:
    resolver.addresses["inside.example.com"] = [["10.0.0.1"]]
    resolver.addresses["empty.example.com"] = [[]]
    said = []
    for name in ("inside", "empty", "unknown"):
        with pytest.raises(Refused) as refused:
            Policy(resolver.server).check(f"https://{name}.example.com/")
        said.append((str(refused.value), refused.value.cause))
    with pytest.raises(Refused) as refused:
        Policy("127.0.0.1:9").check("https://inside.example.com/")
    said.append((str(refused.value), refused.value.cause))

    assert len({message for message, _ in said}) == 1
    assert len({cause for _, cause in said}) == 4


def test_localhost_is_refused_unless_private_addresses_are_allowed() -> None:
    for name in ("localhost", "app.localhost", "LOCALHOST."):
        with pytest.raises(Refused):
            Policy().check(f"https://{name}/")

    assert Policy(private=True).check("http://localhost:8000/x?y=1") == "http://localhost:8000/x?y=1"
    assert Policy(private=True).check("http://127.0.0.1/") == "http://127.0.0.1/"


def test_even_for_development_a_url_must_be_well_formed() -> None:
    for url in ("ftp://127.0.0.1/", "http://a@127.0.0.1/", "http://127.1/", "http://0x7f.1/"):
        with pytest.raises(Refused):
            Policy(private=True).check(url)


def test_a_url_is_stored_in_its_canonical_form() -> None:
    assert target("HTTPS://Hooks.Example.COM:443").url == "https://hooks.example.com/"
    assert (
        target("https://bücher.example:8443/a b".replace(" ", "%20")).url
        == "https://xn--bcher-kva.example:8443/a%20b"
    )
    assert (
        target("https://hooks.example.com/ü?q=ü&x=%2F").url
        == "https://hooks.example.com/%C3%BC?q=%C3%BC&x=%2F"
    )
    assert target("https://[2606:4700::1111]/").url == "https://[2606:4700::1111]/"
