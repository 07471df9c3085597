#pragma once

// A Recorder that keeps what it is told, as text.

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "webhook/recorder.h"

namespace injector::test {

class RecordingRecorder : public webhook::Recorder {
 public:
  void RequestReceived() override { Note("received"); }
  void InjectionSucceeded(std::string_view app_id) override {
    Note("succeeded " + std::string(app_id));
  }
  void InjectionFailed(std::string_view app_id, webhook::InjectionFailure reason) override {
    Note("failed " + std::string(app_id) + " " + NameOf(reason));
  }
  void Decided(const patch::Decisions& decisions) override {
    Note("decided " + std::string(Describe(decisions.front().reason).id));
  }
  void Answered(int http_status, std::chrono::nanoseconds) override {
    Note("answered " + std::to_string(http_status));
  }
  void Refused(int http_status) override { Note("refused " + std::to_string(http_status)); }
  void HandlerThrew() override { Note("threw"); }
  void ComponentReviewed(webhook::ComponentOutcome outcome) override {
    constexpr std::array kNames = {"allowed", "warned", "denied", "refused"};
    Note(std::string("component ") + kNames.at(static_cast<std::size_t>(outcome)));
  }
  void Reloaded(std::string_view what, bool good) override {
    Note("reloaded " + std::string(what) + (good ? " good" : " bad"));
  }

  [[nodiscard]] std::vector<std::string> Events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  static std::string NameOf(webhook::InjectionFailure reason) {
    switch (reason) {
      case webhook::InjectionFailure::kPodPatch:
        return "pod_patch";
      case webhook::InjectionFailure::kPatch:
        return "patch";
      case webhook::InjectionFailure::kResponse:
        return "response";
      case webhook::InjectionFailure::kWriteResponse:
        return "write_response";
    }
    return "?";
  }
  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> events_;  // guarded by mutex_
};

}  // namespace injector::test
