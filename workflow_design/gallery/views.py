"""The pages of the gallery: the list, one template, and its use; and the public page, which shows one."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page, show_or_submit
from users.access import is_company_admin
from workflow_design import access
from workflow_design.definition.workflow import Kind, WorkflowFile
from workflow_design.engine.plan import build_plan
from workflow_design.gallery.actions import TitleTakenError, use_template
from workflow_design.gallery.forms import GalleryFilter, UseTemplateForm
from workflow_design.gallery.shelves import PLACES, shelves
from workflow_design.gallery.templates import Template
from workflow_design.gallery.templates import gallery as templates
from workflow_design.models import Connection
from workflow_design.persistence.importing import DraftExistsError, RolesMissingError
from workflow_design.picture.drawing import draw_picture
from workflow_design.picture.model import Mark, Picture
from workflow_design.wording.people import describe_who
from workflow_design.wording.rules import Vocabulary

EXAMPLE = "vacation_request"
"""The template that the public page shows."""


def template_page(template: Template) -> dict[str, Any]:
    """Return the context of the page of a template."""
    file = template.file
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    return {
        "template": template,
        "picture": draw_picture(build_plan(file), vocabulary),
        "connections": list(_describe_connections(file)),
        "receiver": PLACES[template.name].receiver,
        **{
            kind.members: [
                {"title": each.title, "text": each.description, "who": describe_who(each, vocabulary)}
                for each in getattr(file, kind.members)
            ]
            for kind in Kind
        },
    }


def _describe_connections(file: WorkflowFile) -> Iterator[dict[str, Any]]:
    """Yield the connections that a workflow names, who calls them, and whether the company has them."""
    names = dict.fromkeys(task.connection_name for task in file.tasks if task.connection_name)
    present = {name.lower() for name in Connection.objects.values_list("name", flat=True)} if names else ()
    for name in names:
        titles = [f"“{task.title}”" for task in file.tasks if task.connection_name == name]
        yield {"name": name, "titles": ", ".join(titles), "is_present": name.lower() in present}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show visitors what TicketFlower is; people who are logged in go to their dashboard."""
    if request.user.is_authenticated:
        return redirect("user_dashboard")
    return render(request, "home.html", {"picture": _example_picture(get_language())})


@lru_cache
def _example_picture(_language: str | None) -> Picture:
    """Return a workflow of the gallery with one task done and one open."""
    file = templates()[EXAMPLE].file
    plan, first = build_plan(file), file.tasks[0]
    marks = {
        plan.key(file.tickets[0]): Mark("success", _("Submitted")),
        plan.key(first): Mark("info", _("Open")),
    }
    return draw_picture(plan, Vocabulary.of_schema(file.fields_schema), marks=marks)


@require_safe
@company_page(access.may_design)
def gallery(request: PageRequest) -> HttpResponse:
    """Show the templates that match the search, as cards by category."""
    form = GalleryFilter(request.GET)
    found = form.templates(templates().values())
    context = {
        "form": form,
        "shelves": [(category, list(map(_card, here))) for category, here in shelves(found)],
        "count_text": ngettext("%(n)d workflow", "%(n)d workflows", len(found)) % {"n": len(found)},
    }
    return render(request, "workflow_design/gallery/list.html", context)


def _card(template: Template) -> dict[str, Any]:
    """Return the card of a template: its purpose, number of tasks, and who does them."""
    number = len(template.file.tasks)
    tasks = ngettext("%(n)d task", "%(n)d tasks", number) % {"n": number}
    workers = dict.fromkeys(role for task in template.file.tasks for role in task.executor_roles)
    return {
        "title": template.file.title,
        "icon": PLACES[template.name].icon,
        "text": PLACES[template.name].purpose,
        "note": f"{tasks} · {', '.join(workers)}",
        "url": reverse("gallery_template", args=[template.name]),
    }


@require_safe
@company_page(access.may_design)
def gallery_template(request: PageRequest, name: str) -> HttpResponse:
    """Show one template: its picture, its parts, and who executes them."""
    context = {**template_page(_find(name)), "may_connect": is_company_admin(request.user)}
    return render(request, "workflow_design/gallery/template.html", context)


@show_or_submit
@company_page(access.may_design)
def gallery_use(request: PageRequest, name: str) -> HttpResponse:
    """Ask for the title and the roles, then create the draft."""
    template = _find(name)
    # Roles give access, so only company admins may create them.
    may_make = is_company_admin(request.user)
    form = UseTemplateForm(request.POST or None, template=template, may_make_roles=may_make)
    if request.method == "POST" and form.is_valid():
        try:
            workflow = use_template(
                template,
                title=form.cleaned_data["title"],
                roles=form.roles(),
                as_next_version=form.cleaned_data["as_next_version"],
                may_make_roles=may_make,
                by=request.user,
            )
        # The form checked all of this, but another person may have changed it since.
        except (TitleTakenError, DraftExistsError, RolesMissingError):
            form.add_error(
                None, _("Another person has just changed something here. Check the form and submit it again.")
            )
        else:
            text = _("“%(title)s” is now a draft. Nobody can use it until you publish it.")
            messages.success(request, text % {"title": workflow})
            return redirect("workflow_definition_detail", workflow.pk)
    return render(request, "workflow_design/gallery/use.html", {"form": form, "template": template})


def _find(name: str) -> Template:
    try:
        return templates()[name]
    except KeyError:
        raise Http404 from None
