#pragma once

// What the handlers tell the metrics. Labels are bounded by the implementation.

#include <chrono>
#include <string_view>

#include "patch/decision.h"

namespace injector::webhook {

// Why Dapr's failed counter grows (label `reason`).
enum class InjectionFailure {
  kPodPatch,       // no Pod, or the caller may not have sidecars
  kPatch,          // the pod cannot be decoded or patched
  kResponse,       // the answer cannot be written as JSON
  kWriteResponse,  // the answer cannot be sent
};

// What became of a Component that somebody wrote (label `outcome`).
enum class ComponentOutcome { kAllowed, kWarned, kDenied, kRefused };  // kRefused: no review

// Threads: safe. Never blocks on I/O.
class Recorder {
 public:
  virtual ~Recorder() = default;

  virtual void RequestReceived() = 0;  // every request that reaches /mutate, before any check
  virtual void InjectionSucceeded(std::string_view app_id) = 0;  // an answer with a patch
  virtual void InjectionFailed(std::string_view app_id, InjectionFailure reason) = 0;
  // Each admission's decisions, the pod's verdict and those on Components and containers.
  virtual void Decided(const patch::Decisions& decisions) = 0;
  virtual void Answered(int http_status, std::chrono::nanoseconds took) = 0;
  virtual void Refused(int http_status) = 0;  // a request that no handler saw
  virtual void HandlerThrew() = 0;            // an exception that became an answer
  virtual void ComponentReviewed(ComponentOutcome outcome) = 0;  // each request on a Component
  // Resource files or certificate files were read again; `good` false: the last good ones stay.
  virtual void Reloaded(std::string_view what, bool good) = 0;
};

// Counts nothing; for commands and tests that have no metrics.
class NoRecorder : public Recorder {
 public:
  void RequestReceived() override {}
  void InjectionSucceeded(std::string_view) override {}
  void InjectionFailed(std::string_view, InjectionFailure) override {}
  void Decided(const patch::Decisions&) override {}
  void Answered(int, std::chrono::nanoseconds) override {}
  void Refused(int) override {}
  void HandlerThrew() override {}
  void ComponentReviewed(ComponentOutcome) override {}
  void Reloaded(std::string_view, bool) override {}
};

}  // namespace injector::webhook
