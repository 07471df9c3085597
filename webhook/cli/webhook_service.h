#pragma once

// Everything of `serve` that listens: the webhook over TLS, health and metrics.

#include <memory>

#include "webhook/cli/serve_certificate.h"
#include "webhook/cli/serve_context.h"
#include "webhook/cli/serve_source.h"
#include "webhook/component_handler.h"
#include "webhook/handler.h"
#include "webhook/health.h"
#include "webhook/ready_gate.h"
#include "webhook/refusal_report.h"
#include "webhook/server.h"

namespace injector::webhook {

class WebhookService {
 public:
  // Adds its checks to the context's health. Both outlive the service.
  WebhookService(const ServeContext& context, ServeSource& source);

  // Health and metrics first, then the source, then the webhook. Ready when every check of the
  // health is, which may come later.
  // Errors: of listening, of the certificate, of the source.
  [[nodiscard]] Result<void> Start();

  // Fails readiness, goes on for the drain time, then closes, then takes a published certificate
  // back.
  // Blocks: until all of that is done.
  void Stop();

 private:
  [[nodiscard]] Result<std::unique_ptr<Server>> Listen(const ListenOptions& where, Routes routes);
  [[nodiscard]] Result<void> StartHealth();
  [[nodiscard]] Result<void> StartMetrics();
  [[nodiscard]] Result<void> StartCertificate();
  [[nodiscard]] Result<void> StartWebhook();

  const ServeContext context_;
  ServeSource& source_;
  AdmissionHandler admission_;
  ComponentHandler components_;
  RefusalReport refusals_;
  ReadyGate admission_gate_;
  ReadyGate components_gate_;
  HealthzHandler healthz_;
  ReadyzHandler readyz_;
  LivezHandler livez_;
  MetricsHandler metrics_page_;
  std::unique_ptr<ServeCertificate> certificate_;
  std::unique_ptr<Server> health_server_;
  std::unique_ptr<Server> metrics_server_;
  std::unique_ptr<Server> webhook_server_;
};

}  // namespace injector::webhook
