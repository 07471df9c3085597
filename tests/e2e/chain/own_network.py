"""A network of this process' own: a pod has one too, and its ports are nobody else's."""

import ctypes
import os
import subprocess

POD_IP = "10.244.0.7"
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def enter():
    """Before any thread is started. Returns why it cannot be done, or ""."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET) != 0:
        # Without privileges: as root of a user namespace of one's own.
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return f"no network namespace: {os.strerror(ctypes.get_errno())}"
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"0 {user} 1"),
            ("gid_map", f"0 {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    # A pod has an address beside the loopback's; daprd looks for one.
    for words in (["link", "set", "lo", "up"], ["addr", "add", f"{POD_IP}/32", "dev", "lo"]):
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"ip {' '.join(words)}: {done.stderr.strip()}"
    return ""
