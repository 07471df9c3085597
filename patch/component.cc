#include "patch/component.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "patch/json_shape.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr JsonPlace kRoot;

constexpr const char* kContainerKey = "dapr.io/component-container";
constexpr const char* kPlacementKey = "component-injector.dapr.io/placement";
constexpr const char* kWaitKey = "component-injector.dapr.io/wait";

// Reads members of the object and keeps the first that has the wrong type.
class Reader {
 public:
  explicit Reader(std::optional<Error>& fault) : fault_(fault) {}

  // The member, of the type of `expected`; an empty one when missing, null or of another type.
  json Member(const json& object, const JsonPlace& at, const char* key, const json& expected) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return expected;
    if (found->type() == expected.type()) return *found;
    Complain({&at, key}, expected, *found);
    return expected;
  }

  std::string Text(const json& object, const JsonPlace& at, const char* key) {
    return Member(object, at, key, json("")).get<std::string>();
  }

  void Complain(const JsonPlace& at, const json& expected, const json& found) {
    if (fault_) return;
    fault_ =
        Error{ErrorKind::kMalformedObject, at.Pointer(),
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

void ReadMetadata(Reader& reader, const json& object, Component& component) {
  const JsonPlace at{&kRoot, "metadata"};
  const json metadata = reader.Member(object, kRoot, "metadata", json::object());
  component.name = reader.Text(metadata, at, "name");
  component.namespace_name = reader.Text(metadata, at, "namespace");
  component.resource_version = reader.Text(metadata, at, "resourceVersion");
  const JsonPlace place{&at, "annotations"};
  const json annotations = reader.Member(metadata, at, "annotations", json::object());
  ReadContainer(reader.Text(annotations, place, kContainerKey), component);
  ReadPlacement(reader.Text(annotations, place, kPlacementKey), component);
  ReadWait(reader.Text(annotations, place, kWaitKey), component);
}

void ReadSpec(Reader& reader, const json& object, Component& component) {
  const JsonPlace at{&kRoot, "spec"};
  const json spec = reader.Member(object, kRoot, "spec", json::object());
  component.type = reader.Text(spec, at, "type");
  component.version = reader.Text(spec, at, "version");
  component.ignore_errors = reader.Member(spec, at, "ignoreErrors", json(false)).get<bool>();
  const JsonPlace list{&kRoot, "scopes"};
  const json scopes = reader.Member(object, kRoot, "scopes", json::array());
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (scopes[i].is_string()) {
      component.scopes.push_back(scopes[i].get<std::string>());
    } else {
      reader.Complain({&list, {}, i, true}, json(""), scopes[i]);
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
    reader.Complain(kRoot, json::object(), object);
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
