#include "patch/listed_containers.h"

#include <algorithm>

#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

const ContainerView* FindIn(const std::vector<ContainerView>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const ContainerView& c) { return c.name == name; });
  return found == list.end() ? nullptr : &*found;
}

void Judge(const PodView& pod, const std::string& name, Decisions& decisions) {
  const auto say = [&](Reason reason, const char* text) {
    decisions.push_back({reason, name, text});
  };
  const ContainerView* ordinary = FindIn(pod.containers, name);
  const ContainerView* init = FindIn(pod.init_containers, name);
  if (ordinary == nullptr && init == nullptr) {
    return say(Reason::kListedNoSuchContainer,
               "dapr.io/pluggable-components names it, but the pod has no such container");
  }
  if (pod.windows) return say(Reason::kListedWindows, "not wired: the pod is for Windows");
  if (ordinary == nullptr && !init->restarts_always) {
    return say(Reason::kListedNotASidecar,
               "not wired: an init container without restartPolicy: Always ends before daprd");
  }
  say(Reason::kListedWired, "wired to the socket folder");
  if (ordinary != nullptr) {
    say(Reason::kListedStartsLate, "starts beside daprd, which looks for sockets only once");
  }
}

bool IsListed(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool ListedContainers::Has(ContainerAt at) const {
  return std::any_of(wired.begin(), wired.end(), [&](ContainerAt other) {
    return other.init == at.init && other.index == at.index;
  });
}

ListedContainers FindListed(const PodView& pod, const std::vector<std::string>& names,
                            Decisions& decisions) {
  ListedContainers listed;
  if (names.empty()) return listed;
  for (const std::string& name : names) Judge(pod, name, decisions);
  if (pod.windows) return listed;
  for (std::size_t i = 0; i < pod.init_containers.size(); ++i) {
    const ContainerView& container = pod.init_containers[i];
    if (container.restarts_always && IsListed(names, container.name)) {
      listed.wired.push_back({true, i});
    }
  }
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    if (IsListed(names, pod.containers[i].name)) listed.wired.push_back({false, i});
  }
  return listed;
}

void WireListed(PodEditor& editor, ContainerAt at, std::string_view sockets_folder,
                Decisions& decisions) {
  editor.AddEnv(at, SocketsFolderEnv(sockets_folder));
  const ContainerView& container = editor.At(at);
  if (container.Mounts(kSocketsVolume)) return;
  if (const MountView* taken = container.MountAt(sockets_folder)) {
    decisions.push_back(
        {Reason::kListedPathTaken, std::string(container.name),
         "volume " + std::string(taken->volume) + " is mounted at the socket folder already"});
    return;
  }
  editor.AddMount(at, {kSocketsVolume, sockets_folder});
}

}  // namespace injector::patch
