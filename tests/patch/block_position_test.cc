#include "patch/block_position.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/decision_names.h"
#include "tests/support/parsed_pod.h"
#include "tests/support/selection.h"

namespace injector::test {
namespace {

using patch::Decisions;
using patch::FindBlockPosition;
using patch::InitPosition;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kLedgerMountingSecrets =
    R"({"image": "r/ledger:1", "volumeMounts": [{"name": "secrets", "mountPath": "/secrets"}]})";

// Finds the position in a pod with these init containers.
class BlockPosition : public testing::Test {
 protected:
  std::size_t Find(const std::string& init_containers,
                   InitPosition position = InitPosition::kFirst) {
    const ParsedPod pod(R"({"spec": {"initContainers": )" + init_containers + "}}");
    return FindBlockPosition({pod.View(), settings_, position, after_, listed_, selection_.Get()},
                             decisions_);
  }

  patch::Settings settings_;
  std::vector<std::string> after_;
  patch::ListedContainers listed_;
  SelectionBuilder selection_;
  Decisions decisions_;
};

TEST_F(BlockPosition, LastIsBehindAll) {
  EXPECT_EQ(Find(R"([{"name": "a"}, {"name": "istio-init"}])", InitPosition::kLast), 2U);
  EXPECT_EQ(Find("[]", InitPosition::kLast), 0U);
}

TEST_F(BlockPosition, FirstIsBeforeAllThatTheBlockDoesNotNeed) {
  EXPECT_EQ(Find(R"([{"name": "a"}, {"name": "b"}])"), 0U);
  EXPECT_EQ(Find("null"), 0U);
}

TEST_F(BlockPosition, EachMeshIsKnown) {
  for (const char* name :
       {"istio-validation", "istio-init", "istio-proxy", "linkerd-network-validator",
        "linkerd-init", "linkerd-proxy", "consul-connect-inject-init"}) {
    EXPECT_EQ(Find(std::string(R"([{"name": "a"}, {"name": ")") + name + R"("}, {"name": "b"}])"),
              2U)
        << name;
  }
}

TEST_F(BlockPosition, MeshIsASetting) {
  settings_.mesh_init_containers = {"b"};
  EXPECT_EQ(Find(R"([{"name": "a"}, {"name": "b"}, {"name": "istio-init"}])"), 2U);
}

TEST_F(BlockPosition, HighestIndexCounts) {
  EXPECT_EQ(Find(R"([{"name": "istio-init"}, {"name": "a"}, {"name": "istio-proxy"}])"), 3U);
}

TEST_F(BlockPosition, ListedComponentComesBefore) {
  listed_.wired = {{true, 1}, {false, 2}};
  EXPECT_EQ(Find(R"([{"name": "a"}, {"name": "store"}, {"name": "b"}])"), 2U);
}

TEST_F(BlockPosition, WriterOfAComponentsVolumeComesBefore) {
  selection_.Choose({.name = "ledger", .container = kLedgerMountingSecrets});
  EXPECT_EQ(Find(R"([{"name": "a", "volumeMounts": [{"name": "secrets", "mountPath": "/s"}]},
                     {"name": "b"}])"),
            1U);
}

TEST_F(BlockPosition, ReaderOfAComponentsVolumeDoesNot) {
  selection_.Choose({.name = "ledger", .container = kLedgerMountingSecrets});
  EXPECT_EQ(Find(R"([{"name": "a", "volumeMounts": [
                       {"name": "secrets", "mountPath": "/s", "readOnly": true}]}])"),
            0U);
}

TEST_F(BlockPosition, VolumeThatNoComponentMountsDoesNotCount) {
  selection_.Choose({.name = "ledger", .container = kLedgerMountingSecrets});
  EXPECT_EQ(Find(R"([{"name": "a", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}])"), 0U);
}

TEST_F(BlockPosition, WriterOfTheSocketVolumeComesBeforeOnlyIfSomethingIsInjected) {
  constexpr const char* kWriter =
      R"([{"name": "a", "volumeMounts": [
             {"name": "dapr-components-unix-domain-socket", "mountPath": "/s"}]}])";
  EXPECT_EQ(Find(kWriter), 0U);
  selection_.Choose({.name = "ledger", .container = R"({"image": "r/ledger:1"})"});
  EXPECT_EQ(Find(kWriter), 1U);
}

TEST_F(BlockPosition, NamesInAfterComeBefore) {
  after_ = {"b", "a"};
  EXPECT_EQ(Find(R"([{"name": "a"}, {"name": "b"}, {"name": "c"}])"), 2U);
  EXPECT_THAT(decisions_, IsEmpty());
}

TEST_F(BlockPosition, UnknownNamesInAfterAreSaidWhereverTheBlockStands) {
  after_ = {"z"};
  EXPECT_EQ(Find(R"([{"name": "a"}])"), 0U);
  EXPECT_EQ(Find(R"([{"name": "a"}])", InitPosition::kLast), 1U);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("annotation/invalid-value", "annotation/invalid-value"));
}

}  // namespace
}  // namespace injector::test
