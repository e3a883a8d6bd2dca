"""Answers for requests that were refused: problem details (RFC 9457) with a JSON pointer for each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.log import log_response
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from ticketflower.clean_json import JsonError, pointer
from ticketflower.error_pages import reference
from users.limits import LimitReachedError
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.editor.drafts import EditConflictError, NotADraftError
from workflow_design.persistence.importing import DraftExistsError
from workflow_design.versions import publishing
from workflow_ops import refusals
from workflow_ops.files import FileRefusedError

MEDIA_TYPE = "application/problem+json"

_CODES = {
    400: "bad-request",
    401: "no-token",
    403: "not-allowed",
    404: "not-found",
    405: "wrong-method",
    409: "conflict",
    412: "changed",
    415: "wrong-media-type",
    422: "invalid",
    428: "if-match-missing",
    429: "too-many-requests",
    500: "error",
}


class FieldProblem(Schema):
    """What is wrong with one part of a request."""

    pointer: str = Field(description="JSON pointer into the body, or of a parameter, such as `/query/sort`.")
    detail: str = Field(description="What is wrong, in a sentence.")
    code: str = Field("", description="Stable name of the problem, such as `wrong-type`.")


class ProblemDetails(Schema):
    """Problem details (RFC 9457): why a request was refused or failed."""

    type: str = Field(description="URL of the kind of problem in the documentation of the API.")
    title: str = Field(description="The kind of problem in a few words.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="Why this request was refused, in a sentence.")
    errors: list[FieldProblem] = Field([], description="The parts of the request that are wrong.")


class RequestRefusedError(Exception):
    """A request is refused with this status; the text is for the person who wrote the program."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        problems: Iterable[Problem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.problems, self.headers = status, tuple(problems), headers or {}


def problem_response(
    status: int, detail: str, *, problems: Sequence[Problem] = (), headers: dict[str, str] | None = None
) -> HttpResponse:
    """Return the answer of a refused request."""
    code = _CODES.get(status, "refused")
    content: dict[str, Any] = {
        "type": f"/api/1/docs/#{code}",
        "title": _titles()[code],
        "status": status,
        "detail": detail,
        "errors": [
            {"pointer": problem.pointer, "detail": problem.sentence, "code": problem.code}
            for problem in problems
        ],
    }
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE, headers=headers)


def _titles() -> dict[str, str]:
    return {
        "bad-request": _("The request could not be read"),
        "no-token": _("A token is needed"),
        "not-allowed": _("Not allowed"),
        "not-found": _("Not found"),
        "wrong-method": _("Wrong method"),
        "conflict": _("Not possible now"),
        "changed": _("Changed meanwhile"),
        "wrong-media-type": _("Wrong media type"),
        "invalid": _("Not valid"),
        "if-match-missing": _("If-Match is missing"),
        "too-many-requests": _("Too many requests"),
        "error": _("Error"),
        "refused": _("Refused"),
    }


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for refusing requests; the problem's `type` links to its `code` in the documentation."""

    status: int
    code: str
    title: str


def list_refusals() -> list[Refusal]:
    """Return all reasons for refusing requests."""
    titles = _titles()
    return [Refusal(status, code, titles[code]) for status, code in _CODES.items()]


def form_problems(form: Form, under: str = "", names: Mapping[str, str] | None = None) -> list[Problem]:
    """Return a form's errors as problems, each with the pointer of its field below the pointer `under`.

    `names` maps fields of the form to their names in the request, where these differ.
    """
    known = names or {}
    return [
        Problem(
            under if name == NON_FIELD_ERRORS else under + pointer(known.get(name, name)),
            str(text),
            "invalid",
        )
        for name, texts in form.errors.items()
        for text in texts
    ]


def refuse_form(form: Form, names: Mapping[str, str]) -> None:
    """Raise RequestRefusedError for a form that is not valid; `names` are as in `form_problems`."""
    if not form.is_valid():
        message = _("The request is not valid.")
        raise RequestRefusedError(422, message, problems=form_problems(form, names=names))


