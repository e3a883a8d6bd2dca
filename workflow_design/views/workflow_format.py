"""The format of workflow files, for editors and programs that write them."""

import json
from functools import cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from workflow_design.definition.workflow import json_schema

CONTENT_TYPE = "application/schema+json"
AN_HOUR = 60 * 60


@cache
def _text() -> bytes:
    return f"{json.dumps(json_schema(), ensure_ascii=False, indent=2)}\n".encode()


def _etag(request: HttpRequest) -> str:
    return f'"{sha256(_text()).hexdigest()[:32]}"'


@require_safe
@cache_control(public=True, max_age=AN_HOUR)
@condition(etag_func=_etag)
def workflow_format(request: HttpRequest) -> HttpResponse:
    """The JSON Schema that uploaded files are held against, for everybody, logged in or not."""
    return HttpResponse(_text(), content_type=CONTENT_TYPE)
