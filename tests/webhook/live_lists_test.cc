#include "webhook/live_lists.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "tests/support/fake_transport.h"
#include "tests/support/recording_cluster_recorder.h"
#include "tests/support/scripted_feed.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using webhook::LiveList;
using webhook::LiveLists;

std::string FirstName(const LiveList& list) {
  if (!list) return "error: " + list.error().message;
  return (*list)->empty() ? "" : (*list)->front()->name;
}

k8s::Deadline In(milliseconds time) {
  return steady_clock::now() + time;
}

class LiveListsTest : public ::testing::Test {
 protected:
  FakeTransport transport_;
  k8s::Client client_{transport_};
  RecordingClusterRecorder recorder_;
  LiveLists lists_{client_, recorder_};
};

TEST_F(LiveListsTest, NamespaceIsListedConsistently) {
  transport_.Answer(200, ListJson(ComponentJson("a")));
  EXPECT_EQ(FirstName(lists_.Get("shop", In(seconds(5)))), "a");
  ASSERT_EQ(transport_.Requests().size(), 1U);
  EXPECT_EQ(transport_.Requests().at(0).path,
            "/apis/dapr.io/v1alpha1/namespaces/shop/components?limit=50");
  EXPECT_THAT(recorder_.Events(), ElementsAre("live good"));
}

TEST_F(LiveListsTest, WhatPassesIsTriedAgain) {
  transport_.Answer(429, "{}", "0");
  transport_.Answer(504, "{}");
  transport_.Fail(ApiErrorKind::kUnreachable, "connection reset");
  transport_.Answer(200, ListJson(ComponentJson("a")));
  EXPECT_EQ(FirstName(lists_.Get("shop", In(seconds(30)))), "a");
  EXPECT_EQ(transport_.Requests().size(), 4U);
  EXPECT_THAT(recorder_.Events(), ElementsAre("live good"));
}

TEST_F(LiveListsTest, RefusalIsNotTriedAgain) {
  transport_.Answer(403, R"({"message": "may not"})");
  const LiveList list = lists_.Get("shop", In(seconds(30)));
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ApiErrorKind::kForbidden);
  EXPECT_EQ(transport_.Requests().size(), 1U);
  EXPECT_THAT(recorder_.Events(), ElementsAre("live bad"));
}

TEST_F(LiveListsTest, PauseThatTheServerWantsIsNotWaitedForBeyondTheDeadline) {
  transport_.Answer(429, "{}", "60");
  const auto begin = steady_clock::now();
  const LiveList list = lists_.Get("shop", In(seconds(5)));
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ApiErrorKind::kTooManyRequests);
  EXPECT_LT(steady_clock::now() - begin, seconds(4));
}

TEST_F(LiveListsTest, DeadlineEndsTheTries) {
  for (int i = 0; i < 100; ++i) transport_.Answer(503, "{}");
  const LiveList list = lists_.Get("shop", In(milliseconds(300)));
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().http_status, 503);
  EXPECT_LT(transport_.Requests().size(), 10U);
}

TEST_F(LiveListsTest, GoodAnswerIsRecentUntilItExpires) {
  EXPECT_EQ(lists_.Recent("shop", seconds(60)), nullptr);
  transport_.Answer(200, ListJson(ComponentJson("a")));
  ASSERT_TRUE(lists_.Get("shop", In(seconds(5))));
  EXPECT_EQ(lists_.Recent("shop", seconds(60))->front()->name, "a");
  EXPECT_EQ(lists_.Recent("shop", seconds(0)), nullptr);
  EXPECT_EQ(lists_.Recent("bank", seconds(60)), nullptr);
}

TEST_F(LiveListsTest, BadAnswerLeavesTheLastGoodOne) {
  transport_.Answer(200, ListJson(ComponentJson("a")));
  transport_.Answer(403, "{}");
  ASSERT_TRUE(lists_.Get("shop", In(seconds(5))));
  ASSERT_FALSE(lists_.Get("shop", In(seconds(5))));
  EXPECT_EQ(lists_.LastGood("shop")->front()->name, "a");
  EXPECT_EQ(lists_.LastGood("bank"), nullptr);
}

