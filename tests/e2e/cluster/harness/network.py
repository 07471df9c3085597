"""Addresses of the cluster: the API server's, a bridge for pods, and one namespace for each pod."""

from .process import Process, run, wait_for

API_ADDRESS = "10.0.0.1"  # the first one of the Services, as in every cluster
SERVICE_RANGE = "10.0.0.0/24"
_BRIDGE, _GATEWAY, _POD_BITS = "pods", "10.1.0.1", 16


def prepare():
    run("ip", "link", "set", "lo", "up")
    add_service_address(API_ADDRESS)
    run("ip", "link", "add", _BRIDGE, "type", "bridge")
    run("ip", "addr", "add", f"{_GATEWAY}/{_POD_BITS}", "dev", _BRIDGE)
    run("ip", "link", "set", _BRIDGE, "up")


def add_service_address(address):
    """Makes a clusterIP reachable here and from every pod (they route through the bridge)."""
    run("ip", "addr", "replace", f"{address}/32", "dev", "lo")


def remove_service_address(address):
    run("ip", "addr", "del", f"{address}/32", "dev", "lo")


class Sandbox:
    """Network and mount namespaces of one pod, with an address on the bridge."""

    _made = 0

    def __init__(self, folder):
        Sandbox._made += 1
        self.address = f"10.1.{Sandbox._made // 250}.{Sandbox._made % 250 + 2}"
        self._link = f"pod{Sandbox._made}"
        self._holder = Process(
            f"sandbox-{Sandbox._made}",
            ["unshare", "--net", "--mount", "sleep", "infinity"],
            folder,
        )
        # unshare becomes sleep once the namespaces are there.
        wait_for("the pod's namespaces", lambda: self._command() == "sleep")
        run("ip", "link", "add", self._link, "type", "veth",
            "peer", "name", "eth0", "netns", str(self._holder.pid))  # fmt: skip
        run("ip", "link", "set", self._link, "master", _BRIDGE, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", f"{self.address}/{_POD_BITS}", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        self.run("ip", "route", "add", "default", "via", _GATEWAY)
        # As container runtimes have it: any port for any user.
        self.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start")

    def _command(self):
        with open(f"/proc/{self._holder.pid}/comm", encoding="ascii") as file:
            return file.read().strip()

    def enter(self, *command):
        """The command line that runs `command` inside."""
        return ["nsenter", "--target", str(self._holder.pid), "--net", "--mount", "--", *command]

    def run(self, *command):
        return run(*self.enter(*command))

    def cut(self):
        """Packets are lost from now on, in both directions, without a sign to either end."""
        run("ip", "link", "set", self._link, "nomaster")

    def mend(self):
        run("ip", "link", "set", self._link, "master", _BRIDGE)

    def take_service(self, address):
        """Brings a clusterIP straight to this pod, without a proxy between: for measurements. The
        pod must listen on the Service's port."""
        self.run("ip", "addr", "replace", f"{address}/32", "dev", "lo")
        run("ip", "route", "replace", f"{address}/32", "via", self.address)

    def close(self):
        self._holder.kill()
