#pragma once

// Keeps a ComponentStore up to date by list and watch, knows how far it can be trusted, and says so
// whenever that changes. Run it in a thread of its own.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/reflector.h"
#include "webhook/cluster_recorder.h"
#include "webhook/component_store.h"
#include "webhook/log.h"
#include "webhook/steady_clock.h"

namespace injector::webhook {

// A change of state, for log and readiness.
struct FeedReport {
  LogLevel level = LogLevel::kInfo;
  std::string message;    // one sentence
  bool answered = false;  // the API server has answered a list, be it with 403 or 404
  std::string trouble;    // why memory may be behind; "" when nothing is wrong
};

// Called from the thread that runs the feed.
using FeedListener = std::function<void(const FeedReport&)>;

// Threads: Run from one; the others from any.
class ComponentFeed : private k8s::ReflectorSink {
 public:
  // In: `namespace_name` "" is the whole cluster. The recorder outlives the feed.
  ComponentFeed(std::string namespace_name, ClusterRecorder& recorder, FeedListener listener,
                SteadyClock clock = std::chrono::steady_clock::now);

  // Blocks until stop. Where WATCH is forbidden it goes on as list-only, and asks for a watch again
  // from time to time. Once a watch was open it takes the third refusal in a row for that.
  // In: `options` without path; `seed` for the jitter; `ask_again` between two tries of a watch
  // that is forbidden.
  void Run(k8s::Client& client, k8s::ReflectorOptions options, std::uint64_t seed,
           const std::stop_token& stop,
           std::chrono::milliseconds ask_again = std::chrono::seconds(30));

  [[nodiscard]] const std::string& NamespaceName() const { return namespace_name_; }
  [[nodiscard]] const ComponentStore& Store() const { return store_; }
  // There has been a first picture.
  [[nodiscard]] bool IsSynced() const { return synced_.load(); }
  // The picture is one of this moment: a watch is open, and something was heard in the last 90 s.
  [[nodiscard]] bool IsFresh() const;
  // WATCH is forbidden: the picture grows old.
  [[nodiscard]] bool IsListOnly() const { return list_only_.load(); }
  // When something was heard last.
  [[nodiscard]] std::chrono::steady_clock::time_point HeardAt() const;
  // Since then; 0 before the first list, and in list-only mode, where the picture is not relied on.
  [[nodiscard]] std::chrono::nanoseconds Age() const;
  // Why the picture is not there or may be behind, with what to do; "" when nothing is known.
  [[nodiscard]] std::string Trouble() const;

 private:
  void Begin() override { store_.Begin(); }
  void Add(nlohmann::json object) override { store_.Add(object); }
  void Commit() override;
  void Put(nlohmann::json object) override { store_.Put(object); }
  void Remove(nlohmann::json object) override { store_.Remove(object); }
  void Connecting() override;
  void Alive() override;
  void Failed(const k8s::ApiError& error, std::chrono::milliseconds wait) override;
  void Relisting() override;

  void EnterListOnly(const k8s::ApiError& error);
  void Recover(std::string message);
  void Tell(LogLevel level, std::string message);
  void SetTrouble(std::string trouble);

  const std::string namespace_name_;
  ClusterRecorder& recorder_;
  const FeedListener listener_;
  const SteadyClock clock_;
  ComponentStore store_;

  std::atomic<bool> synced_{false};
  std::atomic<bool> connected_{false};
  std::atomic<bool> list_only_{false};
  std::atomic<std::int64_t> alive_ns_{0};  // of the clock

  // Of the thread that runs.
  bool answered_ = false;
  bool failing_ = false;
  bool watching_ = false;  // what is asked for now is a watch
  bool told_relisting_ = false;
  std::optional<k8s::ApiErrorKind> told_;  // the last failure that was told

  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
};

}  // namespace injector::webhook
