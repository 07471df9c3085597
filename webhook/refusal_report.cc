#include "webhook/refusal_report.h"

#include <string>

namespace injector::webhook {

void RefusalReport::Refused(int http_status) {
  recorder_.Refused(http_status);
}

void RefusalReport::OverloadBegan(std::string_view why) {
  log_.Write(
      LogLevel::kWarning, kServiceScope,
      "overloaded: requests are answered 503, " + std::string(why) + "; more replicas would help");
}

void RefusalReport::OverloadEnded(std::uint64_t refused) {
  log_.Write(LogLevel::kInfo, kServiceScope,
             "no longer overloaded; requests answered 503 meanwhile: " + std::to_string(refused));
}

}  // namespace injector::webhook
