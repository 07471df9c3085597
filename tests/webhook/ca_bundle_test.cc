#include "webhook/ca_bundle.h"

#include <gtest/gtest.h>

#include <ctime>
#include <numeric>
#include <random>
#include <thread>

#include "tests/support/own_leaves.h"

namespace injector::test {
namespace {

using std::chrono::system_clock;
using webhook::Bundle;
using webhook::BundleWish;
using webhook::UniteBundle;

Bundle Unite(std::string_view current, const BundleWish& wish,
             system_clock::time_point now = system_clock::now()) {
  const auto bundle = UniteBundle(current, wish, now);
  EXPECT_TRUE(bundle) << bundle.error().Text();
  return bundle ? *bundle : Bundle{};
}

// Certificates count time in seconds: what is made from now on is younger. Their clock is time(),
// which some systems move only with each tick: its second begins later than system_clock's.
void AwaitNextSecond() {
  const std::time_t second = std::time(nullptr);
  while (std::time(nullptr) == second) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(UniteBundle, EmptyBundleGetsTheLeaf) {
  const std::string leaf = OwnLeaf("a");
  const Bundle bundle = Unite("", {{leaf}, {}, ""});
  EXPECT_EQ(bundle.pem, leaf);
  EXPECT_EQ(bundle.own, 1U);
  EXPECT_EQ(bundle.foreign, 0U);
}

TEST(UniteBundle, LeafThatIsThereChangesNothing) {
  const std::string current = OwnLeaf("a") + OwnLeaf("b") + "# of the platform\n" + ForeignLeaf();
  const std::string mine = current.substr(0, current.find("-----END CERTIFICATE-----") + 26);
  EXPECT_EQ(Unite(current, {{mine}, {}, ""}).pem, current);
}

TEST(UniteBundle, LeavesOfOtherReplicasStay) {
  const std::string other = OwnLeaf("b");
  const std::string mine = OwnLeaf("a");
  EXPECT_EQ(Unite(other, {{mine}, {}, ""}).pem, other + mine);
}

TEST(UniteBundle, ForeignBytesStayAsTheyAre) {
  const std::string foreign = "# ours since 2020\r\n" + ForeignLeaf() +
                              "-----BEGIN CERTIFICATE-----\nno base64!\n-----END CERTIFICATE-----"
                              "\n\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----";
  const std::string mine = OwnLeaf("a");
  const Bundle bundle = Unite(foreign, {{mine}, {}, ""});
  EXPECT_EQ(bundle.pem, mine + foreign);
  EXPECT_EQ(bundle.foreign, 3U);
}

TEST(UniteBundle, ForeignCertificateStaysWhenItHasExpired) {
  const std::string foreign = ForeignLeaf();
  const auto later = system_clock::now() + std::chrono::hours(24 * 365);
  EXPECT_EQ(Unite(foreign, {}, later).pem, foreign);
}

TEST(UniteBundle, UnfinishedBlockSwallowsNoLeaf) {
  const std::string unfinished = "-----BEGIN CERTIFICATE-----\nAAAA\n";
  const std::string mine = OwnLeaf("a");
  const std::string other = OwnLeaf("b");
  EXPECT_EQ(Unite(unfinished + other, {{mine}, {}, ""}).pem, other + mine + unfinished);
}

TEST(UniteBundle, ExpiredLeafOfOursGoes) {
  const std::string old = OwnLeaf("old", std::chrono::seconds(60));
  const std::string mine = OwnLeaf("a");
  const auto later = system_clock::now() + std::chrono::minutes(5);
  EXPECT_EQ(Unite(old, {{mine}, {}, ""}, later).pem, mine);
}

TEST(UniteBundle, WithdrawnLeafGoesAndTheOthersStay) {
  const std::string mine = OwnLeaf("a");
  const std::string other = OwnLeaf("b");
  const std::string foreign = ForeignLeaf();
  EXPECT_EQ(Unite(mine + other + foreign, {{}, {mine}, ""}).pem, other + foreign);
}

TEST(UniteBundle, FormerLeafOfThePodGoes) {
  const std::string former = OwnLeaf("a");
  const std::string other = OwnLeaf("b");
  const std::string mine = OwnLeaf("a");
  EXPECT_EQ(Unite(former + other, {{mine}, {}, "a"}).pem, other + mine);
}

TEST(UniteBundle, FormerLeafOfThePodStaysUntilTheNewOneIsServed) {
  const std::string former = OwnLeaf("a");
  const std::string mine = OwnLeaf("a");
  EXPECT_EQ(Unite(former, {{former, mine}, {}, ""}).pem, former + mine);
}

TEST(UniteBundle, LeafTwiceIsThereOnce) {
  const std::string other = OwnLeaf("b");
  EXPECT_EQ(Unite(other + other, {}).pem, other);
}

TEST(UniteBundle, LeavesThatCameFirstGoBeyondSixtyFour) {
  const std::string first = OwnLeaf("first");
  std::string current;
  for (int i = 0; i < 63; ++i) current += OwnLeaf("pod-" + std::to_string(i));
  const std::string mine = OwnLeaf("a");
  const Bundle bundle = Unite(first + current, {{mine}, {}, ""});
  EXPECT_EQ(bundle.own, 64U);
  EXPECT_EQ(bundle.pem, current + mine);
}

TEST(UniteBundle, OwnLeafStaysHoweverManyThereAre) {
  const std::string mine = OwnLeaf("a");
  AwaitNextSecond();
  std::string current = mine;
  for (int i = 0; i < 70; ++i) current += OwnLeaf("pod-" + std::to_string(i));
  const Bundle bundle = Unite(current, {{mine}, {}, ""});
  EXPECT_EQ(bundle.own, 64U);
  EXPECT_TRUE(bundle.pem.starts_with(mine));
}

TEST(UniteBundle, WishThatIsNoLeafOfOursIsRefused) {
  for (const std::string& leaf : {std::string("garbage"), ForeignLeaf()}) {
    const auto bundle = UniteBundle("", {{leaf}, {}, ""}, system_clock::now());
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().kind, webhook::ErrorKind::kInternal);
  }
}

// As replicas do that each see every change: who misses his leaf writes. How many writes it took
// until nobody does; more than 200 count as no rest.
int WritesUntilRest(std::string bundle, const std::vector<std::string>& live) {
  int writes = 0;
  bool rest = false;
  while (!rest && writes <= 200) {
    rest = true;
    for (const std::string& mine : live) {
      if (bundle.find(mine) != std::string::npos) continue;
      bundle = Unite(bundle, {{mine}, {}, ""}).pem;
      ++writes;
      rest = false;
    }
  }
  return writes;
}

std::vector<std::string> Leaves(const std::string& pod, int count) {
  std::vector<std::string> leaves;
  for (int i = 0; i < count; ++i) leaves.push_back(OwnLeaf(pod + "-" + std::to_string(i)));
  return leaves;
}

std::string Joined(const std::vector<std::string>& leaves) {
  return std::accumulate(leaves.begin(), leaves.end(), std::string());
}

TEST(UniteBundleConvergence, TwoReplicasAmongDeadLeavesThatAreYoungerComeToRest) {
  const std::vector<std::string> live = Leaves("live", 2);
  AwaitNextSecond();
  const std::string dead = Joined(Leaves("dead", 63));
  // The second one takes the place of the first, which takes that of a dead one.
  EXPECT_EQ(WritesUntilRest(live[0] + dead, live), 2);
}

TEST(UniteBundleConvergence, EachReplicaThatIsPutOutPutsOutADeadLeafInTheEnd) {
  const std::vector<std::string> live = Leaves("live", 16);
  const std::string dead = Joined(Leaves("dead", 56));
  EXPECT_EQ(WritesUntilRest(Joined({live.begin(), live.begin() + 8}) + dead, live), 16);
}

TEST(UniteBundleConvergence, SixtyFourReplicasFindRoom) {
  const std::vector<std::string> live = Leaves("live", 64);
  const std::string dead = Joined(Leaves("dead", 16));
  EXPECT_EQ(WritesUntilRest(dead + Joined({live.begin(), live.begin() + 48}), live), 16);
}

// Whatever the pieces and their order: the leaf is there, foreign bytes are, and a second look
// finds nothing to do, whichever replica takes it.
TEST(UniteBundleProperty, AnyBundleComesToRest) {
  const std::vector<std::string> own = {OwnLeaf("a"), OwnLeaf("b"), OwnLeaf("c")};
  const std::vector<std::string> pieces = {own[0],
                                           own[1],
                                           own[2],
                                           ForeignLeaf(),
                                           "\n",
                                           "text ",
                                           "-----BEGIN CERTIFICATE-----\n",
                                           "-----END CERTIFICATE-----\n",
                                           "-----BEGIN CERTIFICATE-----\nAA\n-----END X-----\n",
                                           own[1].substr(0, 200),
                                           "-----"};
  std::mt19937 random(7);
  const auto any = [&](std::size_t count) { return random() % count; };
  for (int run = 0; run < 100; ++run) {
    std::string current;
    for (std::size_t i = any(8); i > 0; --i) current += pieces[any(pieces.size())];
    const std::string& mine = own[any(own.size())];
    const std::string& other = own[any(own.size())];
    const std::string first = Unite(current, {{mine}, {}, ""}).pem;
    EXPECT_NE(first.find(mine), std::string::npos) << current;
    EXPECT_EQ(Unite(first, {{mine}, {}, ""}).pem, first) << current;
    const std::string both = Unite(first, {{other}, {}, ""}).pem;
    EXPECT_EQ(Unite(both, {{mine}, {}, ""}).pem, both) << current;
  }
}

}  // namespace
}  // namespace injector::test
