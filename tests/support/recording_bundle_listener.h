#pragma once

// A BundleListener that keeps what it is told, and waits for it.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "webhook/bundle_writer.h"

namespace injector::test {

class RecordingBundleListener : public webhook::BundleListener {
 public:
  void Written(const webhook::Bundle& bundle) override {
    Note("written " + std::to_string(bundle.own) + "+" + std::to_string(bundle.foreign));
  }
  void Conflict() override { Note("conflict"); }
  void Holds(int wish_number) override { Note("holds " + std::to_string(wish_number)); }
  void Failed(const k8s::ApiError& error, std::chrono::milliseconds) override {
    Note("failed " + std::to_string(error.http_status));
  }
  void WatchForbidden(const k8s::ApiError&) override { Note("watch forbidden"); }
  void WatchLost(const k8s::ApiError& error, std::chrono::milliseconds) override {
    Note("watch lost " + std::to_string(error.http_status));
  }
  void WatchLasts() override { Note("watch lasts"); }
  void Repeats(std::chrono::milliseconds) override { Note("repeats"); }

  [[nodiscard]] std::vector<std::string> Events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  // Whether the event came `count` times, within ten seconds.
  [[nodiscard]] bool Await(const std::string& event, int count = 1) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      return std::count(events_.begin(), events_.end(), event) >= count;
    });
  }

 private:
  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> events_;  // guarded by mutex_
};

}  // namespace injector::test
