# syntax=docker/dockerfile:1
# The three programs in a small image: Swift's runtime is linked in, Debian's own libraries do the rest.
#
#   docker build -t sluice .
#   docker run --rm -p 8000:8000 -e ADMIN_TOKEN=change-me --stop-timeout 40 sluice

FROM swift:6.3-bookworm AS build
# No versions: Debian stable mends them and changes nothing else.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libhiredis-dev libncurses-dev libssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/src/.build \
    swift build -c release --static-swift-stdlib \
    && install -D -t /out .build/release/wsserver .build/release/wsload .build/release/wsconsole

FROM debian:bookworm-slim
# redis-server is for a container that runs alone; with REDIS_HOST or REDIS_URL it is not started.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libhiredis0.14 libncursesw6 libssl3 libstdc++6 \
       redis-server zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --no-log-init --uid 10001 --shell /usr/sbin/nologin --home-dir /var/lib/sluice --create-home sluice
COPY --from=build /out/ /usr/local/bin/
USER 10001
ENV SLUICE_STATE=/var/lib/sluice LISTEN=0.0.0.0:8000 METRICS_LISTEN=0.0.0.0:8080
VOLUME /var/lib/sluice
EXPOSE 8000 8080
# It drains for 30 s, as DRAIN_PRESET says; Docker's own patience is 10.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8000 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 -u 3 line && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["wsserver"]
