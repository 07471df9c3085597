"""A webhook in a cluster that keeps webhook configurations, asked as an API server asks."""

import contextlib
import http.client
import json
import socket
import ssl

from fake_control_plane import SERVER_NAME
from reviews import review
from webhook_process import PATIENCE, WebhookProcess, exchange

AS_ANY_USER = {"DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true"}  # tests may run as root
JSON = {"Content-Type": "application/json"}


class Replica(WebhookProcess):
    def __init__(self, cluster, name, *flags, environment=None, **options):
        super().__init__("--kubeconfig", cluster.kubeconfig, "--drain-time", "0s", *flags,
                         resources=None, certificate_out=False,
                         environment={"POD_NAME": name, **AS_ANY_USER, **(environment or {})}, **options)
        self.cluster = cluster

    def is_ready(self):
        return self.get("health", "/readyz")[0] == 200

    def connect_as_api_server(self):
        """A connection that trusts the bundle of this moment, by the Service's name."""
        plain = socket.create_connection(("127.0.0.1", self.port("webhook")), PATIENCE)
        connection = http.client.HTTPConnection(SERVER_NAME)
        try:
            connection.sock = self.cluster.trust().wrap_socket(plain, server_hostname=SERVER_NAME)
        except OSError:
            plain.close()
            raise
        return connection

    def admit(self, path="/mutate", asked=None):
        """Status, headers and body of one review, as the API server sends it."""
        with contextlib.closing(self.connect_as_api_server()) as connection:
            return exchange(connection, "POST", path, json.dumps(asked or review()), JSON)

    def shown(self):
        """The certificate in use, as PEM."""
        return ssl.get_server_certificate(("127.0.0.1", self.port("webhook")))