def handle_problems(api: NinjaAPI) -> None:
    """Register handlers, so that the API answers every refusal and internal error with problem details."""

    def answer(kind: type[Exception], status: int, text: str = "") -> None:
        def respond(request: HttpRequest, error: Any) -> HttpResponse:
            return problem_response(status, text or str(error))

        api.add_exception_handler(kind, respond)

    nothing = _("There is no such thing, or you may not see it.")
    answer(Http404, 404, nothing)
    # A row that existed when the request began may have been deleted by the time the request has the lock.
    answer(ObjectDoesNotExist, 404, nothing)
    answer(PermissionDenied, 403, _("You may not do this."))
    # Raised by Django while it reads a body: too large, too many parts, or not of the declared type.
    unreadable = _("The request is too large, or can't be read as what its Content-Type says.")
    answer(MultiPartParserError, 400, unreadable)
    answer(SuspiciousOperation, 400, unreadable)
    answer(refusals.RefusedError, 409)
    answer(refusals.NotAllowedError, 403)
    answer(refusals.NotYoursError, 403)
    answer(refusals.InputChangedError, 412)
    answer(refusals.DataChangedError, 412)
    answer(refusals.CommentChangedError, 412)
    answer(FileRefusedError, 422)
    _handle_definitions(api, answer)
    api.add_exception_handler(RequestRefusedError, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(LimitReachedError, _limited)
    api.add_exception_handler(Exception, _failed)


def _handle_definitions(api: NinjaAPI, answer: Callable[[type[Exception], int, str], None]) -> None:
    answer(NotADraftError, 409, _("This version is not a draft any more."))
    answer(publishing.NotActiveError, 409, _("This version is not active."))
    answer(publishing.StillCheckedError, 409, _("It is still being checked. Try again in a moment."))
    text = _("The check has warnings. Read the report, and send its digest as “read”.")
    answer(publishing.NotReadError, 409, text)
    answer(EditConflictError, 412, _("The draft has changed. Read it again."))
    api.add_exception_handler(DraftExistsError, _draft_exists)
    api.add_exception_handler(DefinitionError, _wrong_definition)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(error.status, str(error), problems=error.problems, headers=error.headers)


def _draft_exists(request: HttpRequest, error: Any) -> HttpResponse:
    words = {"title": error.draft.title, "id": error.draft.pk}
    return problem_response(409, _("“%(title)s” has a draft already, number %(id)d.") % words)


def _wrong_definition(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(422, _("The workflow is not valid."), problems=error.problems)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    problems = [
        Problem(_pointer(each["loc"]), str(each["msg"]), str(each["type"]).replace("_", "-"))
        for each in error.errors
    ]
    return problem_response(422, _("The request is not valid."), problems=problems)


def _pointer(place: Sequence[str | int]) -> str:
    """Return the pointer into the body, or the location and name of a parameter."""
    where, *path = place
    # For a body, the first step is the name of our function's parameter, which programs do not see.
    return pointer(*path[1:]) if where == "body" else pointer(where, *path)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the library's validation errors; for a body that is not clean JSON, where and why."""
    cause = error.__cause__ or error.__context__
    return (
        _not_json(cause) if isinstance(cause, JsonError) else problem_response(error.status_code, str(error))
    )


def _not_json(error: JsonError) -> HttpResponse:
    return problem_response(400, error.message, problems=[Problem(error.pointer, error.message, error.code)])


def _limited(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(429, str(error), headers={"Retry-After": str(error.seconds)})


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer an internal error. It is logged like an error of a page, with the same reference."""
    got_request_exception.send(sender=None, request=request)
    text = _("Something went wrong. Its reference in the log of this site is %(reference)s.")
    response = problem_response(500, text % {"reference": reference()})
    words = response.reason_phrase, request.path
    log_response("%s: %s", *words, response=response, request=request, exception=error)
    return response
