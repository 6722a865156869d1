"""HTTP to WeChat's API: time limits on everything, no redirects, bounded bodies, and failures told apart by whether
the request can have had an effect.

Plain requests instead of wechatpy's client: that one recurses on a persistent 40001, fetches its token without a
time limit and cannot say whether a request left us. Exceptions carry no URL, for the URL carries the access token.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, SSLError

from bot.channels.wechat.errors import ApiError, NoAnswer, NotSent, Uncertain

TIMEOUT = (3.0, 5.0)  # seconds: to connect, between two bytes
MAX_JSON = 64 * 1024
_CHUNK = 64 * 1024
_NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)


class TooLarge(Exception):
    """The body is longer than the caller's limit."""


@dataclass(frozen=True, slots=True)
class Body:
    """A successful answer: its bytes and the content type the server claims, lower case, without parameters."""

    content: bytes
    claimed_type: str


class Transport:
    """One connection pool to the API at ``base_url``; safe to share between threads."""

    def __init__(self, base_url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()

    @property
    def host(self) -> str:
        """The API's host name."""
        return urlsplit(self._base).hostname or ""

    def post(self, path: str, payload: Mapping[str, object], params: Mapping[str, str]) -> dict[str, object]:
        """POST JSON, return the JSON object. Raises :class:`ApiError`, :class:`NotSent` or :class:`Uncertain`."""
        # Not escaped to \\uXXXX: WeChat shows the escapes to the resident as they are.
        data = json.dumps(payload, ensure_ascii=False).encode()
        try:
            status, body = self._exchange("POST", self._base + path, params, data, MAX_JSON)
        except TooLarge:
            raise Uncertain("too_large") from None
        answer = json_object(body.content)
        if answer is None:
            raise _no_json(status)
        check(answer)
        return answer

    def get(self, path: str, params: Mapping[str, str], limit: int) -> Body:
        """GET a body of at most ``limit`` bytes from the API; may still be a JSON error. Raises :class:`TooLarge`,
        :class:`NotSent` or :class:`Uncertain`."""
        return self.fetch(self._base + path, params, limit)

    def fetch(self, url: str, params: Mapping[str, str], limit: int) -> Body:
        """The same for a complete address."""
        status, body = self._exchange("GET", url, params, None, limit)
        if status != 200 and json_object(body.content) is None:
            raise _no_json(status)
        return body

    def _exchange(
        self, method: str, url: str, params: Mapping[str, str], data: bytes | None, limit: int
    ) -> tuple[int, Body]:
        headers = {"Accept-Encoding": "identity"}  # so that the limit counts what is stored
        if data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            with self._session.request(
                method,
                url,
                params=dict(params),
                data=data,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                claimed = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return response.status_code, Body(_read(response, limit), claimed)
        except requests.RequestException as error:
            raise _failure(error) from None


def json_object(content: bytes) -> dict[str, object] | None:
    """``content`` as a JSON object, or None when it is anything else."""
    if len(content) > MAX_JSON or not content.lstrip().startswith(b"{"):
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def check(answer: Mapping[str, object]) -> None:
    """Raise :class:`ApiError` when ``answer`` carries an error code, :class:`Uncertain` when the code is no number."""
    code = answer.get("errcode", 0)
    try:
        number = int(str(code))
    except ValueError:
        raise Uncertain("bad_errcode") from None
    if number:
        raise ApiError(number)


def _read(response: requests.Response, limit: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise TooLarge
    return bytes(content)


def _no_json(status: int) -> NoAnswer:
    reason = f"http_{status}_not_json"
    # A redirect or a 4xx says that the request was not carried out; a 200 or a gateway's 5xx says nothing.
    return NotSent(reason) if 300 <= status < 500 else Uncertain(reason)


def _failure(error: requests.RequestException) -> NoAnswer:
    name = type(error).__name__
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, ValueError) or isinstance(cause, _NEVER_CONNECTED):  # ValueError: an unusable address
        return NotSent(name)
    if isinstance(cause, SSLError) and cause.args and isinstance(cause.args[0], ssl.SSLCertVerificationError):
        return NotSent("certificate")
    return Uncertain(name)
