#include "patch/listed_containers.h"

#include <algorithm>
#include <unordered_map>

#include "patch/name_set.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

// A list's containers by name; of equal names the first.
using ContainersByName = std::unordered_map<std::string_view, const ContainerView*>;

ContainersByName ByName(const std::vector<ContainerView>& list) {
  ContainersByName by_name;
  for (const ContainerView& container : list) by_name.emplace(container.name, &container);
  return by_name;
}

const ContainerView* FindIn(const ContainersByName& list, std::string_view name) {
  const auto found = list.find(name);
  return found == list.end() ? nullptr : found->second;
}

struct PodContainers {
  ContainersByName ordinary;
  ContainersByName init;
  bool windows;
};

void Judge(const PodContainers& pod, const std::string& name, BoundedRemarks& remarks) {
  const auto say = [&](Reason reason, const char* text) {
    remarks.Add(reason, name, [text] { return std::string(text); });
  };
  const ContainerView* ordinary = FindIn(pod.ordinary, name);
  const ContainerView* init = FindIn(pod.init, name);
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

// The order of `wired`.
bool IsBefore(ContainerAt one, ContainerAt other) {
  return one.init != other.init ? one.init : one.index < other.index;
}

}  // namespace

bool ListedContainers::Has(ContainerAt at) const {
  return std::binary_search(wired.begin(), wired.end(), at, IsBefore);
}

ListedContainers FindListed(const PodView& pod, const std::vector<std::string>& names,
                            Decisions& decisions) {
  ListedContainers listed;
  if (names.empty()) return listed;
  const PodContainers containers{ByName(pod.containers), ByName(pod.init_containers), pod.windows};
  BoundedRemarks remarks(decisions);
  for (const std::string& name : names) Judge(containers, name, remarks);
  remarks.Finish("dapr.io/pluggable-components");
  if (pod.windows) return listed;
  const NameSet named(names);
  for (std::size_t i = 0; i < pod.init_containers.size(); ++i) {
    const ContainerView& container = pod.init_containers[i];
    if (container.restarts_always && named.Contains(container.name)) {
      listed.wired.push_back({true, i});
    }
  }
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    if (named.Contains(pod.containers[i].name)) listed.wired.push_back({false, i});
  }
  return listed;
}

void WireListed(PodEditor& editor, ContainerAt at, std::string_view sockets_folder,
                BoundedRemarks& remarks) {
  editor.AddEnv(at, SocketsFolderEnv(sockets_folder));
  const ContainerView& container = editor.At(at);
  if (container.Mounts(kSocketsVolume)) return;
  if (const MountView* taken = container.MountAt(sockets_folder)) {
    remarks.Add(Reason::kListedPathTaken, container.name, [taken] {
      return "volume " + std::string(taken->volume) + " is mounted at the socket folder already";
    });
    return;
  }
  editor.AddMount(at, {kSocketsVolume, sockets_folder});
}

}  // namespace injector::patch
