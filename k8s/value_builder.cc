#include "k8s/value_builder.h"

#include <utility>

#include "k8s/manifest.h"

namespace injector::k8s {
namespace {

constexpr std::size_t kQuotedKeyBytes = 60;

std::string Quoted(const std::string& key) {
  return "\"" + key.substr(0, kQuotedKeyBytes) + "\"";
}

}  // namespace

bool ValueBuilder::AwaitsKey() const {
  if (open_.empty()) return false;
  const Open& top = open_.back();
  return top.value.is_object() && !top.has_key && !top.merging;
}

ValueBuilder::Outcome ValueBuilder::Begin(Json empty_object_or_array) {
  if (open_.size() >= kMaxManifestDepth) {
    return tl::unexpected("nested deeper than " + std::to_string(kMaxManifestDepth) + " levels");
  }
  open_.emplace_back();
  open_.back().value = std::move(empty_object_or_array);
  return {};
}

ValueBuilder::Outcome ValueBuilder::Key(std::string key) {
  Open& top = open_.back();
  const auto present = top.members.find(key);
  if (present != top.members.end() && !present->second.merged) {
    return tl::unexpected("key " + Quoted(key) + " is there twice");
  }
  top.key = std::move(key);
  top.has_key = true;
  return {};
}

ValueBuilder::Outcome ValueBuilder::MergeKey() {
  Open& top = open_.back();
  if (top.has_merged) return tl::unexpected(std::string("key \"<<\" is there twice"));
  top.merging = true;
  top.has_merged = true;
  return {};
}

ValueBuilder::Outcome ValueBuilder::Value(Json value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return {};
  }
  Open& top = open_.back();
  if (top.value.is_array()) {
    top.value.push_back(std::move(value));
    return {};
  }
  if (top.merging) {
    top.merging = false;
    return Merge(top, std::move(value));
  }
  top.has_key = false;
  Append(top, top.key, std::move(value), /*merged=*/false);
  return {};
}

ValueBuilder::Outcome ValueBuilder::End() {
  Json value = std::move(open_.back().value);
  open_.pop_back();
  return Value(std::move(value));
}

ValueBuilder::Outcome ValueBuilder::Merge(Open& into, Json source) {
  if (!source.is_array()) return MergeOne(into, source);
  for (Json& one : source) {
    if (auto merged = MergeOne(into, one); !merged) return merged;
  }
  return {};
}

ValueBuilder::Outcome ValueBuilder::MergeOne(Open& into, Json& source) {
  if (!source.is_object()) {
    return tl::unexpected("expected a map or a list of maps behind \"<<\", found " +
                          std::string(source.type_name()));
  }
  for (auto& [key, value] : source.get_ref<Json::object_t&>()) {
    const auto present = into.members.find(key);
    if (present == into.members.end()) {
      Append(into, key, std::move(value), /*merged=*/true);
    } else if (!present->second.merged) {
      // YAML lets the key win, Kubernetes' reader lets the merge win.
      return tl::unexpected("\"<<\" sets key " + Quoted(key) +
                            ", which stands before it; put \"<<\" first");
    }
  }
  return {};
}

// Past ordered_json's own insertion, which compares with every key that is there already.
void ValueBuilder::Append(Open& into, const std::string& key, Json value, bool merged) {
  auto& object = into.value.get_ref<Json::object_t&>();
  const auto [member, added] = into.members.try_emplace(key, Member{object.size(), merged});
  if (added) {
    object.emplace_back(key, std::move(value));
    return;
  }
  (object.begin() + static_cast<std::ptrdiff_t>(member->second.index))->second = std::move(value);
  member->second.merged = merged;
}

}  // namespace injector::k8s
