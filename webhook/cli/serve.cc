#include "webhook/cli/serve.h"

#include <malloc.h>

#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "webhook/certificate_watch.h"
#include "webhook/cli/option_reader.h"
#include "webhook/cli/serve_certificate.h"
#include "webhook/cli/stop_signals.h"
#include "webhook/handler.h"
#include "webhook/health.h"
#include "webhook/metrics.h"
#include "webhook/resource_files.h"
#include "webhook/resource_watch.h"
#include "webhook/server.h"
#include "webhook/socket.h"
#include "webhook/surroundings.h"
#include "webhook/version.h"

namespace injector::webhook {
namespace {

// What a large review needed goes back to the system at once. By itself the C library learns from
// the first such blocks to keep the next ones, in each of its arenas.
void GiveBackLargeBlocks() {
#ifdef __GLIBC__
  constexpr int kLargeBytes = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
#endif
}

// Everything that serves, in the order of dependence: what is below uses what is above.
class Service {
 public:
  Service(const ServeOptions& options, Log& log)
      : options_(options),
        log_(log),
        resources_(options.common.resources),
        surroundings_(options.common, MissingTrustAnchors::kNothing),
        admission_(
            {options.common.settings, options.callers, resources_, surroundings_, metrics_, log}) {
    if (options.enable_metrics) health_.Add(kMetricsExporter);
    health_.Add(kHealthzServer);
    health_.Add(kSecurityProvider);
    health_.Add(kInjectorService);
  }

  // Starts everything; ready when it returns.
  Result<void> Start() {
    if (auto started = StartHealth(); !started) return started;
    if (auto started = StartMetrics(); !started) return started;
    if (auto read = Read(); !read) return read;
    return StartWebhook();
  }

  // Fails readiness, goes on for the drain time, then closes.
  void Stop() {
    health_.StartDraining();
    webhook_server_->Drain();
    std::this_thread::sleep_for(options_.drain_time);
    webhook_server_->Stop();
    health_server_->Stop(std::chrono::milliseconds(0));
    if (metrics_server_) metrics_server_->Stop(std::chrono::milliseconds(0));
  }

 private:
  void Say(LogLevel level, std::string_view line) { log_.Write(level, kInjectorScope, line); }

  Result<std::unique_ptr<Server>> Listen(const ListenOptions& where, Routes routes) {
    ServerOptions server;
    server.address = where.address;
    server.port = where.port;
    return Server::Start(server, std::move(routes));
  }

  Result<void> StartHealth() {
    Routes routes;
    routes.paths = {{"/healthz", &healthz_}, {"/readyz", &readyz_}, {"/livez", &livez_}};
    auto server = Listen(options_.health, std::move(routes));
    if (!server) return tl::unexpected(std::move(server).error());
    health_server_ = *std::move(server);
    health_.Set(kHealthzServer, true);
    Say(LogLevel::kInfo, "health on http://" + health_server_->Address() + "/healthz");
    return {};
  }

  Result<void> StartMetrics() {
    if (!options_.enable_metrics) return {};
    Routes routes;
    routes.any_other_path = &metrics_page_;
    auto server = Listen(options_.metrics, std::move(routes));
    if (!server) return tl::unexpected(std::move(server).error());
    metrics_server_ = *std::move(server);
    health_.Set(kMetricsExporter, true);
    Say(LogLevel::kInfo, "metrics on http://" + metrics_server_->Address() + "/");
    return {};
  }

  // Resources that cannot be read at start are a fault of the start; trust anchors may come later.
  Result<void> Read() {
    std::optional<std::string> fault;
    ReadResources(&resources_, surroundings_, [&](const ReloadReport& report) {
      if (!report.good && report.what == "resources") fault = report.message;
      Tell(report);
    });
    if (fault) return Fail(ErrorKind::kFile, *std::move(fault));
    resource_watch_.emplace(&resources_, surroundings_,
                            [this](const ReloadReport& report) { Tell(report); });
    return {};
  }

  void Tell(const ReloadReport& report) {
    metrics_.Reloaded(report.what, report.good);
    health_.Note(report.what, report.good ? "" : report.message);
    Say(report.good ? LogLevel::kInfo : LogLevel::kError,
        std::string(report.what) + ": " + report.message);
  }

  Result<void> StartWebhook() {
    auto certificate = MakeServingCertificate(options_);
    if (!certificate) return tl::unexpected(std::move(certificate).error());
    certificate_ = *std::move(certificate);
    health_.Set(kSecurityProvider, true);
    if (!options_.ephemeral_certificate) {
      certificate_watch_.emplace(options_.certificate_files, *certificate_,
                                 [this](const ReloadReport& report) { Tell(report); });
    }
    ServerOptions server;
    server.address = options_.webhook.address;
    server.port = options_.webhook.port;
    server.certificate = certificate_.get();
    server.max_body = options_.max_body;
    server.max_connections = options_.max_connections;
    server.max_inflight_bytes = options_.max_inflight_bytes;
    Routes routes;
    routes.paths = {{"/mutate", &admission_}};
    auto started = Server::Start(server, std::move(routes));
    if (!started) return tl::unexpected(std::move(started).error());
    webhook_server_ = *std::move(started);
    health_.Set(kInjectorService, true);
    Say(LogLevel::kInfo, "webhook on https://" + webhook_server_->Address() + "/mutate");
    return {};
  }

  const ServeOptions& options_;
  Log& log_;
  Metrics metrics_;
  Health health_;
  ResourceFiles resources_;
  FileSurroundings surroundings_;
  AdmissionHandler admission_;
  HealthzHandler healthz_{health_};
  ReadyzHandler readyz_{health_};
  LivezHandler livez_;
  MetricsHandler metrics_page_{metrics_};
  std::unique_ptr<ServingCertificate> certificate_;
  std::unique_ptr<Server> health_server_;
  std::unique_ptr<Server> metrics_server_;
  std::unique_ptr<Server> webhook_server_;
  std::optional<CertificateWatch> certificate_watch_;
  std::optional<ResourceWatch> resource_watch_;
};

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
  log->Write(LogLevel::kInfo, kInjectorScope,
             "component-injector " + std::string(Version()) + " starts");
  for (const std::string& warning : options.common.warnings) {
    log->Write(LogLevel::kWarning, kInjectorScope, warning);
  }
  Service service(options, *log);
  if (const auto started = service.Start(); !started) {
    log->Write(LogLevel::kFatal, kInjectorScope, started.error().Text());
    return kExitFailed;
  }
  log->Write(LogLevel::kInfo, kInjectorScope, "ready");
  const std::string_view signal = signals.Wait();
  log->Write(LogLevel::kInfo, kInjectorScope,
             std::string(signal) + " received: stopping; a second one ends the process at once");
  service.Stop();
  log->Write(LogLevel::kInfo, kInjectorScope, "stopped");
  return kExitDone;
}

}  // namespace injector::webhook
