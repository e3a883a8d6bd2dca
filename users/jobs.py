"""Jobs of this app. Each may run twice with the effect of once, but for a second copy of a mail."""

from procrastinate.contrib.django import app

from users.sessions import SessionStore


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Forget the sessions that have run out."""
    SessionStore.clear_expired()
