"""Send one request to another system (docs/security.md, "Calls to other systems")."""

import re
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import IncompleteRead
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from urllib3.util.ssl_match_hostname import CertificateError

from ticketflower.outgoing.addresses import address_problem
from ticketflower.outgoing.call import MAX_ANSWER_BYTES, Answer, CallFailedError, OutgoingRequest
from ticketflower.outgoing.headers import FIXED_HEADERS, header_problem
from ticketflower.outgoing.transport import Adapter, Limits, too_large

_MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = {301, 302, 303, 307, 308}
_REDIRECTS_OF_POST: Final = {307, 308}
_PORTS: Final = {"http": 80, "https": 443}
_TEMPORARY: Final = {408, 425, 429}
_MAX_ERROR_BYTES: Final = 4096
_MAX_WAIT: Final = 24 * 3600.0


def send(request: OutgoingRequest) -> Answer:
    """Post a request and return the answer. Raise CallFailedError unless its status is 200 to 299."""
    limits = Limits(request.timeout)
    try:
        with closing(_follow(request, limits)) as response:
            body = _read_answer(response, limits)
        return Answer(response.status_code, body)
    # urllib3 raises ValueError for invalid sizes and addresses.
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        failed = _no_answer(request.timeout) if limits.is_deadline_passed() else _what_failed(error)
        raise failed from None  # the texts of these exceptions contain the address, which may be secret


def _follow(request: OutgoingRequest, limits: Limits) -> requests.Response:
    """Return the response after redirects within the same system, with its body unread."""
    url = request.url
    for _hop in range(_MAX_REDIRECTS + 1):
        response = _post(url, request, limits)
        if response.status_code not in _REDIRECTS or "Location" not in response.headers:
            return response
        response.close()
        url = _redirect_target(url, response)
    raise CallFailedError(_("The system redirects the call again and again."), status=response.status_code)


def _post(url: str, request: OutgoingRequest, limits: Limits) -> requests.Response:
    if problem := address_problem(url):
        raise CallFailedError(problem)
    for name, value in request.headers.items():
        if problem := header_problem(name, value):
            raise CallFailedError(problem)
    # Without a session, there are no cookies, no proxies and no passwords from files of this machine. Also, a
    # session would read and unpack the whole body of a redirect.
    prepared = requests.Request(
        "POST", url, headers={**request.headers, **FIXED_HEADERS}, data=request.body
    ).prepare()
    return Adapter(limits, is_https=url.lower().startswith("https:")).post(prepared)


def _redirect_target(url: str, response: requests.Response) -> str:
    status = response.status_code
    if status not in _REDIRECTS_OF_POST:
        raise CallFailedError(
            _(
                "The system answered %(status)s. After such a redirect nothing would be posted: the address "
                "must be the one that the system redirects to."
            )
            % {"status": _name_of_status(status)},
            status=status,
        )
    try:
        target = urljoin(url, response.headers["Location"])
        is_same = _origin(target) == _origin(url)
    except ValueError:
        is_same = False
    if not is_same or address_problem(target):
        raise CallFailedError(
            _("The system redirects the call to another system, which is not allowed."), status=status
        )
    return target


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _read_answer(response: requests.Response, limits: Limits) -> bytes:
    """Return the body. Raise CallFailedError unless the response is complete."""
    status = response.status_code
    limits.expect_body()
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise CallFailedError(
            _("The system answered %(status)s.") % {"status": _name_of_status(status)},
            is_temporary=status in _TEMPORARY or status // 100 == 5,  # noqa: PLR2004
            status=status,
            body=_beginning(response),
            retry_after=_retry_after(response.headers.get("Retry-After", "")),
        )
    if _is_compressed(response):
        raise CallFailedError(_("The answer is compressed, which was not asked for."), status=status)
    body = bytearray()
    for part in response.raw.stream(decode_content=False):
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise too_large(status)
    return bytes(body)


def _beginning(response: requests.Response) -> bytes:
    """Return the beginning of the body of a failed call, as far as it arrives, for diagnosis."""
    body = b""
    with suppress(CallFailedError, urllib3.exceptions.HTTPError, OSError, ValueError):
        while len(body) < _MAX_ERROR_BYTES and not _is_compressed(response):
            part = response.raw.read1(_MAX_ERROR_BYTES - len(body), decode_content=False)
            if not part:
                break
            body += part
    return body


def _is_compressed(response: requests.Response) -> bool:
    return response.headers.get("Content-Encoding", "identity").lower() != "identity"


def _retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After header, which contains a number or a date."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), _MAX_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MAX_WAIT)


def _name_of_status(status: int) -> str:
    """Return a status with its standard name, whatever name the other system sent."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _no_answer(timeout: float) -> CallFailedError:
    message = ngettext(
        "No answer within %(number)g second.", "No answer within %(number)g seconds.", round(timeout)
    )
    return CallFailedError(message % {"number": timeout}, is_temporary=True)


def _what_failed(error: BaseException) -> CallFailedError:
    """Return the error with a message for people for an exception of the network."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError | CertificateError) for cause in causes):
        return CallFailedError(_("The certificate of the system is not valid, so nothing was sent."))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        message = _("No secure connection to the system could be made.")
    elif any(isinstance(cause, ConnectionError | IncompleteRead) for cause in causes):
        message = _("The system ended the connection before its answer was complete.")
    else:
        message = _("The system did not answer as a web server does.")
    return CallFailedError(message, is_temporary=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
