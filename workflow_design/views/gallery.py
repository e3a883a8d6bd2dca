"""The gallery: what others begin with, looked at and taken."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ticketflower.http import PageRequest, company_page
from users.access import is_company_admin
from workflow_design import access
from workflow_design.forms.gallery import GalleryFilter, UseTemplateForm
from workflow_design.gallery_page import card_of, template_page
from workflow_design.gallery_use import TitleTakenError, use_template
from workflow_design.persistence.importing import DraftExistsError, RolesMissingError
from workflow_design.template_gallery import Template
from workflow_design.template_gallery import gallery as templates


@require_safe
@company_page(access.may_design)
def gallery(request: PageRequest) -> HttpResponse:
    """The templates as cards, those that a search finds."""
    form = GalleryFilter(request.GET)
    found = form.templates(templates().values())
    context = {"form": form, "cards": [card_of(template) for template in found], "count_text": _count(found)}
    return render(request, "workflow_design/gallery.html", context)


def _count(found: Sequence[Template]) -> str:
    return ngettext("%(n)d workflow", "%(n)d workflows", len(found)) % {"n": len(found)}


@require_safe
@company_page(access.may_design)
def gallery_template(request: PageRequest, name: str) -> HttpResponse:
    """One template: its picture, who does what, and what it asks for."""
    return render(request, "workflow_design/gallery_template.html", template_page(_find(name)))


@require_http_methods(["GET", "HEAD", "POST"])
@company_page(access.may_design)
def gallery_use(request: PageRequest, name: str) -> HttpResponse:
    """Ask for its title and for who does what; then it is a draft."""
    template = _find(name)
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
        except (TitleTakenError, DraftExistsError, RolesMissingError):
            form.add_error(
                None, _("Somebody has just changed what this depends on. Look, and send it again.")
            )
        else:
            text = _("“%(title)s” is here as a draft. Nobody sees it until it is published.")
            messages.success(request, text % {"title": workflow})
            return redirect("workflow_definition_detail", workflow.pk)
    return render(request, "workflow_design/gallery_use.html", {"form": form, "template": template})


def _find(name: str) -> Template:
    try:
        return templates()[name]
    except KeyError:
        raise Http404 from None
