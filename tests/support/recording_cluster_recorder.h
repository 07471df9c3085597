#pragma once

// A ClusterRecorder that keeps what it is told, as text.

#include <mutex>
#include <string>
#include <vector>

#include "webhook/cluster_recorder.h"

namespace injector::test {

class RecordingClusterRecorder : public webhook::ClusterRecorder {
 public:
  void ApiCalled(std::string_view verb, std::string_view resource, int code) override {
    Note(std::string(verb) + " " + std::string(resource) + " " + std::to_string(code));
  }
  void CacheRelisted() override { Note("relisted"); }
  void CacheFailed() override { Note("failed"); }
  void LiveListed(bool good) override { Note(good ? "live good" : "live bad"); }
  void ServedStale() override { Note("stale"); }

  [[nodiscard]] std::vector<std::string> Events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> events_;  // guarded by mutex_
};

}  // namespace injector::test
