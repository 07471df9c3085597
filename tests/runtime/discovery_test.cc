#include "runtime/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/fake_component.h"
#include "support/fake_socket.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::DaprdEffect;
using runtime::Discovery;
using runtime::Kind;
using runtime::SocketReport;
using runtime::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr char kState[] = "dapr.proto.components.v1.StateStore";
constexpr char kPubSub[] = "dapr.proto.components.v1.PubSub";

class DiscoveryTest : public testing::Test {
 protected:
  Discovery Find() {
    auto found = runtime::Discover(folder_.path(), options_);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Discovery{};
  }
  SocketReport Only() {
    const Discovery found = Find();
    EXPECT_EQ(found.sockets.size(), 1U);
    return found.sockets.empty() ? SocketReport{} : found.sockets[0];
  }

  ScopedTempDir folder_;
  runtime::ProbeOptions options_{500ms, 500ms, std::nullopt};
};

TEST_F(DiscoveryTest, ComponentIsNamedWithItsKindsAndReflection) {
  const FakeComponent component(folder_ / "Redis.sock", {{kState, kPubSub, "some.other.Service"}});
  const SocketReport report = Only();
  EXPECT_EQ(report.verdict, Verdict::kServes);
  EXPECT_EQ(report.component, "redis");
  EXPECT_THAT(report.kinds, ElementsAre(Kind::kPubSub, Kind::kState));
  EXPECT_EQ(report.reflection, "v1alpha");
  EXPECT_EQ(EffectOf(report.verdict), DaprdEffect::kRegisters);
  EXPECT_GT(report.took, 0us);
}

TEST_F(DiscoveryTest, ReflectionOfVersion1AloneMakesDaprdGiveUp) {
  ReflectionStyle style{{kState}};
  style.v1alpha = false;
  const FakeComponent component(folder_ / "a.sock", style);
  const SocketReport report = Only();
  EXPECT_EQ(report.verdict, Verdict::kV1Only);
  EXPECT_THAT(report.kinds, ElementsAre(Kind::kState));
  EXPECT_EQ(report.reflection, "v1");
  EXPECT_EQ(EffectOf(report.verdict), DaprdEffect::kAborts);
}

TEST_F(DiscoveryTest, ServerWithoutReflectionMakesDaprdGiveUp) {
  ReflectionStyle style{{kState}};
  style.v1alpha = style.v1 = false;
  const FakeComponent component(folder_ / "a.sock", style);
  EXPECT_EQ(Only().verdict, Verdict::kNoReflection);
  EXPECT_EQ(EffectOf(Verdict::kNoReflection), DaprdEffect::kAborts);
}

TEST_F(DiscoveryTest, ReflectionThatNeverAnswersIsMuteAfterItsDeadline) {
  ReflectionStyle style{{kState}};
  style.mute = true;
  const FakeComponent component(folder_ / "a.sock", style);
  EXPECT_EQ(Only().verdict, Verdict::kReflectionMute);
  EXPECT_EQ(EffectOf(Verdict::kReflectionMute), DaprdEffect::kHangs);
}

TEST_F(DiscoveryTest, ReflectionThatFailsIsToldWithItsWords) {
  ReflectionStyle style{{kState}};
  style.fails = true;
  const FakeComponent component(folder_ / "a.sock", style);
  const SocketReport report = Only();
  EXPECT_EQ(report.verdict, Verdict::kReflectionFails);
  EXPECT_THAT(report.detail, HasSubstr("reflection is out of order"));
}

TEST_F(DiscoveryTest, ReflectionWithoutAListFails) {
  ReflectionStyle style{{kState}};
  style.no_list = true;
  const FakeComponent component(folder_ / "a.sock", style);
  EXPECT_EQ(Only().verdict, Verdict::kReflectionFails);
}

TEST_F(DiscoveryTest, ServerWithoutComponentServicesIsPassedOver) {
  const FakeComponent component(folder_ / "a.sock", {{"some.other.Service"}});
  EXPECT_EQ(Only().verdict, Verdict::kNoComponent);
  EXPECT_EQ(EffectOf(Verdict::kNoComponent), DaprdEffect::kPassesOver);
}

TEST_F(DiscoveryTest, StaleSocketIsNamed) {
  LeaveStaleSocket(folder_ / "a.sock");
  EXPECT_EQ(Only().verdict, Verdict::kStale);
  EXPECT_EQ(EffectOf(Verdict::kStale), DaprdEffect::kHangs);
}

TEST_F(DiscoveryTest, MuteSocketIsNamedWithinItsDeadlineAndTheOthersAreKept) {
  const MuteSocket mute(folder_ / "a.sock");
  const FakeComponent component(folder_ / "b.sock", {{kState}});
  const auto begin = std::chrono::steady_clock::now();
  const Discovery found = Find();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  ASSERT_EQ(found.sockets.size(), 2U);
  EXPECT_EQ(found.sockets[0].verdict, Verdict::kMute);
  EXPECT_EQ(found.sockets[1].verdict, Verdict::kServes);
  EXPECT_THAT(PredictDaprd(found).sentence,
              HasSubstr("would hang on a.sock for ever and find none of 1 component"));
}

