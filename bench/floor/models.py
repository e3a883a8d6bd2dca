"""Plain Django models with the columns of the product's tables that a submission fills."""

from django.conf import settings
from django.db import models

_PERSON = settings.AUTH_USER_MODEL


class Counter(models.Model):
    """The number of the newest ticket."""

    last_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last_number)


class Run(models.Model):
    """A running workflow."""

    definition = models.PositiveBigIntegerField()
    status = models.CharField(max_length=12)
    data = models.JSONField(default=dict)
    step = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.status


class Ticket(models.Model):
    """A submitted form."""

    number = models.PositiveBigIntegerField(unique=True)
    definition = models.PositiveBigIntegerField()
    run = models.OneToOneField(Run, on_delete=models.CASCADE)
    data = models.JSONField()
    form_token = models.UUIDField(unique=True)
    created_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"#{self.number}"


class Write(models.Model):
    """A recorded action of a user."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    source = models.CharField(max_length=8)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    content = models.JSONField()
    status = models.CharField(max_length=8)
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.status


class Task(models.Model):
    """A task for a user."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    definition = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=12)
    input_data = models.JSONField()
    assigned_to = models.ForeignKey(_PERSON, on_delete=models.PROTECT)
    assigned_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.status


class Step(models.Model):
    """The workspace after a write."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    write = models.ForeignKey(Write, on_delete=models.PROTECT, null=True)
    step = models.PositiveIntegerField()
    data = models.JSONField()
    modified_fields = models.JSONField(default=list)
    source = models.CharField(max_length=8)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT)
    looks = models.JSONField(default=list)
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.step)


class Event(models.Model):
    """An entry of the timeline."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    kind = models.CharField(max_length=16)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True)
    step = models.ForeignKey(Step, on_delete=models.CASCADE)
    about = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    details = models.JSONField(default=dict)
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.kind


class Holder(models.Model):
    """A user who has a task of a workflow. The product has a row for each user; all tasks here are of one."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    person = models.ForeignKey(_PERSON, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return str(self.person)


class OpenTask(models.Model):
    """A narrow copy of an unfinished task, with what its ticket is sorted by."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    definition = models.PositiveBigIntegerField()
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=12)
    assignee = models.BigIntegerField(null=True)
    ticket_status = models.CharField(max_length=12)
    changed_at = models.DateTimeField()
    waiting_since = models.DateTimeField()
    priority = models.PositiveSmallIntegerField()
    due_order = models.DateTimeField(null=True)
    task_due_order = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title