TEST_F(LiveListsTest, GoodAnswerFromBeforeIsNotWanted) {
  transport_.Answer(200, ListJson(ComponentJson("a")));
  const auto before = steady_clock::now();
  ASSERT_TRUE(lists_.Get("shop", In(seconds(5))));
  EXPECT_EQ(lists_.LastGood("shop", before)->front()->name, "a");
  EXPECT_EQ(lists_.LastGood("shop", steady_clock::now() + seconds(1)), nullptr);
}

// The first call throws; the others are answered with nothing.
class ThrowingTransport : public FakeTransport {
 public:
  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest&) override {
    if (!std::exchange(thrown_, true)) throw std::runtime_error("no memory");
    return k8s::ApiReply{200, "", ListJson("")};
  }

 private:
  bool thrown_ = false;
};

TEST(LiveListThatThrows, LetsTheNextOneRun) {
  ThrowingTransport transport;
  k8s::Client client(transport);
  RecordingClusterRecorder recorder;
  LiveLists lists(client, recorder);
  EXPECT_THROW(std::ignore = lists.Get("shop", In(seconds(5))), std::runtime_error);
  EXPECT_EQ(FirstName(lists.Get("shop", In(seconds(5)))), "");
}

// Each call waits until it is let go, or its deadline; call N answers with a Component "N".
class GatedTransport : public k8s::Transport {
 public:
  void LetGo(int calls) {
    const std::lock_guard lock(mutex_);
    allowed_ = calls;
    changed_.notify_all();
  }
  void AwaitCalls(int calls) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, seconds(20), [&] { return begun_ >= calls; }));
  }
  [[nodiscard]] int Calls() const {
    const std::lock_guard lock(mutex_);
    return begun_;
  }

  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest& request) override {
    std::unique_lock lock(mutex_);
    const int mine = ++begun_;
    changed_.notify_all();
    if (!changed_.wait_until(lock, request.deadline, [&] { return allowed_ >= mine; })) {
      return k8s::ApiFail(ApiErrorKind::kTimeout, "too late");
    }
    return k8s::ApiReply{200, "", ListJson(ComponentJson(std::to_string(mine)))};
  }
  k8s::ApiResult<k8s::ApiReply> Stream(const k8s::ApiRequest&, milliseconds,
                                       const std::function<bool(std::string_view)>&,
                                       std::stop_token) override {
    return k8s::ApiFail(ApiErrorKind::kUnreachable, "no streams here");
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;    // guarded by mutex_
  int allowed_ = 0;  // guarded by mutex_
};

// The first call waits until it is let go; the others are answered 503, until the server is free.
class BusyTransport : public FakeTransport {
 public:
  void AwaitCall() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, seconds(20), [&] { return begun_ > 0; }));
  }
  void LetGo() {
    const std::lock_guard lock(mutex_);
    allowed_ = true;
    changed_.notify_all();
  }
  void SetFree() { busy_ = false; }

  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest&) override {
    std::unique_lock lock(mutex_);
    const bool first = begun_++ == 0;
    changed_.notify_all();
    if (first) changed_.wait_for(lock, seconds(20), [&] { return allowed_; });
    if (!first && busy_) return k8s::ApiReply{503, "", "{}"};
    return k8s::ApiReply{200, "", ListJson(ComponentJson("a"))};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;         // guarded by mutex_
  bool allowed_ = false;  // guarded by mutex_
  std::atomic<bool> busy_{true};
};

