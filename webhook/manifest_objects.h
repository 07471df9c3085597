#pragma once

// The Kubernetes objects of a manifest: the document itself, or the items of a List, to any depth.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace injector::webhook {

struct ManifestObject {
  const nlohmann::ordered_json& value;
  std::string pointer;    // JSON pointer inside the document, "" for the document itself
  std::string api_group;  // "apps" of "apps/v1", "" of "v1"
  std::string kind;       // "" when there is none
};

// Calls `visit` for each object of the document, in order; a List itself is none. Items of a typed
// list such as DeploymentList need no kind of their own.
// Source: meta/v1 List; k8s.io/apimachinery/pkg/api/meta EachListItem.
void ForEachObject(const nlohmann::ordered_json& document,
                   const std::function<void(const ManifestObject&)>& visit);

// The member when it is a string, else "".
[[nodiscard]] std::string TextMember(const nlohmann::ordered_json& object, const char* key);

// metadata.<key> when it is a string, else "".
[[nodiscard]] std::string MetadataText(const nlohmann::ordered_json& object, const char* key);

// "Deployment web", or "Deployment" when it has no name.
[[nodiscard]] std::string Title(std::string_view kind, std::string_view name);

}  // namespace injector::webhook
