# The project's image: Airflow with the warehouse's rooms. Every service of docker-compose.yml runs it.
FROM python:3.12-slim-bookworm

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    GX_ANALYTICS_ENABLED=false

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin cchc \
 && install -d -o cchc -g cchc -m 0750 /var/lib/cchc /var/lib/cchc/landing /var/lib/cchc/archive /var/lib/cchc/out

WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY warehouse warehouse
COPY sources sources
COPY expectations expectations
COPY review review
COPY cli cli
COPY dags dags
COPY dbt_project dbt_project
RUN pip install --no-deps --no-build-isolation -e . \
 && python -m compileall -q /app

USER cchc
CMD ["cchc", "--help"]
