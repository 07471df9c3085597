#pragma once

// The Recorder that Prometheus reads: Dapr's three counters under their own names, ours with the
// prefix component_injector_, and process_*. Series appear with their first increment.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "webhook/certificate_recorder.h"
#include "webhook/cluster_recorder.h"
#include "webhook/http_message.h"
#include "webhook/recorder.h"

namespace injector::webhook {

class Metrics : public Recorder, public CertificateRecorder, public ClusterRecorder {
 public:
  // At most this many different app ids become label values; later ones count as `other`.
  static constexpr int kMaxAppIds = 1000;

  Metrics();
  ~Metrics() override;

  void RequestReceived() override;
  void InjectionSucceeded(std::string_view app_id) override;
  void InjectionFailed(std::string_view app_id, InjectionFailure reason) override;
  void Decided(const patch::Decisions& decisions) override;
  void Answered(int http_status, std::chrono::nanoseconds took) override;
  void Refused(int http_status) override;
  void HandlerThrew() override;
  void ComponentReviewed(ComponentOutcome outcome) override;
  void Reloaded(std::string_view what, bool good) override;

  void CertificateInUse(std::chrono::system_clock::time_point not_after) override;
  void BundleWritten(std::string_view object) override;
  void BundleConflict(std::string_view object) override;
  void BundleFailed(std::string_view object) override;

  void ApiCalled(std::string_view verb, std::string_view resource, int code) override;
  void CacheRelisted() override;
  void CacheFailed() override;
  void LiveListed(bool good) override;
  void ServedStale() override;

  // Adds a value that is asked for whenever the page is made; before the page is served. One whose
  // name ends in _total is a counter, any other a gauge.
  // In: `value` is called from any thread, and outlives the page's last rendering.
  void AddSampled(std::string name, std::string help, std::function<double()> value);

  // The page in Prometheus' text format. Reads /proc for process_*.
  [[nodiscard]] std::string Render() const;

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

// Answers any request with the page.
class MetricsHandler : public HttpHandler {
 public:
  explicit MetricsHandler(const Metrics& metrics) : metrics_(metrics) {}
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  const Metrics& metrics_;
};

}  // namespace injector::webhook
