# The environment of `make setup` and the workflow, as an image (docs/cluster.md):
#   docker build --tag vhi .
#   docker run --rm --volume "$PWD/results:/vhi/results" vhi                                   the demo
#   docker run --rm --volume "$PWD/mycohort:/vhi/mycohort" --volume "$PWD/results:/vhi/results" vhi --config study=./mycohort
FROM python:3.11-slim

# Caches lie where every user may write, so that --user works.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp/matplotlib XDG_CACHE_HOME=/tmp/cache

WORKDIR /vhi
COPY requirements.txt ./
# torch for processors, from its own index: the build on PyPI brings CUDA along.
RUN pip install --no-cache-dir --disable-pip-version-check \
    --extra-index-url https://download.pytorch.org/whl/cpu --requirement requirements.txt

COPY CITATION.cff LICENSE Snakefile ./
COPY config ./config
COPY envs ./envs
COPY notebooks ./notebooks
COPY profiles ./profiles
COPY rules ./rules
COPY workflow_scripts ./workflow_scripts

RUN useradd --create-home --uid 1000 reader && mkdir results .snakemake && chown --recursive reader:reader /vhi
USER reader
ENTRYPOINT ["snakemake"]
CMD ["--config", "study=demo"]
