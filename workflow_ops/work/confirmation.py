"""Asking before an action, performing it, and reporting the result."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render

from ticketflower.http import PageRequest
from workflow_ops.refusals import RefusedError


def confirm_and_perform(
    request: PageRequest,
    *,
    act: Callable[[], object],
    done: str,
    to: str,
    form: Form | None = None,
    template: str = "components/confirm.html",
    **question: object,
) -> HttpResponse:
    """Show the question (`components/confirm.html`), and on POST perform the action and redirect to `to`.

    A refusal becomes a message. An invalid form is shown again.
    """
    # Actions need a POST, so a link can't trigger them.
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return render(request, template, {**question, "form": form, "cancel_url": to})
    return perform(request, act=act, done=done, to=to)


def perform(request: PageRequest, *, act: Callable[[], object], done: str, to: str) -> HttpResponse:
    """Perform the action, and redirect to `to` with the message `done` or the reason of the refusal."""
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(to)
