"""How long mails and tickets wait while another company's checks run: `python3 dev.py bench lanes`.

Ten workflows whose check takes its full bound are queued by one company. Then jobs of a mail and of a ticket
are queued, one pair after the other, with the workers of `dev.py run`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from statistics import median

from bench.places import prepare, product
from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.development.run import LANES, worker_command

_CHECKS, _PAIRS = 10, 30
_PAUSE, _GIVE_UP = 0.2, 120.0
_WAITED = """
    SELECT job.task_name, extract(epoch FROM max(event.at) FILTER (WHERE event.type = 'succeeded')
        - min(event.at) FILTER (WHERE event.type = 'deferred'))
    FROM procrastinate_jobs AS job JOIN procrastinate_events AS event ON event.job_id = job.id
    WHERE job.task_name = ANY (%s) GROUP BY job.id, job.task_name
"""


def main() -> None:
    """Run the benchmark and print how long the jobs took from being queued to being done."""
    argparse.ArgumentParser(prog="dev.py bench lanes", description=__doc__).parse_args()
    with product("lanes") as (env, _made):
        workers = [
            subprocess.Popen(
                worker_command(lane, jobs), cwd=environment.BASE_DIR, env=env, stderr=subprocess.DEVNULL
            )
            for lane, jobs in LANES.items()
        ]
        try:
            waited = prepare("bench.lanes", env={**env, "BENCH_LANES": "queue"})
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    for task, seconds in waited.items():
        times = sorted(json.loads(seconds))
        say(
            f"{task}: median {median(times) * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms of {len(times)}"
        )


def queue_jobs() -> None:
    """Queue the checks, then the mails and steps, and print how long each of those took."""
    import django

    django.setup()

    from dataclasses import replace

    from django.db import connection, transaction
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    from users.models import CustomUser
    from workflow_design.persistence.importing import import_workflow
    from workflow_design.tests.check.large_files import loops

    check, step, mail = (
        "workflow_design.jobs.check_in_full",
        "workflow_ops.jobs.apply_writes",
        "users.jobs.send_password_reset",
    )
    designer = CustomUser.objects.get_by_natural_key("dora@bench.example")
    for number in range(_CHECKS):
        with designer.scope(), transaction.atomic():
            import_workflow(replace(loops(9), title=f"Large {number}"), by=designer)
    jobs = ProcrastinateJob.objects.all()
    give_up = time.monotonic() + _GIVE_UP
    while not jobs.filter(task_name=check, status="doing").exists() and time.monotonic() < give_up:
        time.sleep(_PAUSE)
    for number in range(_PAIRS):
        app.configure_task(mail).defer(address=f"nobody{number}@elsewhere.example")
        app.configure_task(step).defer(company_id=10**6, workflow_instance_id=1)
        time.sleep(_PAUSE)
    unfinished = jobs.filter(task_name__in=(mail, step)).exclude(status__in=("succeeded", "failed"))
    while unfinished.exists() and time.monotonic() < give_up:
        time.sleep(_PAUSE)
    assert jobs.filter(task_name=check, status="doing").exists(), "the checks ended before the measurement"
    waited: dict[str, list[float]] = {mail: [], step: []}
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [[mail, step]])
        for task, seconds in cursor.fetchall():
            waited[task].append(float(seconds))
    json.dump({task: json.dumps(seconds) for task, seconds in waited.items()}, sys.stdout)


if __name__ == "__main__":
    queue_jobs() if environment.text("BENCH_LANES") else main()
