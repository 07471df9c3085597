#include "webhook/component_store.h"

#include <gmock/gmock.h>

namespace injector::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using webhook::ComponentStore;

json Object(const std::string& name, const std::string& namespace_name,
            const std::string& type = "state.acme") {
  json object = json::parse(R"({"metadata": {}, "spec": {}})");
  object["metadata"]["name"] = name;
  object["metadata"]["namespace"] = namespace_name;
  object["spec"]["type"] = type;
  return object;
}

void Replace(ComponentStore& store, const std::vector<json>& items) {
  store.Begin();
  for (const json& item : items) store.Add(item);
  store.Commit();
}

std::vector<std::string> Names(const patch::ComponentList& list) {
  std::vector<std::string> names;
  for (const auto& component : list) names.push_back(component->name);
  return names;
}

std::vector<std::string> NamesIn(const ComponentStore& store, std::string_view namespace_name) {
  return Names(*store.Find(namespace_name));
}

TEST(ComponentStore, NewStoreHoldsNothing) {
  const ComponentStore store;
  EXPECT_THAT(NamesIn(store, "shop"), IsEmpty());
  EXPECT_EQ(store.Size(), 0U);
}

TEST(ComponentStore, ReplacedComponentsAreFoundByNamespaceAndName) {
  ComponentStore store;
  Replace(store, {Object("b", "shop"), Object("a", "shop"), Object("c", "bank")});
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("a", "b"));
  EXPECT_THAT(NamesIn(store, "bank"), ElementsAre("c"));
  EXPECT_EQ(store.Size(), 3U);
}

TEST(ComponentStore, ReplaceForgetsWhatIsNotAmongTheItems) {
  ComponentStore store;
  Replace(store, {Object("a", "shop"), Object("c", "bank")});
  Replace(store, {Object("b", "shop")});
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("b"));
  EXPECT_THAT(NamesIn(store, "bank"), IsEmpty());
  EXPECT_EQ(store.Size(), 1U);
}

TEST(ComponentStore, WhatIsNotCommittedIsNeverSeen) {
  ComponentStore store;
  Replace(store, {Object("a", "shop")});
  store.Begin();
  store.Add(Object("half", "shop"));
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("a"));
  Replace(store, {Object("b", "shop")});
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("b"));
}

TEST(ComponentStore, PutAddsAndChanges) {
  ComponentStore store;
  store.Put(Object("a", "shop", "state.one"));
  store.Put(Object("a", "shop", "state.two"));
  store.Put(Object("b", "shop"));
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("a", "b"));
  EXPECT_EQ(store.Find("shop")->front()->type, "state.two");
  EXPECT_EQ(store.Size(), 2U);
}

TEST(ComponentStore, RemoveTakesOneAway) {
  ComponentStore store;
  Replace(store, {Object("a", "shop"), Object("b", "shop")});
  store.Remove(Object("a", "shop"));
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("b"));
  store.Remove(Object("b", "shop"));
  store.Remove(Object("b", "shop"));
  store.Remove(Object("x", "elsewhere"));
  EXPECT_THAT(NamesIn(store, "shop"), IsEmpty());
  EXPECT_EQ(store.Size(), 0U);
}

TEST(ComponentStore, ListThatWasHandedOutDoesNotChange) {
  ComponentStore store;
  store.Put(Object("a", "shop"));
  const auto before = store.Find("shop");
  store.Put(Object("b", "shop"));
  Replace(store, {});
  EXPECT_THAT(Names(*before), ElementsAre("a"));
}

TEST(ComponentStore, ObjectThatIsNoComponentIsAFaultOfItsOwn) {
  ComponentStore store;
  Replace(store, {json(5), Object("a", "shop"), json::parse(R"({"metadata": {"name": 7}})")});
  store.Put(json::array());
  EXPECT_THAT(NamesIn(store, "shop"), ElementsAre("a"));
}

TEST(ListedComponents, AreByName) {
  webhook::ListedComponents listed;
  listed.Add(Object("b", "shop"));
  listed.Add(Object("a", "shop"));
  EXPECT_THAT(Names(*listed.List()), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace injector::test
