"""Jobs of this app. Running one twice has no further effect, except for a second copy of an e-mail."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from users import limits
from users.confirmation import send_confirmation_mail
from users.email_change import send_change_mail, send_changed_mail
from users.invitations import send_invitation_mail
from users.password_reset import send_reset_link
from users.sessions import SessionStore
from users.unsent_forms import delete_expired


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="clear_expired")
def clear_expired(timestamp: int) -> None:
    """Delete expired sessions, and uses that no longer count towards limits."""
    SessionStore.clear_expired()
    limits.forget_expired()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="delete_expired_forms")
def delete_expired_forms(timestamp: int) -> None:
    """Delete the forms that have been kept for an hour or longer."""
    delete_expired()


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_password_reset(address: str) -> None:
    """E-mail the password reset link to the person with this address."""
    send_reset_link(address)


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_invitation(company_id: int, invitation_id: int) -> None:
    """E-mail the link of a pending invitation."""
    send_invitation_mail(company_id=company_id, invitation_id=invitation_id)


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_confirmation(company_id: int, person_id: int) -> None:
    """E-mail the link with which a person confirms their address."""
    send_confirmation_mail(company_id=company_id, person_id=person_id)


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_email_change(token: str) -> None:
    """E-mail the link that confirms a changed address to the new one."""
    send_change_mail(token)


@app.task(queue="mails", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_email_changed(old: str, new: str) -> None:
    """Tell the old address that it was changed."""
    send_changed_mail(old=old, new=new)
