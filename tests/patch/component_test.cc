#include "patch/component.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace injector::test {
namespace {

using nlohmann::json;
using patch::Component;
using patch::ErrorKind;
using patch::ParseComponent;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kLedger = R"({
  "apiVersion": "dapr.io/v1alpha1", "kind": "Component",
  "metadata": {"name": "ledger", "namespace": "shop", "resourceVersion": "8841",
    "annotations": {"dapr.io/component-container": "{\"image\": \"r/ledger:1\"}",
                    "component-injector.dapr.io/placement": "container",
                    "component-injector.dapr.io/wait": "false"}},
  "spec": {"type": "state.ledger", "version": "v1", "ignoreErrors": true, "metadata": []},
  "scopes": ["orders", "billing"]})";

// kLedger with the value at `pointer` replaced.
Component With(const char* pointer, const json& value) {
  json manifest = json::parse(kLedger);
  manifest[json::json_pointer(pointer)] = value;
  return ParseComponent(manifest);
}

TEST(ParseComponent, EveryFieldIsRead) {
  const Component component = ParseComponent(json::parse(kLedger));
  EXPECT_FALSE(component.fault);
  EXPECT_EQ(component.name, "ledger");
  EXPECT_EQ(component.namespace_name, "shop");
  EXPECT_EQ(component.resource_version, "8841");
  EXPECT_EQ(component.type, "state.ledger");
  EXPECT_EQ(component.version, "v1");
  EXPECT_TRUE(component.ignore_errors);
  EXPECT_THAT(component.scopes, ElementsAre("orders", "billing"));
  EXPECT_TRUE(component.placement_container);
  EXPECT_FALSE(component.wait);
  EXPECT_THAT(component.annotation_faults, IsEmpty());
  EXPECT_TRUE(component.declares_container);
  EXPECT_FALSE(component.container_fault);
  EXPECT_EQ(component.container.image, "r/ledger:1");
}

TEST(ParseComponent, OnlyTheNameIsNeeded) {
  const Component component = ParseComponent(json::parse(R"({"metadata": {"name": "ledger"}})"));
  EXPECT_FALSE(component.fault);
  EXPECT_FALSE(component.declares_container);
  EXPECT_FALSE(component.placement_container);
  EXPECT_TRUE(component.wait);
  EXPECT_FALSE(component.ignore_errors);
  EXPECT_THAT(component.scopes, IsEmpty());
}

TEST(ParseComponent, NullIsMissing) {
  const Component component = ParseComponent(json::parse(
      R"({"metadata": {"name": "ledger", "annotations": null}, "spec": null, "scopes": null})"));
  EXPECT_FALSE(component.fault);
}

TEST(ParseComponent, EmptyAnnotationDeclaresNoContainer) {
  EXPECT_FALSE(With("/metadata/annotations/dapr.io~1component-container", "").declares_container);
}

TEST(ParseComponent, UnusableContainerIsAFaultOfTheContainerOnly) {
  const Component component = With("/metadata/annotations/dapr.io~1component-container", "null");
  EXPECT_FALSE(component.fault);
  EXPECT_TRUE(component.declares_container);
  ASSERT_TRUE(component.container_fault);
  EXPECT_EQ(component.container_fault->kind, ErrorKind::kInvalidContainer);
}

TEST(ParseComponent, WordsOfOursThatMeanNothingAreFaultsAndIgnored) {
  const Component placed = With("/metadata/annotations/component-injector.dapr.io~1placement", "x");
  EXPECT_FALSE(placed.placement_container);
  EXPECT_THAT(placed.annotation_faults, SizeIs(1));
  const Component waiting = With("/metadata/annotations/component-injector.dapr.io~1wait", "no");
  EXPECT_TRUE(waiting.wait);
  EXPECT_THAT(waiting.annotation_faults, SizeIs(1));
}

TEST(ParseComponent, DefaultsSpelledOutAreFine) {
  json manifest = json::parse(kLedger);
  manifest["metadata"]["annotations"]["component-injector.dapr.io/placement"] = "sidecar";
  manifest["metadata"]["annotations"]["component-injector.dapr.io/wait"] = "true";
  const Component component = ParseComponent(manifest);
  EXPECT_FALSE(component.placement_container);
  EXPECT_TRUE(component.wait);
  EXPECT_THAT(component.annotation_faults, IsEmpty());
}

TEST(ParseComponent, NameMissingIsAFault) {
  const Component component = ParseComponent(json::parse(R"({"metadata": {}})"));
  ASSERT_TRUE(component.fault);
  EXPECT_EQ(component.fault->kind, ErrorKind::kMalformedObject);
  EXPECT_EQ(component.fault->where, "/metadata/name");
}

TEST(ParseComponent, WhatIsNoObjectIsAFault) {
  for (const char* text : {"null", "[]", "5", R"("ledger")"}) {
    const Component component = ParseComponent(json::parse(text));
    ASSERT_TRUE(component.fault) << text;
    EXPECT_EQ(component.fault->kind, ErrorKind::kMalformedObject) << text;
  }
}

struct WrongType {
  const char* pointer;
  const char* value;
};

TEST(ParseComponent, WrongTypeIsAFaultAtItsPlace) {
  for (const auto& [pointer, value] :
       {WrongType{"/metadata", "[]"}, WrongType{"/metadata/name", "5"},
        WrongType{"/metadata/namespace", "true"}, WrongType{"/metadata/resourceVersion", "8841"},
        WrongType{"/metadata/annotations", "\"x\""}, WrongType{"/spec", "[]"},
        WrongType{"/spec/type", "{}"}, WrongType{"/spec/version", "1"},
        WrongType{"/spec/ignoreErrors", "\"true\""}, WrongType{"/scopes", "\"orders\""},
        WrongType{"/scopes/1", "5"},
        WrongType{"/metadata/annotations/dapr.io~1component-container", "{}"}}) {
    const Component component = With(pointer, json::parse(value));
    ASSERT_TRUE(component.fault) << pointer;
    EXPECT_EQ(component.fault->kind, ErrorKind::kMalformedObject) << pointer;
    EXPECT_EQ(component.fault->where, json::json_pointer(pointer).to_string());
  }
}

TEST(ComponentInScope, NoScopesAreEveryone) {
  EXPECT_TRUE(Component().InScope("orders"));
}

TEST(ComponentInScope, NameMustBeEqual) {
  Component component;
  component.scopes = {"Orders", " orders", "orders-v2"};
  EXPECT_FALSE(component.InScope("orders"));
  EXPECT_TRUE(component.InScope("orders-v2"));
}

}  // namespace
}  // namespace injector::test
