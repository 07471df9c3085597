"""etcd and kube-apiserver: RBAC, audit log, metrics, no nodes and no controllers."""

import http.client
import json
import pathlib
import time

from . import network, pki
from .api import Api
from .process import Process, wait_for

API_PORT = 443
_ETCD = "http://127.0.0.1:12379"
# Pods by the ten thousand, each written twice, since they are deleted too, and kept for minutes.
_ETCD_BYTES = 8 << 30
_ISSUER = "https://kubernetes.default.svc"

# What the tests read themselves is left out: they look for the calls of others.
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "users": ["system:apiserver"]},
        {"level": "None", "userGroups": ["system:masters"], "verbs": ["get", "list", "watch"]},
        {"level": "Metadata"},
    ],
}


class ControlPlane:
    """Started by the constructor; files, keys and logs are in `folder`."""

    def __init__(self, folder, etcd, apiserver):
        self.folder = pathlib.Path(folder)
        self._programs = {"etcd": etcd, "apiserver": apiserver}
        self.audit_log = self.folder / "audit.log"
        self.authority = pki.Authority(self.folder / "pki", "cluster-ca")
        self._serving = self.authority.issue(
            "apiserver", "/CN=kube-apiserver",
            (f"IP:{network.API_ADDRESS}", "DNS:kubernetes.default.svc"),
        )  # fmt: skip
        self._accounts = pki.service_account_key(self.folder / "pki")
        administrator = self.authority.issue("admin", "/O=system:masters/CN=admin")
        self.admin = self.client(certificate=administrator)
        self.etcd = self.apiserver = None
        self.outages = []  # (begin, end) of each, by the monotonic clock; the end None: not yet
        self.kubeconfig = self._write_kubeconfig(administrator)
        (self.folder / "audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))
        self._start_etcd()
        self.start_apiserver()

    def client(self, **identity):
        return Api(network.API_ADDRESS, API_PORT, self.authority.certificate, **identity)

    def _write_kubeconfig(self, administrator):
        certificate, key = map(str, administrator)
        path = self.folder / "kubeconfig"
        server = f"https://{network.API_ADDRESS}:{API_PORT}"
        authority = str(self.authority.certificate)
        path.write_text(json.dumps({  # JSON is YAML
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": server, "certificate-authority": authority}}],
            "users": [{"name": "admin", "user": {
                "client-certificate": certificate, "client-key": key}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        }))  # fmt: skip
        return path

    def _start_etcd(self):
        self.etcd = Process(
            "etcd",
            [self._programs["etcd"], "--data-dir", str(self.folder / "etcd"),
             "--unsafe-no-fsync=true", f"--quota-backend-bytes={_ETCD_BYTES}",
             "--listen-client-urls", _ETCD,
             "--advertise-client-urls", _ETCD, "--listen-peer-urls", "http://127.0.0.1:0",
             "--log-level", "error"],
            self.folder,
        )  # fmt: skip

    def start_apiserver(self):
        certificate, key = map(str, self._serving)
        private, public = map(str, self._accounts)
        self.apiserver = Process(
            "apiserver",
            [self._programs["apiserver"], f"--etcd-servers={_ETCD}",
             f"--bind-address={network.API_ADDRESS}", f"--secure-port={API_PORT}",
             f"--advertise-address={network.API_ADDRESS}", "--endpoint-reconciler-type=none",
             f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}",
             f"--client-ca-file={self.authority.certificate}",
             f"--service-cluster-ip-range={network.SERVICE_RANGE}", "--allow-privileged=true",
             "--authorization-mode=RBAC", f"--service-account-issuer={_ISSUER}",
             f"--service-account-key-file={public}",
             f"--service-account-signing-key-file={private}",
             f"--audit-policy-file={self.folder / 'audit-policy.json'}",
             f"--audit-log-path={self.audit_log}", "--profiling=false"],
            self.folder,
        )  # fmt: skip
        wait_for("the API server is ready", self.ready, seconds=180)
        if self.outages:
            self.outages[-1] = (self.outages[-1][0], time.monotonic())

    def ready(self):
        if not self.apiserver.running():
            raise AssertionError(f"the API server ended:\n{self.apiserver.log()[-4000:]}")
        try:
            return self.admin.raw("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop_apiserver(self):
        self.outages.append((time.monotonic(), None))
        self.apiserver.stop(seconds=20)

    def restart_apiserver(self):
        self.stop_apiserver()
        self.start_apiserver()

    def close(self):
        # Without its store the API server can hang on its way down; nothing of it is kept.
        for process in (self.apiserver, self.etcd):
            if process is not None and process.running():
                process.kill()
