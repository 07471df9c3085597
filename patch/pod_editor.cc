#include "patch/pod_editor.h"

#include <utility>

namespace injector::patch {
namespace {

// Room for the operations of a usual pod, so that the text is not copied while it grows.
constexpr std::size_t kUsualPatchBytes = 8192;

std::string PathTo(ContainerAt at, std::string_view list) {
  std::string path = at.init ? "/spec/initContainers/" : "/spec/containers/";
  path += std::to_string(at.index);
  path += list;
  return path;
}

// A member name inside a JSON pointer (RFC 6901 section 3).
void AppendPointerToken(std::string& pointer, std::string_view token) {
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string TextOf(EnvVar variable) {
  std::string text;
  JsonWriter(text)
      .BeginObject()
      .Member("name", variable.name)
      .Member("value", variable.value)
      .EndObject();
  return text;
}

}  // namespace

PodEditor::PodEditor(PodView pod)
    : pod_(std::move(pod)),
      volumes_(pod_.volumes.begin(), pod_.volumes.end()),
      has_annotations_(!pod_.metadata.annotations.empty()),
      containers_(pod_.containers.size()),
      init_containers_(pod_.init_containers.size()),
      patch_(text_) {
  text_.reserve(kUsualPatchBytes);
  patch_.BeginArray();
}

const ContainerView& PodEditor::At(ContainerAt at) const {
  return at.init ? pod_.init_containers[at.index] : pod_.containers[at.index];
}

ContainerView& PodEditor::Mutable(ContainerAt at) {
  return at.init ? pod_.init_containers[at.index] : pod_.containers[at.index];
}

void PodEditor::AddVolume(std::string_view name, std::string_view json) {
  const bool first = volumes_.empty();
  if (volumes_.insert(name).second) AppendTo("/spec/volumes", first, json);
}

void PodEditor::SetLabel(std::string_view key, std::string_view value) {
  if (!std::exchange(pod_.metadata.has_labels, true)) {
    BeginAdd("/metadata/labels").Raw("{}");
    EndAdd();
  }
  std::string path = "/metadata/labels/";
  AppendPointerToken(path, key);
  BeginAdd(path).String(value);
  EndAdd();
}

void PodEditor::SetAnnotation(std::string_view key, std::string_view value) {
  if (!std::exchange(has_annotations_, true)) {
    BeginAdd("/metadata/annotations").Raw("{}");
    EndAdd();
  }
  std::string path = "/metadata/annotations/";
  AppendPointerToken(path, key);
  BeginAdd(path).String(value);
  EndAdd();
}

void PodEditor::AddEnv(ContainerAt at, std::span<const EnvVar> variables) {
  ContainerView& container = Mutable(at);
  const bool list_is_empty = container.env.empty();
  std::string created;
  for (const EnvVar& variable : variables) {
    if (container.HasEnv(variable.name)) continue;
    container.env.push_back(variable.name);
    if (list_is_empty) {
      if (!created.empty()) created += ',';
      created += TextOf(variable);
    } else {
      BeginAdd(PathTo(at, "/env/-")).Raw(TextOf(variable));
      EndAdd();
    }
  }
  if (created.empty()) return;
  BeginAdd(PathTo(at, "/env")).BeginArray().Raw(created).EndArray();
  EndAdd();
}

void PodEditor::AddMount(ContainerAt at, VolumeMount mount) {
  ContainerView& container = Mutable(at);
  std::string json;
  JsonWriter(json)
      .BeginObject()
      .Member("name", mount.volume)
      .Member("mountPath", mount.path)
      .EndObject();
  AppendTo(PathTo(at, "/volumeMounts"), container.mounts.empty(), json);
  container.mounts.push_back({mount.volume, mount.path, false});
}

void PodEditor::AppendContainer(std::string_view json) {
  AppendTo("/spec/containers", containers_ == 0, json);
  ++containers_;
}

void PodEditor::InsertInitContainer(std::size_t position, std::string_view json) {
  if (position >= init_containers_) {
    AppendTo("/spec/initContainers", init_containers_ == 0, json);
  } else {
    BeginAdd("/spec/initContainers/" + std::to_string(position)).Raw(json);
    EndAdd();
  }
  ++init_containers_;
}

std::string PodEditor::Finish() && {
  if (text_.size() == 1) return {};
  patch_.EndArray();
  return std::move(text_);
}

JsonWriter& PodEditor::BeginAdd(std::string_view path) {
  return patch_.BeginObject().Member("op", "add").Member("path", path).Key("value");
}

void PodEditor::AppendTo(std::string_view list, bool list_is_empty, std::string_view element) {
  std::string path(list);
  if (list_is_empty) {
    BeginAdd(path).BeginArray().Raw(element).EndArray();
  } else {
    BeginAdd(path += "/-").Raw(element);
  }
  EndAdd();
}

}  // namespace injector::patch
