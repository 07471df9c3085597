#pragma once

// An API server that holds one webhook configuration: PATCH as far as the injector uses it, and
// WATCH. Others may change the object at any time.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "k8s/transport.h"

namespace injector::test {

class FakeConfiguration : public k8s::Transport {
 public:
  // One webhook, `sidecar-injector.dapr.io`, of the Service dapr-system/injector.
  FakeConfiguration();

  // What the next PATCHes that would change something, or any, are answered with.
  void RefuseWrites(int count, int status) {
    const std::lock_guard lock(mutex_);
    refused_writes_.insert(refused_writes_.end(), static_cast<std::size_t>(count), status);
  }
  void RefuseAll(int count, int status) {
    const std::lock_guard lock(mutex_);
    refused_.insert(refused_.end(), static_cast<std::size_t>(count), status);
  }
  void ForbidWatch() { watch_forbidden_ = true; }
  // From now on no version is young enough to watch from.
  void ForgetVersions() { versions_forgotten_ = true; }
  // What the next WATCHes are answered with; 200 is one that ends as soon as it began.
  void AnswerWatches(int count, int status, const std::string& retry_after = "") {
    const std::lock_guard lock(mutex_);
    watch_answers_.insert(watch_answers_.end(), static_cast<std::size_t>(count),
                          {status, retry_after, ""});
  }
  // From now on every call ends with its deadline, or when it is stopped.
  void Hang() { hangs_ = true; }
  // Blocks until a call hangs. Out: whether one did within ten seconds.
  [[nodiscard]] bool AwaitHanging() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return hanging_ > 0; });
  }
  // From now on somebody empties the bundle after each write.
  void UndoWrites() { undone_ = true; }

  // As someone with kubectl would.
  void SetBundle(const std::string& pem);

  [[nodiscard]] std::string Bundle(std::size_t webhook = 0) const;
  [[nodiscard]] nlohmann::json Object() const {
    const std::lock_guard lock(mutex_);
    return object_;
  }
  // "read", "write", "watch" in the order in which they came.
  [[nodiscard]] std::vector<std::string> Calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] int Writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  [[nodiscard]] std::vector<std::chrono::steady_clock::time_point> WriteTimes() const {
    const std::lock_guard lock(mutex_);
    return write_times_;
  }

  [[nodiscard]] std::vector<std::chrono::steady_clock::time_point> WatchTimes() const {
    const std::lock_guard lock(mutex_);
    return watch_times_;
  }

  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest& request) override;
  k8s::ApiResult<k8s::ApiReply> Stream(const k8s::ApiRequest& request, std::chrono::milliseconds,
                                       const std::function<bool(std::string_view)>& on_line,
                                       std::stop_token stop) override;

 private:
  void Stamp();
  // False when the patch was made from an older object.
  bool Merge(const nlohmann::json& patch);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  nlohmann::json object_;  // this and the following guarded by mutex_
  int version_ = 0;
  int writes_ = 0;
  int hanging_ = 0;
  std::deque<int> refused_;
  std::deque<int> refused_writes_;
  std::deque<k8s::ApiReply> watch_answers_;
  std::vector<std::string> calls_;
  std::vector<std::chrono::steady_clock::time_point> write_times_;
  std::vector<std::chrono::steady_clock::time_point> watch_times_;
  std::atomic<bool> watch_forbidden_{false};
  std::atomic<bool> versions_forgotten_{false};
  std::atomic<bool> undone_{false};
  std::atomic<bool> hangs_{false};
};

}  // namespace injector::test
