#include "patch/pod_view.h"

#include <algorithm>
#include <limits>

#include "patch/json_shape.h"
#include "patch/names.h"

namespace injector::patch {
namespace {

constexpr JsonPlace kRoot;

int PortNumber(JsonShape& shape, JsonValue port, const JsonPlace& at, std::string_view key) {
  const std::int64_t number = shape.Integer(port, at, key);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    shape.Fault({&at, key}, "expected an integer of 32 bits");
    return 0;
  }
  return static_cast<int>(number);
}

ContainerView ReadContainer(JsonShape& shape, JsonValue container, const JsonPlace& at) {
  ContainerView view;
  view.name = shape.String(container, at, "name");
  view.restarts_always = shape.String(container, at, "restartPolicy") == "Always";
  shape.ForEachObject(container, at, "env", [&](JsonValue env, const JsonPlace& place) {
    view.env.push_back(shape.String(env, place, "name"));
  });
  shape.ForEachObject(container, at, "volumeMounts", [&](JsonValue mount, const JsonPlace& place) {
    view.mounts.push_back({shape.String(mount, place, "name"),
                           shape.String(mount, place, "mountPath"),
                           shape.Bool(mount, place, "readOnly")});
  });
  shape.ForEachObject(container, at, "ports", [&](JsonValue port, const JsonPlace& place) {
    PortView& read = view.ports.emplace_back();
    read.number = PortNumber(shape, port, place, "containerPort");
    read.host_port = PortNumber(shape, port, place, "hostPort");
    const std::string_view protocol = shape.String(port, place, "protocol");
    if (!protocol.empty()) read.protocol = protocol;
  });
  return view;
}

std::vector<ContainerView> ReadContainers(JsonShape& shape, JsonValue spec, const JsonPlace& at,
                                          std::string_view key) {
  std::vector<ContainerView> containers;
  shape.ForEachObject(spec, at, key, [&](JsonValue container, const JsonPlace& place) {
    containers.push_back(ReadContainer(shape, container, place));
  });
  return containers;
}

std::vector<std::string_view> ReadNames(JsonShape& shape, JsonValue spec, const JsonPlace& at,
                                        std::string_view key) {
  std::vector<std::string_view> names;
  shape.ForEachObject(spec, at, key, [&](JsonValue item, const JsonPlace& place) {
    names.push_back(shape.String(item, place, "name"));
  });
  return names;
}

std::vector<Toleration> ReadTolerations(JsonShape& shape, JsonValue spec, const JsonPlace& at) {
  std::vector<Toleration> tolerations;
  shape.ForEachObject(spec, at, "tolerations", [&](JsonValue item, const JsonPlace& place) {
    Toleration& read = tolerations.emplace_back();
    read.key = shape.String(item, place, "key");
    read.op = shape.String(item, place, "operator");
    read.value = shape.String(item, place, "value");
    read.effect = shape.String(item, place, "effect");
    const std::int64_t seconds = shape.Integer(item, place, "tolerationSeconds");
    if (!item.Find("tolerationSeconds").IsMissingOrNull()) read.seconds = seconds;
  });
  return tolerations;
}

std::string_view ControllerKind(JsonShape& shape, JsonValue metadata, const JsonPlace& at) {
  std::string_view kind;
  shape.ForEachObject(metadata, at, "ownerReferences", [&](JsonValue owner, const JsonPlace& p) {
    if (shape.Bool(owner, p, "controller")) kind = shape.String(owner, p, "kind");
  });
  return kind;
}

PodMetadata ReadMetadata(JsonShape& shape, JsonValue pod) {
  const JsonPlace at{&kRoot, "metadata"};
  const JsonValue metadata = shape.Object(pod, kRoot, "metadata");
  PodMetadata read;
  read.name = shape.String(metadata, at, "name");
  read.generate_name = shape.String(metadata, at, "generateName");
  read.namespace_name = shape.String(metadata, at, "namespace");
  read.owner_kind = ControllerKind(shape, metadata, at);
  const JsonPlace annotations{&at, "annotations"};
  shape.Object(metadata, at, "annotations").ForEachMember([&](auto key, JsonValue value) {
    const JsonValue text = shape.Checked(value, {&annotations, key}, JsonType::kString);
    read.annotations.push_back({key, text.String()});
  });
  shape.Object(metadata, at, "labels").ForEachMember([&](std::string_view, JsonValue) {
    read.has_labels = true;
  });
  return read;
}

JsonValue PodObject(JsonShape& shape, JsonValue pod) {
  if (pod.Type() != JsonType::kObject) shape.Fault(kRoot, JsonType::kObject, pod.Type());
  return pod;
}

}  // namespace

bool ContainerView::HasEnv(std::string_view wanted) const {
  return std::find(env.begin(), env.end(), wanted) != env.end();
}

bool ContainerView::Mounts(std::string_view volume) const {
  return std::any_of(mounts.begin(), mounts.end(),
                     [&](const MountView& mount) { return mount.volume == volume; });
}

const MountView* ContainerView::MountAt(std::string_view path) const {
  const std::string clean = CleanPath(path);
  const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const MountView& mount) {
    return CleanPath(mount.path) == clean;
  });
  return found == mounts.end() ? nullptr : &*found;
}

const ContainerView* PodView::Find(std::string_view name) const {
  for (const auto* list : {&containers, &init_containers}) {
    for (const ContainerView& container : *list) {
      if (container.name == name) return &container;
    }
  }
  return nullptr;
}

Result<PodMetadata> ReadPodMetadata(JsonValue pod) {
  JsonShape shape(ErrorKind::kMalformedPod);
  return shape.Finish(ReadMetadata(shape, PodObject(shape, pod)));
}

Result<PodView> ReadPod(JsonValue pod) {
  JsonShape shape(ErrorKind::kMalformedPod);
  PodView view;
  view.metadata = ReadMetadata(shape, PodObject(shape, pod));
  const JsonPlace at{&kRoot, "spec"};
  const JsonValue spec = shape.Object(pod, kRoot, "spec");
  if (spec.Type() == JsonType::kMissing) shape.Fault(at, JsonType::kObject, spec.Type());
  view.containers = ReadContainers(shape, spec, at, "containers");
  view.init_containers = ReadContainers(shape, spec, at, "initContainers");
  view.volumes = ReadNames(shape, spec, at, "volumes");
  view.resource_claims = ReadNames(shape, spec, at, "resourceClaims");
  view.tolerations = ReadTolerations(shape, spec, at);
  view.os_name = shape.String(shape.Object(spec, at, "os"), {&at, "os"}, "name");
  const std::string_view selected_os = shape.String(shape.Object(spec, at, "nodeSelector"),
                                                    {&at, "nodeSelector"}, "kubernetes.io/os");
  view.windows = view.os_name == "windows" || selected_os == "windows";
  view.host_network = shape.Bool(spec, at, "hostNetwork");
  view.token_refused = !spec.Find("automountServiceAccountToken").IsMissingOrNull() &&
                       !shape.Bool(spec, at, "automountServiceAccountToken");
  view.has_pod_resources = shape.Object(spec, at, "resources").Type() == JsonType::kObject;
  return shape.Finish(std::move(view));
}

}  // namespace injector::patch
