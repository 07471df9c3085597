#include "webhook/cli/serve.h"

#include <malloc.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "webhook/cli/cluster_serve_source.h"
#include "webhook/cli/file_serve_source.h"
#include "webhook/cli/option_reader.h"
#include "webhook/cli/stop_signals.h"
#include "webhook/cli/webhook_service.h"
#include "webhook/socket.h"
#include "webhook/version.h"

namespace injector::webhook {
namespace {

// What a large review needed goes back to the system at once. By itself the C library learns from
// the first such blocks to keep the next ones, in each of its arenas.
void GiveBackLargeBlocks() {
#ifdef __GLIBC__
  constexpr int kLargeBytes = 128 * 1024;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs yet
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
#endif
}

bool RefusesRoot(const ServeOptions& options) {
  return options.InCluster() && !options.cluster.root_allowed && geteuid() == 0;
}

Result<std::unique_ptr<ServeSource>> MakeSource(const ServeContext& context) {
  if (!context.options.InCluster()) return std::make_unique<FileServeSource>(context);
  auto source = ClusterServeSource::Find(context);
  if (!source) return tl::unexpected(std::move(source).error());
  return std::unique_ptr<ServeSource>(*std::move(source));
}

// Serves until the first signal.
Result<void> Serve(const ServeContext& context, const StopSignals& signals) {
  if (RefusesRoot(context.options)) {
    return Fail(ErrorKind::kUsage,
                "refusing to run as user id 0: give the container another user, or set "
                "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK=true");
  }
  auto source = MakeSource(context);
  if (!source) return tl::unexpected(std::move(source).error());
  WebhookService service(context, **source);
  context.health.OnReady([&context] { context.Say(LogLevel::kInfo, "ready"); });
  if (auto started = service.Start(); !started) return started;
  const std::string_view signal = signals.Wait();
  context.Say(LogLevel::kInfo,
              std::string(signal) + " received: stopping; a second one ends the process at once");
  service.Stop();
  return {};
}

}  // namespace

int RunServe(const ServeOptions& options) {
  const StopSignals signals;  // before any thread, so that none takes a signal
  GiveBackLargeBlocks();
  RaiseDescriptorLimit();
  auto log = Log::Open(options.log);
  if (!log) {
    Log::Open({})
        .value_or(Log::Silent())
        .Write(LogLevel::kFatal, kInjectorScope, log.error().Text());
    return kExitFailed;
  }
  log->WriteBehind();
  log->Write(LogLevel::kInfo, kInjectorScope,
             "component-injector " + std::string(Version()) + " starts");
  for (const std::string& warning : options.common.warnings) {
    log->Write(LogLevel::kWarning, kInjectorScope, warning);
  }
  Metrics metrics;
  metrics.AddSampled("component_injector_log_lines_lost_total",
                     "Lines of the log that were lost since nobody read them.",
                     [&log] { return static_cast<double>(log->LinesLost()); });
  Health health;
  if (const auto served = Serve({options, *log, metrics, health}, signals); !served) {
    log->Write(LogLevel::kFatal, kInjectorScope, served.error().Text());
    return kExitFailed;
  }
  log->Write(LogLevel::kInfo, kInjectorScope, "stopped");
  return kExitDone;
}

}  // namespace injector::webhook
