#include "patch/component.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr const char* kContainerKey = "dapr.io/component-container";
constexpr const char* kPlacementKey = "component-injector.dapr.io/placement";
constexpr const char* kWaitKey = "component-injector.dapr.io/wait";

// Reads members of the object and keeps the first that has the wrong type.
class Reader {
 public:
  explicit Reader(std::optional<Error>& fault) : fault_(fault) {}

  // The member, of the type of `expected`; an empty one when missing, null or of another type.
  json Member(const json& object, const std::string& where, const char* key, const json& expected) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return expected;
    if (found->type() == expected.type()) return *found;
    Complain(where + "/" + key, expected, *found);
    return expected;
  }

  std::string Text(const json& object, const std::string& where, const char* key) {
    return Member(object, where, key, json("")).get<std::string>();
  }

  void Complain(const std::string& where, const json& expected, const json& found) {
    if (fault_) return;
    fault_ =
        Error{ErrorKind::kMalformedObject, where,
              std::string("expected ") + expected.type_name() + ", found " + found.type_name()};
  }

 private:
  std::optional<Error>& fault_;
};

void ReadPlacement(const std::string& text, Component& component) {
  component.placement_container = text == "container";
  if (text.empty() || text == "container" || text == "sidecar") return;
  component.annotation_faults.push_back(std::string(kPlacementKey) +
                                        " must be \"container\" or \"sidecar\"; it is ignored");
}

void ReadWait(const std::string& text, Component& component) {
  component.wait = text != "false";
  if (text.empty() || text == "true" || text == "false") return;
  component.annotation_faults.push_back(std::string(kWaitKey) +
                                        " must be \"true\" or \"false\"; it is ignored");
}

void ReadContainer(const std::string& text, Component& component) {
  component.declares_container = !text.empty();
  if (text.empty()) return;
  auto container = ParseContainerTemplate(text);
  if (container) {
    component.container = *std::move(container);
  } else {
    component.container_fault = container.error();
  }
}

std::string AnnotationText(Reader& reader, const json& annotations, const char* key) {
  return reader.Text(annotations, "/metadata/annotations", key);
}

void ReadMetadata(Reader& reader, const json& object, Component& component) {
  const json metadata = reader.Member(object, "", "metadata", json::object());
  component.name = reader.Text(metadata, "/metadata", "name");
  component.namespace_name = reader.Text(metadata, "/metadata", "namespace");
  component.resource_version = reader.Text(metadata, "/metadata", "resourceVersion");
  const json annotations = reader.Member(metadata, "/metadata", "annotations", json::object());
  ReadContainer(AnnotationText(reader, annotations, kContainerKey), component);
  ReadPlacement(AnnotationText(reader, annotations, kPlacementKey), component);
  ReadWait(AnnotationText(reader, annotations, kWaitKey), component);
}

void ReadSpec(Reader& reader, const json& object, Component& component) {
  const json spec = reader.Member(object, "", "spec", json::object());
  component.type = reader.Text(spec, "/spec", "type");
  component.version = reader.Text(spec, "/spec", "version");
  component.ignore_errors = reader.Member(spec, "/spec", "ignoreErrors", json(false)).get<bool>();
  const json scopes = reader.Member(object, "", "scopes", json::array());
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (scopes[i].is_string()) {
      component.scopes.push_back(scopes[i].get<std::string>());
    } else {
      reader.Complain("/scopes/" + std::to_string(i), json(""), scopes[i]);
    }
  }
}

}  // namespace

bool Component::InScope(std::string_view app_id) const {
  return scopes.empty() || std::find(scopes.begin(), scopes.end(), app_id) != scopes.end();
}

Component ParseComponent(const json& object) {
  Component component;
  Reader reader(component.fault);
  if (!object.is_object()) {
    reader.Complain("", json::object(), object);
    return component;
  }
  ReadMetadata(reader, object, component);
  ReadSpec(reader, object, component);
  if (component.name.empty() && !component.fault) {
    component.fault =
        Error{ErrorKind::kMalformedObject, "/metadata/name", "the Component has no name"};
  }
  return component;
}

}  // namespace injector::patch
