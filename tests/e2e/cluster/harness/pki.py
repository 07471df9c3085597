"""Certificates of the cluster, made with the openssl command."""

import pathlib

from .process import run

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.certificate = self.folder / "ca.crt"
        self.key = self.folder / "ca.key"
        run("openssl", "req", "-x509", *_KEY, "-days", "30", "-subj", f"/CN={name}",
            "-keyout", str(self.key), "-out", str(self.certificate))  # fmt: skip

    def issue(self, name, subject, names=()):
        """Returns the paths (certificate, key) of a leaf for `subject`, valid for `names`."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(names)}\n" if names else "")
        run("openssl", "req", *_KEY, "-subj", subject, "-keyout", str(key), "-out", str(request))
        run("openssl", "x509", "-req", "-in", str(request), "-CA", str(self.certificate),
            "-CAkey", str(self.key), "-CAcreateserial", "-days", "30",
            "-extfile", str(extensions), "-out", str(certificate))  # fmt: skip
        return certificate, key


def service_account_key(folder):
    """Returns the paths (private, public) of the key that signs ServiceAccount tokens."""
    private, public = pathlib.Path(folder) / "sa.key", pathlib.Path(folder) / "sa.pub"
    run("openssl", "genrsa", "-out", str(private), "2048")
    run("openssl", "rsa", "-in", str(private), "-pubout", "-out", str(public))
    return private, public
