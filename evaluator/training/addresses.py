"""Which addresses on the Internet may be asked: public ones alone, checked where the connection is made.

A name is resolved here, every answer is checked, and the connection goes to the answer that was checked: a name that
answers otherwise the second time (DNS rebinding) gains nothing by it. Redirects come through the same gate.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore
import httpx

SCHEMES = ("http", "https")
PORTS = frozenset((80, 443))
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))
"""Ranges that Python calls global, and that lead to other addresses or to nobody."""

Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a name, the ones to try first first; raises OSError where there are none."""


class AddressRefused(Exception):
    """An address that must not be asked; the sentence says which and why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows for a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(text: str) -> bool:
    """Return whether a numeric address (IPv4, IPv6, IPv4 in IPv6) is one of the public Internet's."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    barred = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    if isinstance(address, IPv6Address):
        barred = barred or address.is_site_local or address.teredo is not None or address.scope_id is not None
    return address.is_global and not barred and not any(address in each for each in _SPECIAL)


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be asked: public addresses on the web's two ports, and whatever is named in `besides`.

    `besides` holds numeric addresses that are trusted although they are not public; nothing but a test has some.
    """

    resolver: Resolver = resolve
    ports: frozenset[int] = PORTS
    besides: frozenset[str] = frozenset()

    def url(self, text: str) -> httpx.URL:
        """Return an address that is well formed and may be asked as far as its text tells. Raises AddressRefused."""
        try:
            url = httpx.URL(text)
        except (httpx.InvalidURL, TypeError) as error:
            raise AddressRefused(f"{text!r} is no address ({error})") from None
        if url.scheme not in SCHEMES:
            raise AddressRefused(f"{text!r} is neither http nor https")
        if url.userinfo:
            raise AddressRefused(f"the address at {url.host!r} holds a user's name or password")
        if not url.host:
            raise AddressRefused(f"{text!r} names no host")
        self._check_port(url.port or (443 if url.scheme == "https" else 80), url.host)
        return url

    def place(self, host: str, port: int) -> list[str]:
        """Return the numeric addresses of a host, all of them checked. Raises AddressRefused, OSError."""
        self._check_port(port, host)
        found = list(self.resolver(host, port))
        if not found:
            raise OSError(f"{host} has no address")
        for address in found:
            if address not in self.besides and not is_public(address):
                raise AddressRefused(f"{host!r} leads to {address}, which is no public address")
        return found

    def _check_port(self, port: int, host: str) -> None:
        if port not in self.ports:
            raise AddressRefused(
                f"{host!r} is asked at port {port}, expected {' or '.join(map(str, sorted(self.ports)))}"
            )


class GuardedBackend(httpcore.NetworkBackend):
    """Makes httpcore's connections, each through the gate; a certificate is still checked against the host's name."""

    def __init__(self, gate: Gate) -> None:
        """Take the gate."""
        self._gate, self._plain = gate, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of a host. Raises AddressRefused, httpcore.ConnectError."""
        try:
            places = self._gate.place(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for last, address in enumerate(places, 1 - len(places)):
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not last:
                    raise
        raise AssertionError("a host without addresses is refused by the gate")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: nothing is asked of this machine."""
        raise AddressRefused(f"{path} is no address of the Internet")
