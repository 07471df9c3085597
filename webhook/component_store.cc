#include "webhook/component_store.h"

#include <utility>

namespace injector::webhook {
namespace {

std::shared_ptr<const patch::Component> Parse(const nlohmann::json& object) {
  return std::make_shared<const patch::Component>(patch::ParseComponent(object));
}

template <class Map>
std::shared_ptr<const patch::ComponentList> ListOf(const Map& by_name) {
  auto list = std::make_shared<patch::ComponentList>();
  list->reserve(by_name.size());
  for (const auto& [name, component] : by_name) list->push_back(component);
  return list;
}

const std::shared_ptr<const patch::ComponentList>& NoComponents() {
  static const auto none = std::make_shared<const patch::ComponentList>();
  return none;
}

}  // namespace

std::shared_ptr<const patch::ComponentList> ComponentStore::Find(
    std::string_view namespace_name) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(namespace_name);
  return found == lists_.end() ? NoComponents() : found->second;
}

void ComponentStore::Replace(std::vector<nlohmann::json> items) {
  std::map<std::string, Namespace> fresh;
  std::size_t size = 0;
  for (nlohmann::json& item : items) {
    auto component = Parse(item);
    item = nullptr;  // a big cluster's JSON is not held beside what was read from it
    Namespace& by_name = fresh[component->namespace_name];
    if (by_name.insert_or_assign(component->name, std::move(component)).second) ++size;
  }
  Lists lists;
  for (const auto& [name, by_name] : fresh) lists.emplace(name, ListOf(by_name));
  objects_ = std::move(fresh);
  size_ = size;
  const std::lock_guard lock(mutex_);
  lists_.swap(lists);
}

void ComponentStore::Put(const nlohmann::json& object) {
  auto component = Parse(object);
  const std::string namespace_name = component->namespace_name;
  Namespace& by_name = objects_[namespace_name];
  if (by_name.insert_or_assign(component->name, std::move(component)).second) ++size_;
  Publish(namespace_name);
}

void ComponentStore::Remove(const nlohmann::json& object) {
  const auto component = Parse(object);
  const auto found = objects_.find(component->namespace_name);
  if (found == objects_.end() || found->second.erase(component->name) == 0) return;
  --size_;
  if (found->second.empty()) objects_.erase(found);
  Publish(component->namespace_name);
}

void ComponentStore::Publish(const std::string& namespace_name) {
  const auto found = objects_.find(namespace_name);
  auto list = found == objects_.end() ? nullptr : ListOf(found->second);
  const std::lock_guard lock(mutex_);
  if (list == nullptr) {
    lists_.erase(namespace_name);
  } else {
    lists_.insert_or_assign(namespace_name, std::move(list));
  }
}

std::shared_ptr<const patch::ComponentList> MakeComponentList(
    const std::vector<nlohmann::json>& items) {
  std::map<std::string, std::shared_ptr<const patch::Component>> by_name;
  for (const nlohmann::json& item : items) {
    auto component = Parse(item);
    by_name.insert_or_assign(component->name, std::move(component));
  }
  return ListOf(by_name);
}

}  // namespace injector::webhook
