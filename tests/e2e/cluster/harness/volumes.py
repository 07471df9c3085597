"""A pod's volumes as files, and the mounts of its containers, as a kubelet makes them."""

import base64
import os
import pathlib

# The only part of the file system where the tests' pods mount anything; /var/run is the same.
_MOUNTED = "/run"


class Volumes:
    """All volumes of one pod, in `folder`."""

    def __init__(self, admin, pod, folder):
        self._admin, self._pod = admin, pod
        self._namespace = pod["metadata"]["namespace"]
        self._folder = pathlib.Path(folder)
        self._sources = {}
        for volume in pod["spec"].get("volumes", []):
            self._sources[volume["name"]] = volume
            (self._folder / volume["name"]).mkdir(parents=True)
            self.refresh(volume["name"])

    def refresh(self, name):
        """Writes the volume's files anew and swaps them in at once, through `..data`."""
        files = self._files(self._sources[name])
        folder = self._folder / name
        generation = folder / f"..{len(list(folder.iterdir()))}"
        generation.mkdir()
        for path, data in files.items():
            (generation / path).write_bytes(data)
        link = folder / "..data_tmp"
        link.symlink_to(generation.name)
        os.replace(link, folder / "..data")
        for path in files:
            if not (folder / path).is_symlink():
                (folder / path).symlink_to(f"..data/{path}")

    def _files(self, volume):
        if "projected" in volume:
            files = {}
            for source in volume["projected"]["sources"]:
                files.update(self._projected(source))
            return files
        if "configMap" in volume:
            return self._config_map(volume["configMap"])
        if "secret" in volume:
            path = f"/api/v1/namespaces/{self._namespace}/secrets/{volume['secret']['secretName']}"
            data = self._admin.get(path)["data"]
            return {key: base64.b64decode(text) for key, text in data.items()}
        if "emptyDir" in volume:
            return {}
        raise AssertionError(f"a volume of a kind that the tests do not know: {volume}")

    def _projected(self, source):
        if "serviceAccountToken" in source:
            return self._token(source["serviceAccountToken"])
        if "configMap" in source:
            return self._config_map(source["configMap"])
        return {  # downwardAPI
            item["path"]: self._namespace.encode() for item in source["downwardAPI"]["items"]
        }

    def _token(self, wanted):
        metadata = self._pod["metadata"]
        account = self._pod["spec"]["serviceAccountName"]
        spec = {
            "expirationSeconds": max(600, wanted.get("expirationSeconds", 3600)),
            "boundObjectRef": {
                "kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"],
            },
        }  # fmt: skip
        if "audience" in wanted:
            spec["audiences"] = [wanted["audience"]]
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{account}/token"
        answer = self._admin.create(path, {"spec": spec})
        return {wanted["path"]: answer["status"]["token"].encode()}

    def _config_map(self, wanted):
        path = f"/api/v1/namespaces/{self._namespace}/configmaps/{wanted['name']}"
        if wanted.get("optional") and not self._admin.exists(path):
            return {}
        data = self._admin.get(path).get("data", {})
        names = {item["key"]: item["path"] for item in wanted.get("items", [])}
        if not names:
            names = {key: key for key in data}
        return {path: data[key].encode() for key, path in names.items()}

    def mount(self, sandbox, container):
        """Shows the container's mounts inside the sandbox, and hides what else is in /run."""
        sandbox.run("mount", "-t", "tmpfs", "none", _MOUNTED)
        for mount in container.get("volumeMounts", []):
            target = os.path.normpath(mount["mountPath"])
            if target.startswith("/var/run/"):
                target = target.removeprefix("/var")
            if not target.startswith(_MOUNTED + "/"):
                if "emptyDir" in self._sources[mount["name"]]:
                    continue  # such as /tmp: the machine's own will do
                raise AssertionError(f"the tests cannot mount at {mount['mountPath']}")
            sandbox.run("mkdir", "-p", target)
            sandbox.run("mount", "--bind", str(self._folder / mount["name"]), target)

