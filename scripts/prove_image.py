#!/usr/bin/env python3
"""Runs the Dockerfile's steps without a container engine, and the image that comes of them.

Its FROM is a Debian tree made by debootstrap from the mirror that apt is configured with; each RUN
happens in it, as root. Then the program is started in a root that holds the image's files and
nothing else, read-only, as the image's user: it must serve, answer a review and stop. Prints the
image's size. Needs root and the packages debootstrap and util-linux; minutes the first time.

Usage: scripts/prove_image.py [--keep FOLDER]   (--keep: leaves the image's files there)
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

SUITES = {"debian:12-slim": "bookworm", "debian:13-slim": "trixie"}
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "component-injector")
PATIENCE = 60  # seconds
CHROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def say(text):
    print(f"prove-image: {text}", flush=True)


def fail(text):
    sys.exit(f"prove-image: {text}")


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def parse_dockerfile(path):
    """(instruction, rest) of each line; continued lines are joined, comments dropped."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", "")
    return [tuple(line.strip().split(None, 1)) for line in text.splitlines() if line.strip()]


def mirror():
    """The archive that apt reads."""
    listed = run("apt-get", "indextargets", "--format", "$(SITE) $(COMPONENT)",
                 "Created-By: Packages", capture_output=True, text=True).stdout
    for line in listed.splitlines():
        site, component = line.split()
        if component == "main" and site.startswith("http") and "security" not in site:
            return site
    return fail("apt has no archive that is reached by http")


def debian_tree(image, folder):
    """Fills the folder with the tree that stands for a base image; made once, then kept."""
    if image not in SUITES:
        fail(f"there is no suite known for {image}")
    suite = SUITES[image]
    archive = os.path.join(CACHE, f"debian-{suite}.tar")
    if not os.path.exists(archive):
        if shutil.which("debootstrap") is None:
            fail("install debootstrap first")
        say(f"debootstrap of {suite}, for {image}")
        with tempfile.TemporaryDirectory(dir=CACHE) as made:
            run("debootstrap", "--variant=minbase", "--include=ca-certificates", suite, made,
                mirror(), stdout=subprocess.DEVNULL)
            shutil.rmtree(os.path.join(made, "var/cache/apt/archives"), ignore_errors=True)
            run("tar", "-C", made, "--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./dev/*",
                "-cf", archive + ".new", ".")
        os.replace(archive + ".new", archive)
    run("tar", "-C", folder, "-xf", archive)


class Stage:
    """One FROM and what follows it."""

    def __init__(self, folder):
        self.folder = folder
        self.variables = {}
        self.directory = "/"
        self.user = "0:0"
        self.entrypoint, self.arguments = [], []

    def inside(self, path):
        return self.folder + os.path.normpath(os.path.join(self.directory, path))

    def run(self, command):
        """As the engine does: the network's resolver, a shell, the build arguments."""
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", f"{self.folder}/etc/{name}")
        # What the compiler made before is used again by the next proof.
        ccache = os.path.join(CACHE, "prove-image-ccache")
        os.makedirs(ccache, exist_ok=True)
        os.makedirs(self.folder + "/var/cache/ccache", exist_ok=True)
        mounts = " && ".join([
            f"mount --rbind /dev {shlex.quote(self.folder + '/dev')}",
            f"mount -t proc proc {shlex.quote(self.folder + '/proc')}",
            f"mount --bind {shlex.quote(ccache)} {shlex.quote(self.folder + '/var/cache/ccache')}"])
        script = f"cd {shlex.quote(self.directory)} && {command}"
        run("unshare", "--mount", "sh", "-c",
            f"{mounts} && exec chroot {shlex.quote(self.folder)} /bin/sh -c {shlex.quote(script)}",
            env={"PATH": CHROOT_PATH, "HOME": "/tmp", "DEBIAN_FRONTEND": "noninteractive",
                 "CCACHE_DIR": "/var/cache/ccache", **self.variables})


def copy_context(target):
    """The working tree without what .dockerignore names."""
    with open(".dockerignore", encoding="utf-8") as file:
        ignored = [line.strip() for line in file if line.strip()]
    run("tar", "-cf", "-", *[f"--exclude=./{name}" for name in ignored], ".",
        stdout=(pipe := tempfile.TemporaryFile()))
    pipe.seek(0)
    run("tar", "-C", target, "-xf", "-", stdin=pipe)


def copy(stage, words, stages):
    *sources, target = [word for word in words if not word.startswith("--")]
    origin = [word.split("=", 1)[1] for word in words if word.startswith("--from=")]
    place = stage.inside(target)
    os.makedirs(place, exist_ok=True)
    for source in sources:
        if origin:
            run("cp", "-a", stages[origin[0]].inside(source) + "/.", place)
        elif source == ".":
            copy_context(place)
        else:
            run("cp", "-a", source, place)


def step(stage, instruction, rest, stages):
    if instruction == "WORKDIR":
        stage.directory = os.path.join(stage.directory, rest)
        os.makedirs(stage.folder + stage.directory, exist_ok=True)
    elif instruction == "ARG":
        name, _, value = rest.partition("=")
        stage.variables[name] = value
    elif instruction == "COPY":
        copy(stage, shlex.split(rest), stages)
    elif instruction == "RUN":
        stage.run(rest)
    elif instruction == "USER":
        stage.user = rest
    elif instruction == "ENTRYPOINT":
        stage.entrypoint = json.loads(rest)
    elif instruction == "CMD":
        stage.arguments = json.loads(rest)
    elif instruction not in ("LABEL", "EXPOSE"):
        fail(f"{instruction}: an instruction that is not known here")


