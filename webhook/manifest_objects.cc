#include "webhook/manifest_objects.h"

#include <cstddef>
#include <utility>

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kList = "List";

std::string GroupOf(const std::string& api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string::npos ? "" : api_version.substr(0, slash);
}

// What an item of a typed list is when it does not say so itself.
struct Inherited {
  std::string api_version;
  std::string kind;
};

void Visit(const Json& value, const std::string& pointer, const Inherited& inherited,
           const std::function<void(const ManifestObject&)>& visit) {
  std::string api_version = TextMember(value, "apiVersion");
  std::string kind = TextMember(value, "kind");
  if (kind.empty()) kind = inherited.kind;
  if (api_version.empty()) api_version = inherited.api_version;
  const auto items = value.find("items");
  const bool list = kind.ends_with(kList) && items != value.end() && items->is_array();
  if (!list) return visit({value, pointer, GroupOf(api_version), kind});
  const std::string item_kind = kind.substr(0, kind.size() - kList.size());
  const Inherited below{item_kind.empty() ? "" : api_version, item_kind};
  for (std::size_t i = 0; i < items->size(); ++i) {
    Visit((*items)[i], pointer + "/items/" + std::to_string(i), below, visit);
  }
}

}  // namespace

void ForEachObject(const Json& document, const std::function<void(const ManifestObject&)>& visit) {
  Visit(document, "", {}, visit);
}

std::string TextMember(const Json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string MetadataText(const Json& object, const char* key) {
  const auto metadata = object.find("metadata");
  return metadata == object.end() ? "" : TextMember(*metadata, key);
}

std::string Title(std::string_view kind, std::string_view name) {
  std::string title(kind);
  if (!name.empty()) title.append(" ").append(name);
  return title;
}

}  // namespace injector::webhook
