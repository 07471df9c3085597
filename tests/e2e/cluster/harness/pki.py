"""Certificates of the cluster, made with the openssl command."""

import os
import pathlib

from . import clock
from .process import run

_DAYS = "60"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        # Valid for pods whose clock is days behind, too.
        (self.folder / "shift").write_text(f"{-20 * clock.DAY}")
        self._past = {**os.environ, **clock.environment(self.folder / "shift")}
        self.certificate = self.folder / "ca.crt"
        self.key = self.folder / "ca.key"
        run("openssl", "req", "-x509", *_KEY, "-days", _DAYS, "-subj", f"/CN={name}",
            "-keyout", str(self.key), "-out", str(self.certificate), env=self._past)  # fmt: skip

    def issue(self, name, subject, names=()):
        """Returns the paths (certificate, key) of a leaf for `subject`, valid for `names`."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(names)}\n" if names else "")
        run("openssl", "req", *_KEY, "-subj", subject, "-keyout", str(key), "-out", str(request))
        run("openssl", "x509", "-req", "-in", str(request), "-CA", str(self.certificate),
            "-CAkey", str(self.key), "-CAcreateserial", "-days", _DAYS,
            "-extfile", str(extensions), "-out", str(certificate), env=self._past)  # fmt: skip
        return certificate, key


def service_account_key(folder):
    """Returns the paths (private, public) of the key that signs ServiceAccount tokens."""
    private, public = pathlib.Path(folder) / "sa.key", pathlib.Path(folder) / "sa.pub"
    run("openssl", "genrsa", "-out", str(private), "2048")
    run("openssl", "rsa", "-in", str(private), "-pubout", "-out", str(public))
    return private, public
