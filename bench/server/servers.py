"""What is put under load: the webhook, the same server with an answer that never changes, nginx."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time

import wrk
from fake_cluster import FakeCluster, send_json, status
from inputs import namespace_components
from quiet_webhook import free_port
from webhook_process import eventually, make_certificate, read, write

_TICKS = os.sysconf("SC_CLK_TCK")
_COMPONENTS = "/apis/dapr.io/v1alpha1/components"


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def resident_megabytes(pids):
    kilobytes = 0
    for pid in pids:
        kilobytes += int(re.search(r"^VmRSS:\s+(\d+)", read(f"/proc/{pid}/status"), re.M)[1])
    return kilobytes * 1024 / 1e6


def loaded(server, body, connections, seconds):
    """What wrk says of a load on a QuietWebhook or a Program, and CPU in us per request."""
    before = cpu_seconds(server.pids())
    result = wrk.run([server.port("webhook")], body, connections, seconds)
    return result, (cpu_seconds(server.pids()) - before) / max(1, result.requests) * 1e6


class Program:
    """Another process that serves TLS until the end of the block."""

    def __init__(self, port, command):
        self._port = port
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def port(self, _listener):
        return self._port

    def pids(self):
        children = read(f"/proc/{self._process.pid}/task/{self._process.pid}/children").split()
        return [self._process.pid, *map(int, children)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()


class Constant(Program):
    """The webhook's own server; its handler answers each review with the same patch."""

    def __init__(self, binary, folder, patch):
        port = free_port()
        certificate = os.path.join(folder, f"constant-{port}.crt")
        answer = write(os.path.join(folder, f"answer-{port}.json"), json.dumps({"patch": patch}))
        super().__init__(port, [binary, str(port), "localhost", certificate, answer])
        eventually(lambda: os.path.exists(certificate), "the constant webhook listens")


class Nginx(Program):
    """nginx with one worker for each core; it answers POSTs with the same bytes."""

    def __init__(self, folder, answer):
        port = free_port()
        own = tempfile.mkdtemp(dir=folder)
        make_certificate(own)
        write(os.path.join(own, "answer.json"), answer)
        config = write(os.path.join(own, "nginx.conf"), f"""
            daemon off; worker_processes auto; pid {own}/pid; error_log stderr crit; user root;
            events {{ worker_connections 4096; }}
            http {{
              access_log off; keepalive_requests 1000000000; client_max_body_size 8m;
              client_body_temp_path {own}/body; proxy_temp_path {own}/p; fastcgi_temp_path {own}/f;
              uwsgi_temp_path {own}/u; scgi_temp_path {own}/s;
              server {{
                listen 127.0.0.1:{port} ssl; root {own};
                ssl_certificate {own}/tls.crt; ssl_certificate_key {own}/tls.key;
                error_page 405 =200 /answer.json;  # what nginx says to a POST for a file
                location / {{ try_files /answer.json =404; }}
              }}
            }}""")
        super().__init__(port, ["nginx", "-c", config, "-p", own])
        eventually(lambda: self._accepts(port), "nginx listens")

    @staticmethod
    def _accepts(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


class LargeCluster(FakeCluster):
    """An API server that holds so many Components: ten in namespace shop, and ten in each of the
    others. Pages are made when they are asked for; watches stay open and say nothing."""

    def __init__(self, count):
        super().__init__({})
        self._count = count
        self._ended = False

    def _page(self, query):
        limit = int(re.search(r"limit=(\d+)", query)[1])
        begin = int((re.search(r"continue=(\d+)", query) or [0, 0])[1])
        end = min(self._count, begin + limit)
        items = []
        for first in range(begin - begin % 10, end, 10):
            namespace = "shop" if first == 0 else f"team-{first // 10}"
            items += namespace_components(namespace, first)
        items = items[begin % 10:][:end - begin]
        for item in items:
            item["metadata"]["resourceVersion"] = "7"
        more = str(end) if end < self._count else ""
        return {"kind": "ComponentList", "items": items,
                "metadata": {"resourceVersion": "7", "continue": more}}

    def answer(self, exchange):
        path, _, query = exchange.path.partition("?")
        if path != _COMPONENTS:
            return super().answer(exchange)
        if "sendInitialEvents" in query:
            return send_json(exchange, *status(422, "sendInitialEvents is forbidden for watch"))
        if "watch=" not in query:
            return send_json(exchange, 200, self._page(query))
        exchange.send_response(200)
        exchange.send_header("Transfer-Encoding", "chunked")
        exchange.end_headers()
        exchange.wfile.flush()
        while not self._ended:
            time.sleep(0.1)
        exchange.close_connection = True
        return None

    def start(self, port):
        # Head and body are two writes: the second would wait for the client's acknowledgement.
        self._handler.disable_nagle_algorithm = True
        super().start(port)

    def stop(self):
        self._ended = True
        super().stop()


