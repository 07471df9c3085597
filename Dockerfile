# A sketch: builds the program on Debian and keeps the binary with the libraries it links.
# No shell and no package manager in the final stage; a numeric user, for runAsNonRoot.
FROM debian:12-slim AS build
WORKDIR /source
COPY scripts/install-packages.sh scripts/
RUN scripts/install-packages.sh --minimal
COPY . .
RUN cmake --preset release -DBUILD_TESTING=OFF \
 && cmake --build build/release --target component-injector \
 && scripts/collect-image.sh build/release/webhook/component-injector /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
# The same binary under Dapr's name: `/injector --port 4000` is `serve`.
ENTRYPOINT ["/component-injector"]
CMD ["serve"]
