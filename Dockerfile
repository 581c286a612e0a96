# One image for web, workers and beat; the command says which.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt
COPY . .
RUN python -m ucontact_wavy.run.catalogs \
    && useradd --uid 10001 --home-dir /data --no-create-home wavy \
    && install -d -o wavy -g wavy -m 0700 /data
USER wavy
ENV VAR_DIR=/data
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "5", "--no-access-log", "ucontact_wavy.wsgi:application"]
