"""TLS: versions, the ephemeral certificate, files that are exchanged while connections go on."""

import json
import os
import ssl
import tempfile
import unittest
import warnings

from reviews import review
from webhook_process import (SharedWebhookTest, WebhookProcess, eventually, exchange,
                             make_certificate, write)

JSON = {"Content-Type": "application/json"}
RELOADS = 'component_injector_reloads_total{result="%s",what="certificate"}'


class TlsTest(SharedWebhookTest):
    def context_up_to(self, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")  # else this side refuses old versions by itself
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that is why they are tried
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = version
        return context

    def test_versions_before_1_2_are_refused(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version):
                with self.assertRaises((ssl.SSLError, OSError)):
                    self.webhook.connect_raw(self.context_up_to(version))

    def test_version_1_2_is_served(self):
        raw = self.webhook.connect_raw(self.context_up_to(ssl.TLSVersion.TLSv1_2))
        self.assertEqual(raw.version(), "TLSv1.2")
        raw.close()

    def test_version_1_3_is_served(self):
        raw = self.webhook.connect_raw()
        self.assertEqual(raw.version(), "TLSv1.3")
        raw.close()

    def test_no_protocol_is_negotiated(self):
        context = self.webhook.trust()
        context.set_alpn_protocols(["h2", "http/1.1"])
        raw = self.webhook.connect_raw(context)
        self.assertIsNone(raw.selected_alpn_protocol())
        raw.close()

    def test_ephemeral_certificate_is_for_this_machine(self):
        raw = self.webhook.connect_raw()
        names = raw.getpeercert()["subjectAltName"]
        self.assertIn(("DNS", "localhost"), names)
        self.assertIn(("IP Address", "127.0.0.1"), names)
        self.assertIn(("IP Address", "0:0:0:0:0:0:0:1"), names)
        raw.close()

    def test_client_that_does_not_trust_it_refuses(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.webhook.connect_raw(ssl.create_default_context())


class RsaKeyTest(SharedWebhookTest):
    flags = ("--serving-key", "rsa")

    def test_rsa_key_serves(self):
        self.assertEqual(self.webhook.post(json.dumps(review()))[0], 200)
        raw = self.webhook.connect_raw()
        self.assertGreater(len(raw.getpeercert(binary_form=True)), 600)  # a P-256 one has 400
        raw.close()


class CertificateFilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="injector-system-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, folder, **options):
        return WebhookProcess("--tls-cert-file", os.path.join(folder, "tls.crt"),
                              "--tls-private-key-file", os.path.join(folder, "tls.key"),
                              certificate_out=False, **options)

    def shown(self, webhook, pem):
        """Whether new connections are shown this certificate."""
        try:
            webhook.connect_raw(webhook.trust(pem)).close()
            return True
        except ssl.SSLCertVerificationError:
            return False

    def test_new_certificate_is_used_without_dropping_connections(self):
        first = make_certificate(self.folder)
        with self.start(self.folder) as webhook:
            kept = webhook.connect(webhook.trust(first))
            self.assertEqual(exchange(kept, "POST", "/mutate", json.dumps(review()), JSON)[0], 200)
            second = make_certificate(self.folder)
            eventually(lambda: self.shown(webhook, second), "the new certificate is shown")
            self.assertFalse(self.shown(webhook, first))
            self.assertEqual(exchange(kept, "POST", "/mutate", json.dumps(review()), JSON)[0], 200)
            kept.close()
            webhook.await_line("certificate: in use")
            self.assertEqual(webhook.metric(RELOADS % "success"), 1)

    def test_swap_of_links_is_followed(self):
        # As a mounted Secret changes: tls.crt -> ..data/tls.crt, ..data -> a folder.
        for name in ("..1", "..2"):
            os.mkdir(os.path.join(self.folder, name))
        make_certificate(os.path.join(self.folder, "..1"))
        second = make_certificate(os.path.join(self.folder, "..2"))
        data = os.path.join(self.folder, "..data")
        os.symlink("..1", data)
        for name in ("tls.crt", "tls.key"):
            os.symlink("..data/" + name, os.path.join(self.folder, name))
        with self.start(self.folder) as webhook:
            os.symlink("..2", data + ".new")
            os.replace(data + ".new", data)
            eventually(lambda: self.shown(webhook, second), "the new certificate is shown")

    def test_bad_files_keep_the_last_good_certificate(self):
        first = make_certificate(self.folder)
        with self.start(self.folder) as webhook:
            write(os.path.join(self.folder, "tls.key"), "no key")
            webhook.await_line("level=error .*certificate: the last good one stays")
            eventually(lambda: webhook.metric(RELOADS % "failure"), "the failure is counted")
            self.assertTrue(self.shown(webhook, first))
            self.assertEqual(webhook.get("health", "/healthz")[0], 200)
            self.assertIn(b"tls.key", webhook.get("health", "/readyz")[2])
            second = make_certificate(self.folder)
            eventually(lambda: self.shown(webhook, second), "the repaired one is shown")
            eventually(lambda: b"tls.key" not in webhook.get("health", "/readyz")[2],
                       "the fault is taken back")

    def test_missing_files_are_a_fault_of_the_start(self):
        with self.start(self.folder, wait_ready=False) as webhook:
            webhook.ends_with = 1
            webhook.wait()
            self.assertRegex(webhook.output(), "level=fatal .*tls.crt")

    def test_key_of_another_certificate_is_a_fault_of_the_start(self):
        make_certificate(self.folder)
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        make_certificate(other)
        os.replace(os.path.join(other, "tls.key"), os.path.join(self.folder, "tls.key"))
        with self.start(self.folder, wait_ready=False) as webhook:
            webhook.ends_with = 1
            webhook.wait()
            self.assertRegex(webhook.output(), "level=fatal .*does not belong")


if __name__ == "__main__":
    unittest.main()
