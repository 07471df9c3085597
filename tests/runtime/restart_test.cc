// What a component's end and return look like from the runtime's side.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "runtime/component_process.h"
#include "runtime/pubsub.h"
#include "runtime/state_store.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::Answer;
using runtime::Delivery;
using runtime::ErrorKind;
using runtime::InstanceSpec;
using runtime::Kind;
using runtime::PubSub;
using runtime::StateStore;
using runtime::Subscription;
using runtime::SubscriptionOptions;
using namespace std::chrono_literals;
namespace pb = ::dapr::proto::components::v1;

template <class Condition>
bool Within(std::chrono::seconds time, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

InstanceSpec Spec(Kind kind, const std::string& socket) {
  InstanceSpec spec;
  spec.name = "instance";
  spec.socket = socket;
  spec.kind = kind;
  spec.call_timeout = 5s;
  return spec;
}

class RestartTest : public testing::Test {
 protected:
  ScopedTempDir folder_;
};

TEST_F(RestartTest, CallsFailAtOnceWhileItIsGoneAndWorkAfterItsReturn) {
  ComponentProcess process(SMALLEST_COMPONENT, folder_.path(), "smallest.sock");
  StateStore store(Spec(Kind::kState, folder_ / "smallest.sock"));
  pb::SetRequest set;
  set.set_key("k");
  ASSERT_TRUE(store.Set(set));
  process.Kill();
  const auto gone = store.Set(set);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kUnreachable);
  process.Start();
  // The component refuses what was not initialised, so this shows that Init came again.
  const auto back = store.Set(set);
  EXPECT_TRUE(back) << back.error().message;
  EXPECT_EQ((*store.instance().Use())->generation, 2);
}

TEST_F(RestartTest, FrozenComponentCostsTheCallsDeadline) {
  ComponentProcess process(SMALLEST_COMPONENT, folder_.path(), "smallest.sock");
  InstanceSpec spec = Spec(Kind::kState, folder_ / "smallest.sock");
  spec.call_timeout = 200ms;
  spec.init_timeout = 10s;
  StateStore store(spec);
  ASSERT_TRUE(store.Init());
  process.Freeze();
  EXPECT_EQ(store.Get(pb::GetRequest()).error().kind, ErrorKind::kTimeout);
  spec.init_timeout = 200ms;
  StateStore other(spec);
  EXPECT_EQ(other.Init().error().kind, ErrorKind::kTimeout) << "Init has a deadline too";
  process.Thaw();
  EXPECT_TRUE(Within(10s, [&] { return store.Get(pb::GetRequest()).has_value(); }));
}

TEST_F(RestartTest, SlowInitCostsACallItsDeadlineAndGoesOn) {
  ComponentProcess process(SMALLEST_COMPONENT, folder_.path(), "smallest.sock");
  InstanceSpec spec = Spec(Kind::kState, folder_ / "smallest.sock");
  spec.call_timeout = 200ms;
  spec.init_timeout = 30s;
  StateStore store(spec);
  process.Freeze();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(store.Get(pb::GetRequest()).error().kind, ErrorKind::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  process.Thaw();
  EXPECT_TRUE(Within(20s, [&] { return store.Get(pb::GetRequest()).has_value(); }));
  EXPECT_EQ((*store.instance().Use())->generation, 1) << "the Init that was begun has counted";
}

// Calls from many threads until it is told to stop; remembers the longest one.
class Callers {
 public:
  Callers(StateStore& store, int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this, &store] { Run(store); });
  }
  std::chrono::milliseconds Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    return std::chrono::milliseconds(longest_);
  }
  int answered() const { return answered_; }

 private:
  void Run(StateStore& store) {
    pb::SetRequest set;
    set.set_key("k");
    while (!stopping_) {
      const auto begin = std::chrono::steady_clock::now();
      if (store.Set(set)) ++answered_;
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - begin);
      auto longest = longest_.load();
      while (took.count() > longest && !longest_.compare_exchange_weak(longest, took.count())) {
      }
    }
  }

  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  std::atomic<std::chrono::milliseconds::rep> longest_ = 0;
  std::vector<std::thread> threads_;
};

TEST_F(RestartTest, CallsEndInTheirDeadlineWheneverItIsKilledOrFrozen) {
  ComponentProcess process(SMALLEST_COMPONENT, folder_.path(), "smallest.sock");
  InstanceSpec spec = Spec(Kind::kState, folder_ / "smallest.sock");
  spec.call_timeout = 1s;
  StateStore store(spec);
  Callers callers(store, 16);
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same moments in each run
  for (int round = 0; round < 20; ++round) {
    const int before = callers.answered();
    ASSERT_TRUE(Within(20s, [&] { return callers.answered() > before; })) << round;
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));  // any moment
    if (round % 4 == 3) {
      process.Freeze();
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));
    }
    process.Kill();
    process.Start();
  }
  constexpr auto kScheduling = 4s;  // of a machine that is busy with other things
  EXPECT_LT(callers.Stop(), spec.call_timeout + kScheduling);
}

// Subscribers of one topic each, that count what they get.
class Subscribers {
 public:
  Subscribers(PubSub& pubsub, int count) {
    for (int i = 0; i < count; ++i) {
      const auto take = [this, i](const Delivery&, const Answer& answer) {
        answer({});
        const std::lock_guard<std::mutex> lock(mutex_);
        reached_.insert(i);
      };
      SubscriptionOptions options;
      options.longest_pause = 500ms;
      options.on_event = [this](const runtime::SubscriptionEvent& event) {
        if (event.kind == runtime::SubscriptionEvent::Kind::kEnded) ++ended_;
      };
      subscriptions_.push_back(
          pubsub.Subscribe("t" + std::to_string(i), {}, take, options).value());
    }
  }

  std::size_t Reached() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return reached_.size();
  }
  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    reached_.clear();
  }
  int ended() const { return ended_; }

 private:
  std::mutex mutex_;
  std::set<int> reached_;
  std::atomic<int> ended_ = 0;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

TEST_F(RestartTest, ThousandStreamsEndAndAreOpenedAgain) {
  constexpr int kStreams = 1000;
  ComponentProcess process(MEMORY_PUBSUB_COMPONENT, folder_.path(), "memory-example.sock");
  InstanceSpec spec = Spec(Kind::kPubSub, folder_ / "memory-example.sock");
  spec.call_timeout = 30s;
  PubSub pubsub(spec);
  ASSERT_TRUE(pubsub.Init());
  Subscribers subscribers(pubsub, kStreams);
  const auto publish_to_all = [&] {
    for (int i = 0; i < kStreams; ++i) {
      pb::PublishRequest request;
      request.set_topic("t" + std::to_string(i));
      if (!pubsub.Publish(request)) return false;
    }
    return true;
  };
  ASSERT_TRUE(publish_to_all());
  ASSERT_TRUE(Within(60s, [&] { return subscribers.Reached() == kStreams; }))
      << subscribers.Reached();
  process.Kill();
  EXPECT_TRUE(Within(30s, [&] { return subscribers.ended() == kStreams; })) << subscribers.ended();
  subscribers.Forget();
  process.Start();
  ASSERT_TRUE(Within(30s, publish_to_all));
  EXPECT_TRUE(Within(60s, [&] { return subscribers.Reached() == kStreams; }))
      << subscribers.Reached();
}

}  // namespace
}  // namespace injector::test