TEST(LiveListOfSomebodyInAHurry, IsNotTheAnswerForWhoHasTime) {
  constexpr int kHurried = 15;  // one of them most likely lists for all who wait
  BusyTransport transport;
  k8s::Client client(transport);
  RecordingClusterRecorder recorder;
  LiveLists lists(client, recorder);
  std::jthread early([&] { [[maybe_unused]] auto list = lists.Get("shop", In(seconds(30))); });
  transport.AwaitCall();
  std::string patient;
  std::jthread long_one([&] { patient = FirstName(lists.Get("shop", In(seconds(30)))); });
  {
    std::atomic<int> came = 0;
    std::vector<std::jthread> hurried;
    for (int i = 0; i < kHurried; ++i) {
      hurried.emplace_back([&] {
        ++came;
        EXPECT_FALSE(lists.Get("shop", In(milliseconds(500))));
      });
    }
    while (came < kHurried) std::this_thread::yield();
    transport.LetGo();
  }
  transport.SetFree();
  long_one.join();
  EXPECT_EQ(patient, "a");
}

class SharedListTest : public ::testing::Test {
 protected:
  GatedTransport transport_;
  k8s::Client client_{transport_};
  RecordingClusterRecorder recorder_;
  LiveLists lists_{client_, recorder_};
};

TEST_F(SharedListTest, ListThatBeganBeforeIsNotShared) {
  std::string first;
  std::string second;
  std::jthread early([&] { first = FirstName(lists_.Get("shop", In(seconds(30)))); });
  transport_.AwaitCalls(1);
  std::jthread late([&] { second = FirstName(lists_.Get("shop", In(seconds(30)))); });
  // The list that runs is not the late one's, however long it waits.
  const LiveList impatient = lists_.Get("shop", In(milliseconds(100)));
  EXPECT_EQ(impatient.error().kind, ApiErrorKind::kTimeout);
  EXPECT_EQ(transport_.Calls(), 1);
  transport_.LetGo(2);
  early.join();
  late.join();
  EXPECT_EQ(first, "1");
  EXPECT_EQ(second, "2");
}

TEST_F(SharedListTest, ThoseWhoWaitShareTheNextOne) {
  constexpr int kWaiting = 16;
  std::jthread early([&] { [[maybe_unused]] auto list = lists_.Get("shop", In(seconds(30))); });
  transport_.AwaitCalls(1);
  std::atomic<int> came = 0;
  std::atomic<int> first_list = 0;
  {
    std::vector<std::jthread> waiting;
    for (int i = 0; i < kWaiting; ++i) {
      waiting.emplace_back([&] {
        ++came;
        if (FirstName(lists_.Get("shop", In(seconds(30)))) == "1") ++first_list;
      });
    }
    const auto patience = In(seconds(20));
    while (came < kWaiting && steady_clock::now() < patience) std::this_thread::yield();
    transport_.LetGo(1000);
  }
  EXPECT_EQ(first_list, 0);
  EXPECT_LT(transport_.Calls(), kWaiting) << "one each";
}

TEST_F(SharedListTest, NamespacesDoNotWaitForEachOther) {
  std::jthread shop([&] { [[maybe_unused]] auto list = lists_.Get("shop", In(seconds(30))); });
  transport_.AwaitCalls(1);
  std::jthread bank([&] { [[maybe_unused]] auto list = lists_.Get("bank", In(seconds(30))); });
  transport_.AwaitCalls(2);
  transport_.LetGo(2);
}

TEST_F(SharedListTest, WhoHasMoreTimeThanTheOneWhoListedTriesAgain) {
  std::string patient;
  std::jthread short_one([&] {
    EXPECT_EQ(lists_.Get("shop", In(milliseconds(300))).error().kind, ApiErrorKind::kTimeout);
  });
  transport_.AwaitCalls(1);
  std::jthread next([&] {
    EXPECT_EQ(lists_.Get("shop", In(milliseconds(600))).error().kind, ApiErrorKind::kTimeout);
  });
  std::jthread long_one([&] { patient = FirstName(lists_.Get("shop", In(seconds(30)))); });
  short_one.join();
  next.join();
  transport_.LetGo(1000);
  long_one.join();
  EXPECT_NE(patient, "");
  EXPECT_THAT(patient, ::testing::Not(::testing::StartsWith("error")));
}

}  // namespace
}  // namespace injector::test