def build(work):
    """Runs every step; returns the last stage, which is the image."""
    stages, stage = {}, None
    for instruction, rest in parse_dockerfile("Dockerfile"):
        say(f"{instruction} {rest if len(rest) < 100 else rest[:97] + '...'}")
        if instruction == "FROM":
            image, *alias = re.split(r"\s+AS\s+", rest, flags=re.I)
            stage = Stage(tempfile.mkdtemp(dir=work))
            os.chmod(stage.folder, 0o755)
            if image != "scratch":
                debian_tree(image, stage.folder)
            for name in alias:
                stages[name] = stage
        else:
            step(stage, instruction, rest, stages)
    return stage


def in_image(image, mounted, arguments):
    """The command that starts the entry point in the image's root, read-only, as its user; the
    folder `mounted` is its /tmp, as an emptyDir would be."""
    root = shlex.quote(image.folder)
    program = " ".join(map(shlex.quote, [*image.entrypoint, *arguments]))
    return ["unshare", "--mount", "sh", "-c",
            f"mount --bind {root} {root} && mount --bind {shlex.quote(mounted)} {root}/tmp && "
            f"mount -o remount,bind,ro {root} && "
            f"exec chroot --userspec={image.user} {root} {program}"]


def check_files(image):
    files = [os.path.relpath(os.path.join(folder, name), image.folder)
             for folder, _, names in os.walk(image.folder) for name in names]
    programs = [name for name in files if os.access(os.path.join(image.folder, name), os.X_OK)
                and ".so" not in os.path.basename(name)]
    if sorted(programs) != ["component-injector", "injector"]:
        fail(f"the image holds other programs: {programs}")
    if not re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", image.user):
        fail(f"USER {image.user}: expected a numeric user and group, not root")
    say(f"{len(files)} files; the only programs are {' and '.join(programs)}; user {image.user}")


def await_line(path, pattern, process):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        found = re.search(pattern, text)
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.05)
    return fail(f"no {pattern!r} in its log:\n{text}")


def check_serving(image, mounted):
    """Serves the examples, answers a review by its own `check`, stops by SIGTERM."""
    shutil.copytree("deploy/examples", os.path.join(mounted, "examples"))
    os.remove(os.path.join(mounted, "examples", "review.json"))
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=anchor", "-keyout", os.path.join(mounted, "key"), "-out",
        os.path.join(mounted, "ca.crt"), stderr=subprocess.DEVNULL)
    log = os.path.join(mounted, "log")
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(
            in_image(image, mounted, [
                *image.arguments, "--resources", "/tmp/examples", "--port=0", "--healthz-port=0",
                "--metrics-port=0", "--serving-certificate-out", "/tmp/serving.pem"]),
            stdout=file, stderr=file,
            env={"SIDECAR_IMAGE": "daprd:1", "NAMESPACE": "dapr-system",
                 "DAPR_TRUST_ANCHORS_FILE": "/tmp/ca.crt"})
    try:
        port = await_line(log, r"webhook on https://[^ ]*:(\d+)/", process)[1]
        await_line(log, r'msg="?ready', process)
        answer = run(*in_image(image, mounted, [
            "check", "--url", f"https://localhost:{port}/mutate", "--ca-file", "/tmp/serving.pem",
            "--namespace", "shop"]), capture_output=True, text=True, env={}).stdout
        say("serves in a read-only root; " + answer.splitlines()[0])
    finally:
        process.terminate()
        code = process.wait(PATIENCE)
    if code != 0:
        with open(log, encoding="utf-8") as file:
            fail(f"exit code {code} after SIGTERM:\n{file.read()}")


def sizes(image, work):
    packed = os.path.join(work, "image.tar.gz")
    with tarfile.open(packed, "w:gz", compresslevel=6) as file:
        file.add(image.folder, ".")
    whole = sum(os.lstat(os.path.join(folder, name)).st_size
                for folder, _, names in os.walk(image.folder) for name in names)
    say(f"image: {whole / 1e6:.1f} MB, compressed {os.path.getsize(packed) / 1e6:.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", metavar="FOLDER", help="leave the image's files there")
    options = parser.parse_args()
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if os.geteuid() != 0:
        fail("only root can make a root for the program; run it as root")
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="prove-image-", dir=CACHE) as work:
        os.chmod(work, 0o755)
        image = build(work)
        check_files(image)
        mounted = os.path.join(work, "tmp")
        os.mkdir(mounted)
        uid, gid = map(int, image.user.split(":"))
        os.chown(mounted, uid, gid)
        version = run(*in_image(image, mounted, ["version"]), capture_output=True, text=True,
                      env={}).stdout
        say(version.splitlines()[0])
        check_serving(image, mounted)
        sizes(image, work)
        if options.keep:
            shutil.copytree(image.folder, options.keep, symlinks=True)
            say(f"the image's files are in {options.keep}")


if __name__ == "__main__":
    main()
