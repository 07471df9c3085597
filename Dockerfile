# Builds the program on Debian and keeps the binary with the libraries it links: no shell, no
# package manager, a numeric user (for runAsNonRoot). For another architecture build on it, or with
# buildx; scripts/prove_image.py runs these steps where there is no container engine.
FROM debian:12-slim AS build
WORKDIR /source
COPY scripts/install-packages.sh scripts/
RUN apt-get update -qq && scripts/install-packages.sh --minimal
COPY . .
# The image's own name, which the wait container gets where COMPONENT_WAIT_IMAGE is not set.
ARG IMAGE=component-injector:0.1.0
RUN cmake --preset release -DBUILD_TESTING=OFF -DCOMPONENT_SDK=OFF -DWAIT_IMAGE="$IMAGE" \
 && cmake --build build/release --target component-injector \
 && scripts/collect-image.sh build/release/webhook/component-injector /image

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="component-injector" \
      org.opencontainers.image.description="Injects Dapr's sidecar and pluggable components into pods, in an order that works" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /image /
USER 65532:65532
# The same binary under Dapr's name: `/injector --port 4000` is `serve`.
EXPOSE 4000 8080 9090
ENTRYPOINT ["/component-injector"]
CMD ["serve"]
