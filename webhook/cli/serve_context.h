#pragma once

// What the parts of a running webhook share.

#include <string>
#include <string_view>

#include "webhook/cli/serve.h"
#include "webhook/health.h"
#include "webhook/log.h"
#include "webhook/metrics.h"
#include "webhook/reload_report.h"

namespace injector::webhook {

// All of it outlives the parts. Threads: safe.
struct ServeContext {
  const ServeOptions& options;
  Log& log;
  Metrics& metrics;
  Health& health;

  void Say(LogLevel level, std::string_view line) const { log.Write(level, kInjectorScope, line); }

  // Files were read again: for log, metric and /readyz.
  void Tell(const ReloadReport& report) const {
    metrics.Reloaded(report.what, report.good);
    health.Note(report.what, report.good ? "" : report.message);
    Say(report.good ? LogLevel::kInfo : LogLevel::kError,
        std::string(report.what) + ": " + report.message);
  }
};

}  // namespace injector::webhook
