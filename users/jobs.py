"""Jobs of this app. Each may run twice with the effect of once, but for a second copy of a mail."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from users.invitations import send_invitation_mail
from users.password_reset import send_reset_link
from users.sessions import SessionStore


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Forget the sessions that have run out."""
    SessionStore.clear_expired()


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_password_reset(address: str) -> None:
    """Mail the link for a new password to whoever has this address."""
    send_reset_link(address)


@app.task(retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def send_invitation(company_id: int, invitation_id: int) -> None:
    """Mail the link of an invitation that is still pending."""
    send_invitation_mail(company_id=company_id, invitation_id=invitation_id)
