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
  static const auto kNone = std::make_shared<const patch::ComponentList>();
  return kNone;
}

}  // namespace

std::shared_ptr<const patch::ComponentList> ComponentStore::Find(
    std::string_view namespace_name) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(namespace_name);
  return found == lists_.end() ? NoComponents() : found->second;
}

void ComponentStore::Objects::Put(std::shared_ptr<const patch::Component> component) {
  Namespace& by_name = by_namespace[component->namespace_name];
  if (by_name.insert_or_assign(component->name, std::move(component)).second) ++size;
}

void ComponentStore::Add(const nlohmann::json& object) {
  next_.Put(Parse(object));
}

void ComponentStore::Commit() {
  Lists lists;
  for (const auto& [name, by_name] : next_.by_namespace) lists.emplace(name, ListOf(by_name));
  objects_ = std::exchange(next_, {});
  size_ = objects_.size;
  const std::lock_guard lock(mutex_);
  lists_.swap(lists);
}

void ComponentStore::Put(const nlohmann::json& object) {
  auto component = Parse(object);
  const std::string namespace_name = component->namespace_name;
  objects_.Put(std::move(component));
  Publish(namespace_name);
}

void ComponentStore::Remove(const nlohmann::json& object) {
  const auto component = Parse(object);
  const auto found = objects_.by_namespace.find(component->namespace_name);
  if (found == objects_.by_namespace.end()) return;
  objects_.size -= found->second.erase(component->name);
  if (found->second.empty()) objects_.by_namespace.erase(found);
  Publish(component->namespace_name);
}

void ComponentStore::Publish(const std::string& namespace_name) {
  size_ = objects_.size;
  const auto found = objects_.by_namespace.find(namespace_name);
  auto list = found == objects_.by_namespace.end() ? nullptr : ListOf(found->second);
  const std::lock_guard lock(mutex_);
  if (list == nullptr) {
    lists_.erase(namespace_name);
  } else {
    lists_.insert_or_assign(namespace_name, std::move(list));
  }
}

void ListedComponents::Add(const nlohmann::json& object) {
  auto component = Parse(object);
  by_name_.insert_or_assign(component->name, std::move(component));
}

std::shared_ptr<const patch::ComponentList> ListedComponents::List() const {
  return ListOf(by_name_);
}

}  // namespace injector::webhook
