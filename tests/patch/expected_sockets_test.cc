#include "patch/expected_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/decision_names.h"
#include "tests/support/selection.h"

namespace injector::test {
namespace {

using patch::Component;
using patch::Decisions;
using patch::ExpectedSocket;
using patch::ExpectSockets;
using patch::SocketNameOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr bool kWaits = true;
constexpr const char* kImage = R"({"image": "r/acme:1"})";

std::string SocketOf(const char* type, const char* version = "v1") {
  Component component;
  component.type = type;
  component.version = version;
  return SocketNameOf(component);
}

TEST(SocketNameOf, IsTheTextBehindTheFirstDotInLowerCase) {
  EXPECT_EQ(SocketOf("state.redis"), "redis");
  EXPECT_EQ(SocketOf("bindings.Azure.BlobStorage"), "azure.blobstorage");
  EXPECT_EQ(SocketOf("pubsub.ACME-Kafka"), "acme-kafka");
}

TEST(SocketNameOf, FourKindsHaveOne) {
  EXPECT_EQ(SocketOf("pubsub.x"), "x");
  EXPECT_EQ(SocketOf("state.x"), "x");
  EXPECT_EQ(SocketOf("bindings.x"), "x");
  EXPECT_EQ(SocketOf("secretstores.x"), "x");
  for (const char* type : {"lock.x", "configuration.x", "middleware.http.x", "State.x", "x"}) {
    EXPECT_EQ(SocketOf(type), "") << type;
  }
}

TEST(SocketNameOf, VersionIsNoneOrZeroOrOne) {
  EXPECT_EQ(SocketOf("state.x", ""), "x");
  EXPECT_EQ(SocketOf("state.x", "v0"), "x");
  EXPECT_EQ(SocketOf("state.x", "v2"), "");
  EXPECT_EQ(SocketOf("state.x", "V1"), "");
}

TEST(SocketNameOf, NothingThatIsNoFileNameIsASocket) {
  EXPECT_EQ(SocketOf("state.../x"), "");
  EXPECT_EQ(SocketOf("state."), "");
  EXPECT_EQ(SocketOf(""), "");
}

TEST(ExpectSockets, ChosenAndMergedComponentsComeByName) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.first"})
      .Choose({.name = "c", .container = R"({"image": "r/other:1"})", .type = "state.third"})
      .Merge({.name = "b", .container = kImage, .type = "pubsub.second"}, 0)
      .Merge({.name = "d", .container = kImage, .type = "pubsub.fourth"}, 0);
  Decisions decisions;
  const auto expected = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(expected, SizeIs(4));
  EXPECT_EQ(expected[0].socket, "first");
  EXPECT_EQ(expected[1].socket, "second");
  EXPECT_EQ(expected[1].image, "r/acme:1");
  EXPECT_EQ(expected[2].socket, "third");
  EXPECT_EQ(expected[2].image, "r/other:1");
  EXPECT_EQ(expected[3].socket, "fourth");
  EXPECT_THAT(decisions, IsEmpty());
}

TEST(ExpectSockets, OneSocketOfTwoComponentsIsOneEntry) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.acme"})
      .Merge({.name = "b", .container = kImage, .type = "pubsub.Acme"}, 0);
  Decisions decisions;
  const auto expected = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(expected, SizeIs(1));
  EXPECT_THAT(expected[0].components, ElementsAre("a", "b"));
}

TEST(ExpectSockets, SoftOnlyIfEveryComponentForgives) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.acme", .ignore_errors = true})
      .Merge({.name = "b", .container = kImage, .type = "pubsub.acme", .ignore_errors = true}, 0);
  Decisions decisions;
  const auto soft = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(soft, SizeIs(1));
  EXPECT_TRUE(soft[0].soft);
  EXPECT_THAT(NamesOf(decisions),
              ElementsAre("component/awaited-softly a", "component/awaited-softly b"));

  built.Merge({.name = "c", .container = kImage, .type = "bindings.acme"}, 0);
  const auto hard = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(hard, SizeIs(1));
  EXPECT_FALSE(hard[0].soft);
}

TEST(ExpectSockets, NoteTellsWhatAMergeLost) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.first"})
      .Merge({.name = "b", .container = kImage, .type = "state.second"}, 0, /*differs=*/true);
  Decisions decisions;
  const auto expected = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(expected, SizeIs(2));
  EXPECT_EQ(expected[0].note, "");
  EXPECT_EQ(expected[1].note, "the env and args of b were dropped, since a has the same image");
}

TEST(ExpectSockets, OtherTypesAreSaidAndNotAwaited) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "lock.acme"});
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), kWaits, decisions), IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("component/not-pluggable-type a"));
}

TEST(ExpectSockets, WaitFalseIsNotAwaited) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .wait = "false"});
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), kWaits, decisions), IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("component/not-awaited a"));
}

TEST(ExpectSockets, WaitFalseOfTheContainersOwnerCountsForAllItServes) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.first", .wait = "false"})
      .Merge({.name = "b", .container = kImage, .type = "state.second"}, 0);
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), kWaits, decisions), IsEmpty());
  EXPECT_THAT(NamesOf(decisions),
              ElementsAre("component/not-awaited a", "component/not-awaited b"));
}

TEST(ExpectSockets, WhatStartsBesideDaprdIsNotAwaited) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.a", .placement = "container"})
      .Merge({.name = "b", .container = kImage, .type = "state.b"}, 0);
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), kWaits, decisions), IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("component/not-awaited b"));
}

TEST(ExpectSockets, PlacementContainerOfAComponentThatIsServedIsRespected) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .type = "state.a"})
      .Merge({.name = "b", .container = kImage, .type = "state.b", .placement = "container"}, 0);
  Decisions decisions;
  const auto expected = ExpectSockets(built.Get(), kWaits, decisions);
  ASSERT_THAT(expected, SizeIs(1));
  EXPECT_EQ(expected[0].socket, "a");
  EXPECT_THAT(NamesOf(decisions), ElementsAre("component/not-awaited b"));
}

TEST(ExpectSockets, PodThatWaitsForNobodySaysNothingOfTheWait) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage, .ignore_errors = true})
      .Choose({.name = "b", .container = R"({"image": "r/b:1"})", .wait = "false"})
      .Choose({.name = "c", .container = R"({"image": "r/c:1"})", .type = "lock.c"});
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), /*waits=*/false, decisions), IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("component/not-pluggable-type c"));
}

TEST(ExpectSockets, SocketThatIsNotSharedIsNotAwaited) {
  SelectionBuilder built;
  built.Choose({.name = "a", .container = kImage}, /*socket_shared=*/false);
  Decisions decisions;
  EXPECT_THAT(ExpectSockets(built.Get(), kWaits, decisions), IsEmpty());
}

TEST(ExpectSockets, NothingChosenNothingExpected) {
  Decisions decisions;
  EXPECT_THAT(ExpectSockets({}, kWaits, decisions), IsEmpty());
  EXPECT_THAT(decisions, IsEmpty());
}

}  // namespace
}  // namespace injector::test
