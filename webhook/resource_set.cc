#include "webhook/resource_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patch/decision.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;
using patch::ComponentList;

constexpr std::string_view kDaprGroup = "dapr.io";
constexpr std::string_view kDaprSystem = "daprsystem";
constexpr std::size_t kMaxFaultsTold = 20;

std::shared_ptr<const ComponentList> Sorted(ComponentList list) {
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return std::make_shared<const ComponentList>(std::move(list));
}

// The namespace's own, and of the others those whose name is free.
ComponentList WithEverywhere(ComponentList own, const ComponentList& everywhere) {
  const std::size_t own_count = own.size();
  for (const auto& component : everywhere) {
    const auto end = own.begin() + static_cast<std::ptrdiff_t>(own_count);
    const bool taken = std::any_of(
        own.begin(), end, [&](const auto& other) { return other->name == component->name; });
    if (!taken) own.push_back(component);
  }
  return own;
}

}  // namespace

std::shared_ptr<const ComponentList> ResourceSet::ComponentsOf(
    std::string_view namespace_name) const {
  const auto found = by_namespace_.find(namespace_name);
  return found == by_namespace_.end() ? everywhere_ : found->second;
}

void ResourceCollector::AddText(const std::string& file, std::string_view text) {
  const auto manifests = k8s::ParseManifests(text, file);
  if (!manifests) return AddFault(manifests.error().Text());
  for (const k8s::Manifest& manifest : *manifests) AddManifest(file, manifest);
}

void ResourceCollector::AddManifest(const std::string& file, const k8s::Manifest& manifest) {
  const Place place{file + ":" + std::to_string(manifest.line) + ":1", layer_};
  ForEachObject(manifest.value, [&](const ManifestObject& object) { AddObject(object, place); });
}

void ResourceCollector::AddClusterObject(const std::string& origin, const Json& value) {
  const Place place{origin, layer_, /*of_cluster=*/true};
  ForEachObject(value, [&](const ManifestObject& object) { AddObject(object, place); });
}

void ResourceCollector::AddFault(std::string sentence) {
  faults_.push_back(std::move(sentence));
}

void ResourceCollector::AddObject(const ManifestObject& object, const Place& document) {
  const Place place{document.text + (object.pointer.empty() ? "" : " (" + object.pointer + ")"),
                    document.layer, document.of_cluster};
  if (!object.value.is_object()) {
    return AddFault(place.text + ": expected an object with apiVersion and kind, found " +
                    object.value.type_name());
  }
  const bool dapr = object.api_group == kDaprGroup;
  if (dapr && object.kind == "Component") return AddComponent(object.value, place);
  if (dapr && object.kind == "Configuration" && MetadataText(object.value, "name") == kDaprSystem) {
    return AddDaprSystem(object.value, place);
  }
  ++ignored_count_;
}

void ResourceCollector::AddComponent(const Json& value, const Place& place) {
  patch::Component component = patch::ParseComponent(nlohmann::json(value));
  if (component.name.empty()) {
    const std::string why = component.fault ? component.fault->Text() : "the Component has no name";
    return AddFault(place.text + ": " + why);
  }
  const std::string title = "Component " + component.name;
  Key key{component.namespace_name, component.name};
  const auto old = components_.find(key);
  if (old != components_.end() && !Replaces(old->second.place, place, title)) return;
  components_.insert_or_assign(
      std::move(key), Found{std::make_shared<const patch::Component>(std::move(component)), place});
}

void ResourceCollector::AddDaprSystem(const Json& value, const Place& place) {
  if (dapr_system_ && !Replaces(*dapr_system_, place, "Configuration daprsystem")) return;
  dapr_system_ = place;
  mtls_enabled_ = true;
  const Json::json_pointer pointer("/spec/mtls/enabled");
  if (!value.contains(pointer) || value.at(pointer).is_null()) return;
  const Json& enabled = value.at(pointer);
  if (!enabled.is_boolean()) {
    return AddFault(place.text + ": /spec/mtls/enabled: expected true or false, found " +
                    enabled.type_name());
  }
  mtls_enabled_ = enabled.get<bool>();
}

void ResourceCollector::DropReplacedOfCluster() {
  for (auto next = components_.begin(); next != components_.end();) {
    const auto component = next++;
    const bool replaced = component->second.place.of_cluster &&
                          components_.count(Key("", component->first.second)) != 0;
    if (replaced) components_.erase(component);
  }
}

bool ResourceCollector::Replaces(const Place& old, const Place& place, const std::string& title) {
  if (old.layer < place.layer) return true;
  AddFault(place.text + ": " + title + " is already at " + old.text +
           "; remove one, or give them namespaces of their own");
  return false;
}

Result<std::shared_ptr<const ResourceSet>> ResourceCollector::Finish() {
  if (!faults_.empty()) {
    std::string message;
    for (std::size_t i = 0; i < std::min(faults_.size(), kMaxFaultsTold); ++i) {
      message += (i == 0 ? "" : "\n") + faults_[i];
    }
    if (faults_.size() > kMaxFaultsTold) {
      message += "\nand " + std::to_string(faults_.size() - kMaxFaultsTold) + " more";
    }
    return Fail(ErrorKind::kFile, std::move(message));
  }
  DropReplacedOfCluster();
  auto set = std::make_shared<ResourceSet>();
  std::map<std::string, ComponentList> own;
  for (const auto& [key, found] : components_) own[key.first].push_back(found.component);
  set->everywhere_ = Sorted(own[""]);
  own.erase("");
  for (auto& [name, list] : own) {
    set->by_namespace_[name] = Sorted(WithEverywhere(std::move(list), *set->everywhere_));
  }
  set->mtls_enabled = mtls_enabled_;
  set->component_count = components_.size();
  set->ignored_count = ignored_count_;
  return set;
}

}  // namespace injector::webhook
