#include "webhook/cli/webhook_service.h"

#include <thread>
#include <utility>

namespace injector::webhook {

WebhookService::WebhookService(const ServeContext& context, ServeSource& source)
    : context_(context),
      source_(source),
      admission_({context.options.common.settings, context.options.callers, source.Components(),
                  source.Surroundings(), context.metrics, context.log, source.Uids()}),
      components_(context.options.component_validation, context.metrics, context.log),
      refusals_(context.metrics, context.log),
      admission_gate_(context.health, admission_, context.metrics),
      components_gate_(context.health, components_, context.metrics),
      healthz_(context.health),
      readyz_(context.health),
      metrics_page_(context.metrics) {
  if (context_.options.enable_metrics) context_.health.Add(kMetricsExporter);
  context_.health.Add(kHealthzServer);
  context_.health.Add(kSecurityProvider);
  context_.health.Add(kInjectorService);
  context_.metrics.AddSampled("component_injector_ready", "1 while the program is ready, else 0.",
                              [&health = context.health] { return health.Ready() ? 1 : 0; });
}

Result<void> WebhookService::Start() {
  if (auto started = StartHealth(); !started) return started;
  if (auto started = StartMetrics(); !started) return started;
  if (auto started = source_.Start(); !started) return started;
  if (auto started = StartCertificate(); !started) return started;
  if (auto started = StartWebhook(); !started) return started;
  certificate_->Start();
  return {};
}

void WebhookService::Stop() {
  context_.health.StartDraining();
  webhook_server_->Drain();
  std::this_thread::sleep_for(context_.options.drain_time);
  webhook_server_->Stop();
  certificate_->Stop();
  health_server_->Stop(std::chrono::milliseconds(0));
  if (metrics_server_) metrics_server_->Stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Server>> WebhookService::Listen(const ListenOptions& where, Routes routes) {
  ServerOptions server;
  server.address = where.address;
  server.port = where.port;
  server.workers = 1;  // of a few small requests; more come when it is held up
  return Server::Start(server, std::move(routes));
}

Result<void> WebhookService::StartHealth() {
  Routes routes;
  routes.paths = {{"/healthz", &healthz_}, {"/readyz", &readyz_}, {"/livez", &livez_}};
  auto server = Listen(context_.options.health, std::move(routes));
  if (!server) return tl::unexpected(std::move(server).error());
  health_server_ = *std::move(server);
  context_.health.Set(kHealthzServer, true, health_server_->Address());
  context_.Say(LogLevel::kInfo, "health on http://" + health_server_->Address() + "/healthz");
  return {};
}

Result<void> WebhookService::StartMetrics() {
  if (!context_.options.enable_metrics) return {};
  Routes routes;
  routes.any_other_path = &metrics_page_;
  auto server = Listen(context_.options.metrics, std::move(routes));
  if (!server) return tl::unexpected(std::move(server).error());
  metrics_server_ = *std::move(server);
  context_.health.Set(kMetricsExporter, true, metrics_server_->Address());
  context_.Say(LogLevel::kInfo, "metrics on http://" + metrics_server_->Address() + "/");
  return {};
}

Result<void> WebhookService::StartCertificate() {
  auto certificate = MakeServeCertificate(context_, source_.Api());
  if (!certificate) return tl::unexpected(std::move(certificate).error());
  certificate_ = *std::move(certificate);
  return {};
}

Result<void> WebhookService::StartWebhook() {
  ServerOptions server;
  server.address = context_.options.webhook.address;
  server.port = context_.options.webhook.port;
  server.certificate = &certificate_->Serving();
  server.refusals = &refusals_;
  server.max_body = context_.options.max_body;
  server.max_connections = context_.options.max_connections;
  server.max_inflight_bytes = context_.options.max_inflight_bytes;
  Routes routes;
  routes.paths = {{"/mutate", &admission_gate_}};
  if (context_.options.InCluster()) routes.paths.emplace("/validate-component", &components_gate_);
  auto started = Server::Start(server, std::move(routes));
  if (!started) return tl::unexpected(std::move(started).error());
  webhook_server_ = *std::move(started);
  context_.Say(LogLevel::kInfo, "webhook on https://" + webhook_server_->Address() + "/mutate");
  context_.health.Set(kInjectorService, true, webhook_server_->Address());
  return {};
}

}  // namespace injector::webhook
