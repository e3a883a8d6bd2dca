"""Comments on one of the demo's tickets (see `workflow_ops.demo`)."""

from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from users.models import CustomUser
from workflow_ops.comments.following import follow
from workflow_ops.comments.writing import add_comment, edit_comment
from workflow_ops.files import upload_file
from workflow_ops.models import TicketInstance

OFFER: Final = b"Drum unit, colour: 180.00\nDelivered by Thursday.\n"


def talk_about_the_printer(
    ticket: TicketInstance, *, worker: CustomUser, requester: CustomUser, admin: CustomUser
) -> None:
    """Write public comments and an internal one with a file and a mention, and edit one."""
    with worker.scope(), transaction.atomic():
        first = add_comment(ticket, text="The part comes on Monday.", by=worker)
    with worker.scope(), transaction.atomic():
        edit_comment(first, text="The part comes tomorrow.", seen=None, by=worker)
    with requester.scope(), transaction.atomic():
        add_comment(ticket, text="Thank you. We use the one downstairs until then.", by=requester)
    with worker.scope(), transaction.atomic():
        offer = upload_file(SimpleUploadedFile("offer.txt", OFFER, "text/plain"), by=worker)
        text = f"@{admin.get_full_name()} the dealer gives us this price. May I order it?"
        add_comment(
            ticket, text=text, is_internal=True, mentions=[admin.pk], files=[str(offer.pk)], by=worker
        )
    with admin.scope(), transaction.atomic():
        follow(ticket, admin)
