"""Start and stop: signals with requests in flight, faults of the start, ports, flags, reloads."""

import json
import os
import signal
import socket
import subprocess
import unittest

from reviews import pod, review
from webhook_process import (BINARY, COMPONENT, PATIENCE, WebhookProcess, eventually, exchange,
                             read, write)

JSON = {"Content-Type": "application/json"}


def begin_request(webhook):
    """A connection on which a review has arrived but for its last byte; and that byte."""
    body = json.dumps(review()).encode()
    raw = webhook.connect_raw()
    raw.sendall(b"POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body[:-1])
    return raw, body[-1:]


def receive_all(raw):
    parts = []
    while part := raw.recv(65536):
        parts.append(part)
    return b"".join(parts)


def closed(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return False
    except OSError:
        return True


class StopTest(unittest.TestCase):
    def stop_with_a_request_in_flight(self, number):
        with WebhookProcess() as webhook:
            port = webhook.port("webhook")
            raw, rest = begin_request(webhook)
            webhook.signal(number)
            eventually(lambda: closed(port), "the port is closed")
            raw.sendall(rest)
            answer = receive_all(raw)
            raw.close()
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer[:200])
            self.assertIn(b"\r\nConnection: close\r\n", answer)
            webhook.wait()
            return webhook.output()

    def test_sigterm_lets_a_request_in_flight_end(self):
        self.assertIn("SIGTERM", self.stop_with_a_request_in_flight(signal.SIGTERM))

    def test_sigint_is_the_same(self):
        self.assertIn("SIGINT", self.stop_with_a_request_in_flight(signal.SIGINT))

    def test_sighup_ends_it_in_the_same_way(self):
        self.assertIn("SIGHUP", self.stop_with_a_request_in_flight(signal.SIGHUP))

    def test_request_that_does_not_end_is_cut_after_five_seconds(self):
        with WebhookProcess() as webhook:
            raw, _ = begin_request(webhook)
            webhook.signal(signal.SIGTERM)
            self.assertEqual(webhook.wait(), 0)
            raw.close()

    def test_idle_connection_does_not_hold_up_the_stop(self):
        with WebhookProcess() as webhook:
            kept = webhook.connect()
            exchange(kept, "POST", "/mutate", json.dumps(review()), JSON)
            webhook.signal(signal.SIGTERM)
            self.assertEqual(webhook.process.wait(PATIENCE), 0)
            kept.close()

    def test_second_signal_ends_at_once(self):
        with WebhookProcess("--drain-time", "300s") as webhook:
            webhook.signal(signal.SIGTERM)
            webhook.await_line("SIGTERM received")
            # The second one counts from the moment that the first has been taken.
            eventually(lambda: webhook.process.poll() is not None or
                       webhook.signal(signal.SIGTERM), "the process ends")
            webhook.ends_with = 1
            webhook.wait()

    def test_draining_is_not_ready_and_serves_on(self):
        with WebhookProcess("--drain-time", "300s") as webhook:
            self.assertEqual(webhook.get("health", "/healthz")[0], 200)
            webhook.signal(signal.SIGTERM)
            eventually(lambda: webhook.get("health", "/healthz")[0] == 503, "not ready")
            self.assertIn(b"draining", webhook.get("health", "/readyz")[2])
            status, headers, _ = eventually(
                lambda: closing_answer(webhook), "answers end their connection")
            self.assertEqual((status, headers["Connection"]), (200, "close"))
            webhook.ends_with = -signal.SIGKILL
            webhook.signal(signal.SIGKILL)


def closing_answer(webhook):
    answer = webhook.post(json.dumps(review()))
    return answer if answer[1]["Connection"] == "close" else None


class StartTest(unittest.TestCase):
    def assert_fails(self, code, pattern, *flags, **options):
        with WebhookProcess(*flags, wait_ready=False, **options) as webhook:
            webhook.ends_with = code
            webhook.wait()
            self.assertRegex(webhook.output(), pattern)

    def test_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = str(taken.getsockname()[1])
            free = {"--port": "0", "--healthz-port": "0", "--metrics-port": "0"}
            for flag in free:
                with self.subTest(flag):
                    ports = [text for pair in {**free, flag: number}.items() for text in pair]
                    self.assert_fails(1, f"level=fatal .*127.0.0.1:{number}.*in use",
                                      ports=ports)

    def test_required_variables_are_named(self):
        for name in ("SIDECAR_IMAGE", "NAMESPACE"):
            with self.subTest(name):
                self.assert_fails(1, name, environment={name: ""})

    def test_unknown_flag_is_a_fault_of_usage(self):
        self.assert_fails(2, "no-such-flag", "--no-such-flag")

    def test_bad_log_level_is_a_fault_of_the_start(self):
        self.assert_fails(1, "log level", "--log-level", "loud")

    def test_resources_that_do_not_parse_are_named(self):
        self.assert_fails(1, r"store\.yaml:2", resources="a: b\n  c: [\n")

    def test_single_dashes_are_taken(self):
        for flags in (("-log-level=debug", "-scheduler-enabled=false"),
                      ("-log-level", "debug", "-enable-metrics=true")):
            with self.subTest(flags):
                with WebhookProcess(*flags) as webhook:
                    self.assertEqual(webhook.post(json.dumps(review()))[0], 200)

    def test_started_under_daprs_name_it_serves(self):
        with WebhookProcess() as webhook:
            link = os.path.join(webhook.folder, "injector")
            os.symlink(os.path.abspath(BINARY), link)
            done = subprocess.run([link, "--help"], capture_output=True, check=False, text=True)
            self.assertEqual(done.returncode, 0)
            self.assertIn("--healthz-port", done.stdout)


class ListenersTest(unittest.TestCase):
    def test_health_answers_any_method_on_its_paths_only(self):
        with WebhookProcess() as webhook:
            for method in ("GET", "POST", "PUT"):
                status, _, body = webhook.get("health", "/healthz", method)
                self.assertEqual((status, body), (200, b""), method)
            self.assertEqual(webhook.get("health", "/livez")[0], 200)
            status, _, report = webhook.get("health", "/readyz")
            self.assertEqual(status, 200)
            for target in (b"metrics-exporter", b"security-provider", b"injector-service",
                           b"healthz-server"):
                self.assertIn(target, report)
            for path in ("/", "/healthz/", "/mutate", "/metrics"):
                status, headers, body = webhook.get("health", path)
                self.assertEqual((status, body), (404, b"404 page not found\n"), path)
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")

    def test_metrics_are_on_every_path(self):
        with WebhookProcess() as webhook:
            for path in ("/", "/metrics", "/anything"):
                status, headers, page = webhook.get("metrics", path)
                self.assertEqual(status, 200)
                self.assertTrue(headers["Content-Type"].startswith("text/plain"))
                self.assertIn(b"\nprocess_resident_memory_bytes ", page)
                self.assertIn(b"component_injector_build_info{version=", page)

    def test_metrics_can_be_off(self):
        with WebhookProcess("--enable-metrics=false") as webhook:
            self.assertEqual(webhook.get("health", "/healthz")[0], 200)
            self.assertNotIn("metrics on http", webhook.output())

    def test_log_as_json_is_json_on_every_line(self):
        with WebhookProcess("--log-as-json", wait_ready=False) as webhook:
            webhook.await_line(r'"msg":"ready"')
            webhook.review(review())
            self.assertEqual(webhook.stop(), 0)
            for line in webhook.output().splitlines():
                self.assertEqual(sorted(json.loads(line)), ["instance", "level", "msg", "scope",
                                                            "time", "type", "ver"])

    def test_log_file_takes_the_lines(self):
        with WebhookProcess() as outer:
            path = os.path.join(outer.folder, "log")
            with WebhookProcess("--log-file", path, wait_ready=False) as webhook:
                eventually(lambda: os.path.exists(path) and "ready" in read(path),
                           "the log file is written")
                self.assertEqual(webhook.output(), "")


class ResourcesTest(unittest.TestCase):
    def components_of(self, webhook):
        asked = pod({"dapr.io/inject-pluggable-components": "true"})
        response = webhook.review(review(asked))
        return sorted(entry["component"] for entry in json.loads(
            response["auditAnnotations"]["components"])["injected"])

    def test_changed_resources_are_used(self):
        with WebhookProcess() as webhook:
            self.assertEqual(self.components_of(webhook), ["store"])
            write(webhook.resources, COMPONENT.replace("name: store", "name: other"))
            eventually(lambda: self.components_of(webhook) == ["other"], "the change is used")

    def test_bad_resources_keep_the_last_good_set(self):
        with WebhookProcess() as webhook:
            write(webhook.resources, "a: b\n  c: [\n")
            webhook.await_line(r"level=error .*store\.yaml:2")
            self.assertEqual(self.components_of(webhook), ["store"])
            self.assertEqual(webhook.get("health", "/healthz")[0], 200)
            self.assertIn(b"store.yaml", webhook.get("health", "/readyz")[2])
            self.assertEqual(webhook.metric(
                'component_injector_reloads_total{result="failure",what="resources"}'), 1)
            write(webhook.resources, COMPONENT)
            eventually(lambda: b"store.yaml" not in webhook.get("health", "/readyz")[2],
                       "the fault is taken back")


if __name__ == "__main__":
    unittest.main()
