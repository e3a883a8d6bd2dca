"""Deletion of a company with everything in it, requested by TicketFlower's staff and done by a job."""

from typing import Any

from django import forms
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from ticketflower.http import PageRequest, show_or_submit, staff_page
from ticketflower.tenancy.context import all_companies_scope
from users.models import Company
from workflow_ops.models import FileUpload, ListFile
from workflow_ops.work.confirmation import confirm_and_perform


class CompanyNameForm(forms.Form):
    """A form that asks for the company's name, as a safeguard against deleting the wrong one."""

    name = forms.CharField(label=gettext_lazy("Name of the company"), strip=True)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._company = company

    def clean_name(self) -> str:
        """Refuse a name other than the company's."""
        name: str = self.cleaned_data["name"]
        if name != self._company.name.strip():
            raise forms.ValidationError(_("This is not the name of the company."))
        return name


@show_or_submit
@staff_page
def company_delete(request: PageRequest, company_id: int) -> HttpResponse:
    """Ask for the company's name, then have a job delete it."""
    if request.impersonating:
        return redirect("company_list")
    with all_companies_scope(impersonator_id=request.user.pk):
        company = get_object_or_404(Company, pk=company_id)
    task = app.configure_task("workflow_ops.jobs.remove_company", lock=f"company:{company_id}")
    return confirm_and_perform(
        request,
        act=lambda: task.defer(company_id=company_id, impersonator_id=request.user.pk),
        done=_("%(company)s is being deleted.") % {"company": company},
        to="company_list",
        form=CompanyNameForm(company, request.POST or None),
        title=_("Delete %(company)s?") % {"company": company},
        text=_("This cannot be undone. To go on, type the name of the company."),
        consequences=[
            _("Its people can no longer log in."),
            _("Its workflows, tickets, files and audit log are gone."),
            _("One line stays in the audit log of staff: the name, and who deleted it when."),
        ],
        submit=_("Delete the company"),
    )


def delete_company(company_id: int, *, impersonator_id: int) -> None:
    """Delete a company's files, then all its rows in one transaction; nothing if it is gone already.

    `impersonator_id` is the member of staff who requested it. Files are deleted first: if this is
    interrupted, the next run still finds their rows.
    """
    with all_companies_scope(impersonator_id=impersonator_id):
        with transaction.atomic():
            keys = list(FileUpload.objects.filter(company=company_id).values_list("ext_key", flat=True))
            parts = ListFile.objects.filter(company=company_id).values_list("parts", flat=True)
            keys += [key for each in parts for key in each]
        for key in keys:
            default_storage.delete(key)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT company_delete(%s)", [company_id])
