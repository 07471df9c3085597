#pragma once

// The only writer of a patch. It keeps an index of what the pod holds by now, so that a later edit
// sees every earlier one, and records each edit as an RFC 6902 `add` that applies to the original.
// Edits of existing init containers come before InsertInitContainer, which moves their indexes.

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "patch/json_writer.h"
#include "patch/pod_view.h"

namespace injector::patch {

// One of the pod's own containers.
struct ContainerAt {
  bool init = false;      // in spec.initContainers, else in spec.containers
  std::size_t index = 0;  // in the incoming list
};

struct EnvVar {
  std::string_view name;
  std::string_view value;
};

struct VolumeMount {
  std::string_view volume;
  std::string_view path;
};

// One per admission; not thread-safe. Texts given to it must outlive it.
class PodEditor {
 public:
  // `pod` is the index to start from; the text behind its views must outlive the editor.
  explicit PodEditor(PodView pod);

  [[nodiscard]] const PodView& Pod() const { return pod_; }
  [[nodiscard]] const ContainerView& At(ContainerAt at) const;
  [[nodiscard]] bool HasVolume(std::string_view name) const { return volumes_.contains(name); }

  // Appends the volume unless the pod holds one of that name, which is then used as it is.
  // In: `json` is a core/v1 Volume named `name`.
  void AddVolume(std::string_view name, std::string_view json);

  // Sets a label or annotation, whether or not there is one; creates the map.
  void SetLabel(std::string_view key, std::string_view value);
  void SetAnnotation(std::string_view key, std::string_view value);

  // Appends those variables whose name the container lacks.
  void AddEnv(ContainerAt at, std::span<const EnvVar> variables);

  // Appends a writable mount. The caller has looked whether volume and path are free.
  void AddMount(ContainerAt at, VolumeMount mount);

  // Appends a container to spec.containers. In: the JSON of a core/v1 Container.
  void AppendContainer(std::string_view json);

  // Inserts an init container at `position` of the list as it is by now; its length appends.
  void InsertInitContainer(std::size_t position, std::string_view json);

  // The JSON Patch, "" when nothing was edited. The editor is spent.
  [[nodiscard]] std::string Finish() &&;

 private:
  ContainerView& Mutable(ContainerAt at);
  // Starts the operation and leaves the writer where the value goes; EndAdd closes it.
  JsonWriter& BeginAdd(std::string_view path);
  void EndAdd() { patch_.EndObject(); }
  // Adds `element` at the end of the list, or as its first element.
  void AppendTo(std::string_view list, bool list_is_empty, std::string_view element);

  PodView pod_;
  std::unordered_set<std::string_view> volumes_;
  bool has_annotations_;
  std::size_t containers_ = 0;
  std::size_t init_containers_ = 0;
  std::string text_;
  JsonWriter patch_;
};

}  // namespace injector::patch
