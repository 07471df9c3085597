#pragma once

// Requests that the server refuses by itself: each in the metrics, overload in the log.

#include "webhook/log.h"
#include "webhook/recorder.h"
#include "webhook/refusal_observer.h"

namespace injector::webhook {

// Threads: safe.
class RefusalReport : public RefusalObserver {
 public:
  // Both outlive the report.
  RefusalReport(Recorder& recorder, Log& log) : recorder_(recorder), log_(log) {}

  void Refused(int http_status) override;
  void OverloadBegan() override;
  void OverloadEnded(std::uint64_t refused) override;

 private:
  Recorder& recorder_;
  Log& log_;
};

}  // namespace injector::webhook
