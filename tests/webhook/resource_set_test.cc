#include "webhook/resource_set.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using webhook::ResourceCollector;

std::string Component(const std::string& name, const std::string& name_space,
                      const std::string& type = "state.x") {
  return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: " + name + "\n" +
         (name_space.empty() ? "" : "  namespace: " + name_space + "\n") +
         "spec:\n  type: " + type + "\n";
}

std::string DaprSystem(const std::string& enabled) {
  return "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: daprsystem\n"
         "spec:\n  mtls:\n    enabled: " +
         enabled + "\n";
}

// "name:type" of each Component, separated by blanks.
std::string Names(const webhook::ResourceSet& set, const std::string& name_space) {
  std::string names;
  for (const auto& component : *set.ComponentsOf(name_space)) {
    names += (names.empty() ? "" : " ") + component->name + ":" + component->type;
  }
  return names;
}

std::shared_ptr<const webhook::ResourceSet> Collected(const std::string& text) {
  ResourceCollector collector;
  collector.AddText("a.yaml", text);
  return collector.Finish().value();
}

std::string Fault(const std::string& text) {
  ResourceCollector collector;
  collector.AddText("a.yaml", text);
  const auto set = collector.Finish();
  return set ? "no fault" : set.error().message;
}

TEST(ResourceSet, ComponentsAreSortedByName) {
  EXPECT_EQ(Names(*Collected(Component("b", "x") + "---\n" + Component("a", "x")), "x"),
            "a:state.x b:state.x");
}

TEST(ResourceSet, ComponentOfAnotherNamespaceIsNotSeen) {
  EXPECT_EQ(Names(*Collected(Component("a", "x")), "y"), "");
}

TEST(ResourceSet, ComponentWithoutNamespaceBelongsToEveryNamespace) {
  const auto set = Collected(Component("c", "") + "---\n" + Component("d", "x"));
  EXPECT_EQ(Names(*set, "x"), "c:state.x d:state.x");
  EXPECT_EQ(Names(*set, "y"), "c:state.x");
}

TEST(ResourceSet, ComponentOfTheNamespaceWins) {
  const auto set =
      Collected(Component("c", "", "state.any") + "---\n" + Component("c", "x", "state.own"));
  EXPECT_EQ(Names(*set, "x"), "c:state.own");
  EXPECT_EQ(Names(*set, "y"), "c:state.any");
}

TEST(ResourceSet, ItemsOfListsCount) {
  EXPECT_EQ(Names(*Collected(R"({"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "dapr.io/v1alpha1", "kind": "Component", "metadata": {"name": "a"},
                 "spec": {"type": "state.x"}}]})"),
                  "x"),
            "a:state.x");
}

TEST(ResourceSet, OtherKindsAreCounted) {
  const auto set =
      Collected("apiVersion: v1\nkind: Service\n---\n" + Component("a", "") + "---\nimages: []\n");
  EXPECT_EQ(set->ignored_count, 2U);
  EXPECT_EQ(set->component_count, 1U);
}

TEST(ResourceSet, DaprSystemSwitchesMtls) {
  EXPECT_TRUE(Collected("")->mtls_enabled);
  EXPECT_TRUE(Collected(DaprSystem("true"))->mtls_enabled);
  EXPECT_FALSE(Collected(DaprSystem("false"))->mtls_enabled);
  EXPECT_TRUE(Collected(DaprSystem("~"))->mtls_enabled);
}

TEST(ResourceSet, ComponentWithAFaultIsKeptWithIt) {
  const auto set = Collected(Component("a", "", "5"));
  ASSERT_EQ(set->ComponentsOf("x")->size(), 1U);
  EXPECT_TRUE(set->ComponentsOf("x")->front()->fault);
}

TEST(ResourceSet, TwoComponentsOfOneNameNameBothPlaces) {
  EXPECT_EQ(
      Fault(Component("a", "x") + "---\n" + Component("a", "y") + "---\n" + Component("a", "x")),
      "a.yaml:17:1: Component a is already at a.yaml:1:1; remove one, or give them "
      "namespaces of their own");
}

TEST(ResourceSet, EveryFaultIsTold) {
  ResourceCollector collector;
  collector.AddText("a.yaml", "a: 1\na: 2\n");
  collector.AddText("b.yaml", Component("\"\"", "") + "---\n- 1\n---\n" + DaprSystem("maybe"));
  const auto set = collector.Finish();
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message,
            "a.yaml:2:1: key \"a\" is there twice\n"
            "b.yaml:1:1: /metadata/name: the Component has no name\n"
            "b.yaml:8:1: expected an object with apiVersion and kind, found array\n"
            "b.yaml:10:1: /spec/mtls/enabled: expected true or false, found string");
}

TEST(ResourceSet, LaterLayerReplaces) {
  ResourceCollector collector;
  collector.AddText("a.yaml", Component("a", "", "state.old") + "---\n" + DaprSystem("false"));
  collector.StartOver();
  collector.AddText("b.yaml", Component("a", "", "state.new") + "---\n" + DaprSystem("true"));
  const auto set = collector.Finish().value();
  EXPECT_EQ(Names(*set, "x"), "a:state.new");
  EXPECT_TRUE(set->mtls_enabled);
}

}  // namespace
}  // namespace injector::test
