#pragma once

// A pod as the injector reads it: views into the review's text, nothing copied. First
// ReadPodMetadata, which is enough for pods that did not opt in; then ReadPod for the rest.

#include <cstdint>
#include <string_view>
#include <vector>

#include "patch/annotation.h"
#include "patch/json_document.h"
#include "patch/result.h"
#include "patch/settings.h"

namespace injector::patch {

struct PodMetadata {
  std::string_view name;  // often empty: generateName is not resolved yet
  std::string_view generate_name;
  std::string_view namespace_name;  // often empty at CREATE; request.namespace counts
  std::string_view owner_kind;      // kind of the controlling owner, "" when there is none
  AnnotationList annotations;       // all keys, in document order
  bool has_labels = false;          // false: the map must be created first
};

struct MountView {
  std::string_view volume;
  std::string_view path;
  bool read_only = false;
};

struct PortView {
  int number = 0;
  int host_port = 0;  // 0: none
  std::string_view protocol = "TCP";
};

struct ContainerView {
  std::string_view name;
  std::vector<std::string_view> env;  // names; empty also for a missing or null list
  std::vector<MountView> mounts;
  std::vector<PortView> ports;
  bool restarts_always = false;  // restartPolicy: Always, a native sidecar among initContainers

  [[nodiscard]] bool HasEnv(std::string_view name) const;
  [[nodiscard]] bool Mounts(std::string_view volume) const;
  // The mount at this path, however it is spelled; null when the path is free.
  [[nodiscard]] const MountView* MountAt(std::string_view path) const;
};

struct PodView {
  PodMetadata metadata;
  std::vector<ContainerView> containers;
  std::vector<ContainerView> init_containers;
  std::vector<std::string_view> volumes;          // names
  std::vector<std::string_view> resource_claims;  // names
  std::vector<Toleration> tolerations;            // those that are well formed
  std::string_view os_name;                       // spec.os.name
  bool windows = false;                           // by spec.os.name or the node selector
  bool host_network = false;
  bool has_pod_resources = false;  // spec.resources bounds the sum of all containers
  bool token_refused = false;      // spec.automountServiceAccountToken is false

  // The container or init container of that name, null when there is none.
  [[nodiscard]] const ContainerView* Find(std::string_view name) const;
};

// In: the JSON of a core/v1 Pod; the view lives as long as the parser's document.
// Errors: kMalformedPod with the JSON pointer of the first field that we read and whose type is
// wrong. Fields that we do not read are not looked at.
// Source: core/v1 Pod; null and missing mean the same there.
[[nodiscard]] Result<PodMetadata> ReadPodMetadata(JsonValue pod);
[[nodiscard]] Result<PodView> ReadPod(JsonValue pod);

}  // namespace injector::patch
