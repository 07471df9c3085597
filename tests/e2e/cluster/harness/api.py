"""A small client of the Kubernetes API for the tests: JSON, kept connections, any identity."""

import http.client
import json
import re
import ssl
import threading
import urllib.parse

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class ApiError(Exception):
    def __init__(self, status, body):
        self.status = status
        try:
            self.message = json.loads(body).get("message", "")
        except ValueError:
            self.message = body.decode(errors="replace")
        super().__init__(f"{status}: {self.message}")


class Api:
    """One identity's view of the API server. Threads may share it: each has its connection."""

    def __init__(self, address, port, authority, certificate=None, token=None, headers=()):
        """`certificate`: paths (certificate, key). `headers`: pairs that go with each request."""
        self.address, self.port, self.authority = address, port, authority
        self.certificate = certificate
        self.headers = list(headers)
        if token:
            self.headers.append(("Authorization", f"Bearer {token}"))
        self._local = threading.local()

    def impersonate(self, user, groups=()):
        """The same client in the name of another."""
        headers = [("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups)]
        return Api(
            self.address, self.port, self.authority, self.certificate,
            headers=self.headers + headers,
        )  # fmt: skip

    def tls(self):
        context = ssl.create_default_context(cafile=str(self.authority))
        if self.certificate:
            context.load_cert_chain(*map(str, self.certificate))
        return context

    def _connection(self):
        if getattr(self._local, "connection", None) is None:
            self._local.connection = http.client.HTTPSConnection(
                self.address, self.port, timeout=60, context=self.tls()
            )
        return self._local.connection

    def raw(self, method, path, body=None, content_type="application/json", query=None):
        """Returns (status, headers, body). A kept connection that was closed meanwhile is made
        anew; without a server it is an OSError or HTTPException."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        kept = getattr(self._local, "connection", None) is not None
        try:
            return self._exchange(method, path, body, content_type)
        except (OSError, http.client.HTTPException):
            if not kept:
                raise
        return self._exchange(method, path, body, content_type)

    def _exchange(self, method, path, body, content_type):
        connection = self._connection()
        try:
            connection.putrequest(method, path)
            for name, value in [*self.headers, ("Content-Type", content_type)]:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException):
            self._local.connection = None
            connection.close()
            raise

    def call(self, method, path, value=None, content_type="application/json", **query):
        """Returns the answer's JSON; a status that is no success is an ApiError."""
        body = value if isinstance(value, (bytes, type(None))) else json.dumps(value).encode()
        status, headers, answer = self.raw(method, path, body, content_type, query)
        self._local.warnings = headers.get_all("Warning") or []
        if status >= 400:
            raise ApiError(status, answer)
        return json.loads(answer)

    @property
    def warnings(self):
        """The texts of the warnings that came with this thread's last answer."""
        quoted = (text.split(" ", 2)[2] for text in self._local.warnings)
        return [re.sub(r"\\(.)", r"\1", text[1:-1]) for text in quoted]

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def create(self, path, value, **query):
        return self.call("POST", path, value, **query)

    def patch(self, path, value, content_type=MERGE, **query):
        return self.call("PATCH", path, value, content_type, **query)

    def replace(self, path, value, **query):
        return self.call("PUT", path, value, **query)

    def delete(self, path, **query):
        return self.call("DELETE", path, **query)

    def exists(self, path):
        try:
            self.get(path)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def text(self, path):
        status, _, body = self.raw("GET", path)
        if status >= 400:
            raise ApiError(status, body)
        return body.decode()
