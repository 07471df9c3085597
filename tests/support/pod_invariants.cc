#include "tests/support/pod_invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "tests/support/container_faults.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAnnotationBytes = 262144;

const json& Get(const json& object, std::string_view key) {
  static const json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string TextOf(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

class Comparison {
 public:
  Comparison(const json& original, const json& patched) : original_(original), patched_(patched) {}

  std::vector<std::string> Run() && {
    OnlyThese(original_, patched_, {"metadata", "spec"}, "pod");
    const json& metadata = Get(patched_, "metadata");
    OnlyThese(Get(original_, "metadata"), metadata, {"labels", "annotations"}, "metadata");
    OnlyThese(Get(Get(original_, "metadata"), "labels"), Get(metadata, "labels"),
              {"dapr.io/sidecar-injected", "dapr.io/app-id", "dapr.io/metrics-enabled"}, "labels");
    OnlyThese(Get(Get(original_, "metadata"), "annotations"), Get(metadata, "annotations"),
              {"component-injector.dapr.io/status"}, "annotations");
    OnlyThese(Get(original_, "spec"), Get(patched_, "spec"),
              {"containers", "initContainers", "volumes"}, "spec");
    Kept("volumes", /*in_front=*/true);
    Kept("containers", /*in_front=*/true);
    Kept("initContainers", /*in_front=*/false);
    AnnotationsFit();
    UniqueNames();
    Mounts();
    HostPorts();
    Claims();
    PodResources();
    return std::move(broken_);
  }

 private:
  void Must(bool holds, const std::string& rule) {
    if (!holds) broken_.push_back(rule);
  }

  // No member but those in `free` differs.
  void OnlyThese(const json& before, const json& after, const std::set<std::string>& free,
                 const std::string& what) {
    if (!before.is_object()) return Must(before.is_null(), what + " is an object");
    for (const auto& [key, value] : before.items()) {
      if (free.contains(key)) continue;
      Must(after.contains(key) && after[key] == value, what + " keeps " + key);
    }
    for (const auto& [key, value] : after.items()) {
      Must(free.contains(key) || before.contains(key), what + " gets no " + key);
    }
  }

  // The original list is kept in order: at the front, or with additions anywhere.
  void Kept(const std::string& list, bool in_front) {
    const json& before = Get(Get(original_, "spec"), list);
    const json& after = Get(Get(patched_, "spec"), list);
    std::size_t at = 0;
    for (const json& element : before) {
      if (!in_front) {
        while (at < after.size() && Get(after[at], "name") != Get(element, "name")) ++at;
      }
      const std::string what = list + " keeps " + TextOf(Get(element, "name"));
      if (at >= after.size()) return Must(false, what);
      if (list == "volumes") {
        Must(after[at] == element, what);
      } else {
        OnlyThese(element, after[at], {"env", "volumeMounts"}, what);
        OnlyAdded(element, after[at], "env", what);
        OnlyAdded(element, after[at], "volumeMounts", what);
      }
      ++at;
    }
  }

  // The list has grown at its end at most, and by names that were not there.
  void OnlyAdded(const json& before, const json& after, const std::string& list,
                 const std::string& what) {
    const json& old_list = Get(before, list);
    const json& new_list = Get(after, list);
    Must(new_list.size() >= old_list.size() &&
             std::equal(old_list.begin(), old_list.end(), new_list.begin()),
         what + " with its " + list);
    std::set<std::string> names;
    for (const json& element : old_list) names.insert(TextOf(Get(element, "name")));
    for (std::size_t i = old_list.size(); i < new_list.size(); ++i) {
      const std::string name = TextOf(Get(new_list[i], "name"));
      Must(names.insert(name).second, what + " gets one more " + name + " in " + list);
    }
  }

  void AnnotationsFit() {
    std::size_t bytes = 0;
    for (const auto& [key, value] : Get(Get(patched_, "metadata"), "annotations").items()) {
      bytes += key.size() + TextOf(value).size();
    }
    Must(bytes <= kMaxAnnotationBytes, "annotations fit");
  }

  [[nodiscard]] bool IsInjected(const std::string& name) const {
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(original_, "spec"), list)) {
        if (TextOf(Get(container, "name")) == name) return false;
      }
    }
    return true;
  }

  void UniqueNames() {
    std::set<std::string> names;
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(patched_, "spec"), list)) {
        const std::string name = TextOf(Get(container, "name"));
        Must(names.insert(name).second, "container name " + name + " is unique");
        if (!IsInjected(name)) continue;
        const bool init = std::string(list) == "initContainers";
        for (std::string& fault : ContainerFaults(container, init)) {
          broken_.push_back(std::move(fault));
        }
      }
    }
    for (const json& volume : Get(Get(patched_, "spec"), "volumes")) {
      const std::string name = TextOf(Get(volume, "name"));
      Must(volumes_.insert(name).second, "volume name " + name + " is unique");
    }
  }

  void Mounts() {
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(patched_, "spec"), list)) {
        const std::string name = TextOf(Get(container, "name"));
        std::set<std::string> paths;
        for (const json& mount : Get(container, "volumeMounts")) {
          const std::string volume = TextOf(Get(mount, "name"));
          Must(volumes_.contains(volume), name + " mounts a volume that is there: " + volume);
          const std::string path = TextOf(Get(mount, "mountPath"));
          Must(paths.insert(path).second, name + " mounts once at " + path);
        }
      }
    }
  }

  void HostPorts() {
    const bool host_network = Get(Get(patched_, "spec"), "hostNetwork") == true;
    std::map<std::string, std::string> held;
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(patched_, "spec"), list)) {
        for (const json& port : Get(container, "ports")) {
          HostPort(port, TextOf(Get(container, "name")), host_network, held);
        }
      }
    }
  }

  void HostPort(const json& port, const std::string& name, bool host_network,
                std::map<std::string, std::string>& held) {
    json on_host = Get(port, "hostPort");
    if (host_network && (on_host.is_null() || on_host == 0)) on_host = Get(port, "containerPort");
    if (on_host.is_null() || on_host == 0) return;
    Must(!host_network || on_host == Get(port, "containerPort"), name + " has its own host port");
    const json& protocol = Get(port, "protocol");
    const std::string key = (protocol.is_null() ? "TCP" : TextOf(protocol)) + on_host.dump();
    const auto [holder, is_free] = held.emplace(key, name);
    Must(is_free, "host port " + key + " of " + name + " is free, not held by " + holder->second);
  }

  void Claims() {
    std::set<std::string> claims;
    for (const json& claim : Get(Get(patched_, "spec"), "resourceClaims")) {
      claims.insert(TextOf(Get(claim, "name")));
    }
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(patched_, "spec"), list)) {
        for (const json& claim : Get(Get(container, "resources"), "claims")) {
          Must(claims.contains(TextOf(Get(claim, "name"))), "the pod has the claim");
        }
      }
    }
  }

  // What daprd asks for is the pod's own annotation.
  void PodResources() {
    if (Get(Get(patched_, "spec"), "resources").is_null()) return;
    for (const char* list : {"containers", "initContainers"}) {
      for (const json& container : Get(Get(patched_, "spec"), list)) {
        const std::string name = TextOf(Get(container, "name"));
        if (name == "daprd" || !IsInjected(name)) continue;
        const json& resources = Get(container, "resources");
        Must(Get(resources, "limits").empty() && Get(resources, "requests").empty(),
             name + " asks for nothing of a pod that bounds the sum");
      }
    }
  }

  const json& original_;
  const json& patched_;
  std::set<std::string> volumes_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> BrokenInvariants(const json& original, const json& patched) {
  std::vector<std::string> broken = Comparison(original, patched).Run();
  if (broken.empty()) return broken;
  const std::vector<std::string> before = Comparison(original, original).Run();
  const auto is_old = [&](const std::string& rule) {
    return std::find(before.begin(), before.end(), rule) != before.end();
  };
  broken.erase(std::remove_if(broken.begin(), broken.end(), is_old), broken.end());
  return broken;
}

}  // namespace injector::test
