#pragma once

// Requests that the server refuses by itself: each in the metrics, overload in the log.

#include <string_view>

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
  void OverloadBegan(std::string_view why) override;
  void OverloadEnded(std::uint64_t refused) override;

 private:
  Recorder& recorder_;
  Log& log_;
};

}  // namespace injector::webhook
