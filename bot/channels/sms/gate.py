"""Who may post a callback: the size limit for all, path secret and peer networks where nothing is signed."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable

from bot.channels.sms.adapter import Refused, Request

MAX_BODY = 64 * 1024
MIN_SECRET = 32


def check_shape(request: Request) -> None:
    """Only a POST of at most 64 KiB is looked at. Raises :class:`Refused`."""
    if request.method.upper() != "POST":
        raise Refused("method")
    if len(request.body) > MAX_BODY:
        raise Refused("oversized")


def same(given: str, expected: str) -> bool:
    """Constant-time comparison that also takes what is not ASCII."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


class CallbackGate:
    """Guards callbacks that no provider signs.

    ``secret``: at least 32 characters. ``peers``: networks in CIDR notation; none: any peer.
    Raises ``ValueError`` for a short secret or a malformed network.
    """

    def __init__(self, secret: str, peers: Iterable[str] = ()) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"HOTLINE_SMS_CALLBACK_SECRET must have at least {MIN_SECRET} characters")
        self._secret = secret
        self._networks = [ipaddress.ip_network(peer, strict=False) for peer in peers]

    def check(self, request: Request) -> None:
        """Raises :class:`Refused` unless method, size, peer and secret are right."""
        check_shape(request)
        if self._networks and not self._known(request.peer):
            raise Refused("peer")
        if not same(request.path_secret, self._secret):
            raise Refused("path_secret")

    def _known(self, peer: str) -> bool:
        try:
            address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address.version == network.version and address in network for network in self._networks)