TEST_F(DiscoveryTest, ManyMuteSocketsCostOneDeadline) {
  std::vector<std::unique_ptr<MuteSocket>> sockets;
  for (int i = 0; i < 40; ++i)
    sockets.push_back(std::make_unique<MuteSocket>(folder_ / (std::to_string(i) + ".sock")));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Find().sockets.size(), 40U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 40 * 500ms / 4);
}

TEST_F(DiscoveryTest, ModeThatKeepsDaprdsUserOutIsClosed) {
  options_.daprd_user = runtime::User{65532, 65532};
  const FakeComponent component(folder_ / "a.sock", {{kState}});
  ASSERT_EQ(::chmod((folder_ / "a.sock").c_str(), 0755), 0);
  EXPECT_EQ(Only().verdict, Verdict::kClosed);
  ASSERT_EQ(::chmod((folder_ / "a.sock").c_str(), 0642), 0);
  EXPECT_EQ(Only().verdict, Verdict::kServes) << "write permission is what counts";
}

TEST_F(DiscoveryTest, SocketWithoutPermissionIsDenied) {
  const FakeComponent component(folder_ / "a.sock", {{kState}});
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod((folder_ / "a.sock").c_str(), 0000), 0);
  ::setfsuid(65532);  // this thread's alone: root may connect to everything
  EXPECT_EQ(Only().verdict, Verdict::kDenied);
  ::setfsuid(::geteuid());
}

TEST_F(DiscoveryTest, FilesFoldersAndLinksArePassedOver) {
  folder_.Write("file.sock", "text");
  folder_.Write("folder/file", "text");
  std::filesystem::create_symlink("nowhere", folder_ / "link.sock");
  const Discovery found = Find();
  ASSERT_EQ(found.sockets.size(), 3U);
  for (const SocketReport& report : found.sockets)
    EXPECT_EQ(report.verdict, Verdict::kNotASocket) << report.entry.name;
  EXPECT_EQ(PredictDaprd(found).effect, DaprdEffect::kRegisters);
}

TEST_F(DiscoveryTest, NameWithoutAnythingBeforeItsDotIsNameless) {
  const FakeComponent component(folder_ / ".sock", {{kState}});
  EXPECT_EQ(Only().verdict, Verdict::kNameless);
}

TEST_F(DiscoveryTest, MissingFolderHoldsNothing) {
  const auto found = runtime::Discover(folder_ / "missing", options_);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->sockets, IsEmpty());
}

TEST_F(DiscoveryTest, RelativeFolderIsRefused) {
  const auto found = runtime::Discover("sockets", options_);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("not absolute"));
}

TEST_F(DiscoveryTest, SecondLookAsksOnlyWhatChanged) {
  const FakeComponent component(folder_ / "a.sock", {{kState}});
  Discovery before = Find();
  ASSERT_EQ(before.sockets.size(), 1U);
  before.sockets[0].took = 12345us;  // marks what was taken over
  const FakeComponent other(folder_ / "b.sock", {{kPubSub}});
  const auto again = runtime::Discover(folder_.path(), options_, &before);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->sockets.size(), 2U);
  EXPECT_EQ(again->sockets[0].took, 12345us);
  EXPECT_EQ(again->sockets[1].verdict, Verdict::kServes);
}

TEST_F(DiscoveryTest, LastSocketOfAComponentCounts) {
  const FakeComponent first(folder_ / "redis.sock", {{kState}});
  const FakeComponent second(folder_ / "redis.sock2", {{kState}});
  const Discovery found = Find();
  const SocketReport* report = FindComponent(found, Kind::kState, "redis");
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->entry.name, "redis.sock2");
  EXPECT_EQ(FindComponent(found, Kind::kPubSub, "redis"), nullptr);
}

TEST_F(DiscoveryTest, KindThatNobodyServesIsToldWithWhatToDo) {
  const FakeComponent redis(folder_ / "redis.sock", {{kState}});
  LeaveStaleSocket(folder_ / "old.sock");
  const Discovery found = Find();
  const std::string folder = folder_.path();
  EXPECT_EQ(WhyNotFound(found, Kind::kState, "mongo"),
            "no socket in " + folder + " serves state as mongo; those that do: redis; start the " +
                "component with DAPR_COMPONENTS_SOCKETS_FOLDER=" + folder +
                ", or name its folder with --folder");
  EXPECT_EQ(WhyNotFound(found, Kind::kPubSub, "redis"),
            folder +
                "/redis.sock does not serve pubsub as redis: register "
                "dapr.proto.components.v1.PubSub in the component");
  EXPECT_THAT(WhyNotFound(found, Kind::kState, "old"), HasSubstr("nobody listens"));
}

TEST_F(DiscoveryTest, FolderWhereNobodyServesLosesNothing) {
  LeaveStaleSocket(folder_ / "old.sock");
  EXPECT_EQ(PredictDaprd(Find()).sentence, "daprd would hang on old.sock for ever");
}

}  // namespace
}  // namespace injector::test
