"""What the network and HTTP tell about an outgoing text, in the four words of :class:`SendOutcome`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
import urllib3.exceptions

from bot.channels.outcome import SendOutcome
from bot.channels.sms.numbers import masked

Timeout = tuple[float, float]  # seconds to connect, seconds without a byte of answer
TIMEOUT: Timeout = (3.0, 10.0)
MAX_ANSWER = 64 * 1024
_LONGEST_REASON = 200

# The request never left us: a name, a socket (a kind of ConnectTimeoutError, too) or a certificate failed before it.
_NEVER_LEFT = (urllib3.exceptions.ConnectTimeoutError, ssl.SSLCertVerificationError)
_BAD_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
_TIMED_OUT = (urllib3.exceptions.ReadTimeoutError,)


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's HTTP answer; ``body`` is cut after 64 KiB."""

    status: int
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: Timeout) -> Answer:
    """POST without following redirects. Raises ``requests.RequestException``: see :func:`from_error`."""
    with requests.post(
        url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
    ) as response:
        return Answer(response.status_code, next(response.iter_content(MAX_ANSWER), b""))


def from_status(status: int) -> SendOutcome:
    """The outcome an HTTP status means when the provider says no more."""
    code = f"http_{status}"
    if 200 <= status < 300:
        return SendOutcome("sent", "", "")
    if status == 504:  # a gateway stopped waiting, as we do at a read timeout: it may have been accepted
        return SendOutcome("unknown", code, "")
    if status == 429 or status >= 500:
        return SendOutcome("retry", code, "")
    return SendOutcome("failed", code, "")


def from_error(error: BaseException) -> SendOutcome:
    """The outcome of an exception of ``requests``, or of an SDK that wraps one. Its text is not used: it holds URLs."""
    chain = tuple(_chain(error))
    for kinds, outcome in (
        (_BAD_ADDRESS, SendOutcome("failed", "bad_address", "")),
        (_NEVER_LEFT, SendOutcome("retry", "not_connected", "")),
        (_TIMED_OUT, SendOutcome("unknown", "read_timeout", "")),
    ):
        if any(isinstance(link, kinds) for link in chain):
            return outcome
    return SendOutcome("unknown", "broken_answer", "")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and every exception it carries, however the library at hand carries it."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        link = pending.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        pending += [link.__cause__, link.__context__, *link.args]
        pending += [getattr(link, "reason", None), getattr(link, "inner_exception", None)]


def refused(code: str, reason: str, retryable: tuple[str, ...], unsure: tuple[str, ...] = ()) -> SendOutcome:
    """The outcome of a provider's own error ``code``, by the prefixes of its tables."""
    reason = masked(reason)[:_LONGEST_REASON]
    if code.startswith(unsure):
        return SendOutcome("unknown", code, reason)
    if code.startswith(retryable):
        return SendOutcome("retry", code, reason)
    return SendOutcome("failed", code, reason)


def split_endpoint(endpoint: str) -> tuple[str, str]:
    """``(protocol, host[:port])`` of an SDK endpoint; HTTPS unless it says ``http://``."""
    protocol, separator, host = endpoint.partition("://")
    return (protocol, host.rstrip("/")) if separator else ("https", endpoint.rstrip("/"))
