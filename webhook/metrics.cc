#include "webhook/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "patch/reason.h"
#include "webhook/process_use.h"
#include "webhook/version.h"

namespace injector::webhook {
namespace {

using prometheus::Counter;
using CounterFamily = prometheus::Family<Counter>;

constexpr std::array<std::string_view, 4> kFailureNames = {"pod_patch", "patch", "response",
                                                           "write_response"};
constexpr std::array<std::string_view, 4> kOutcomeNames = {"allowed", "warned", "denied",
                                                           "refused"};
constexpr std::size_t kMaxAppIdBytes = 253;  // longer ones are no names of Kubernetes objects
constexpr std::string_view kOther = "other";
constexpr int kFirstStatus = 100;
constexpr int kLastStatus = 599;

// From 50 us: planning takes some tens of them; the last ones are the API server's time limits.
const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025,
    0.05,    0.1,    0.25,   0.5,    1,     2.5,   5,     10,   30};

// One family of counters each.
enum class Family {
  kRequests,
  kSucceeded,
  kFailed,
  kDecisions,
  kResponses,
  kExceptions,
  kReloads,
  kComponentReviews,
  kBundleWrites,
  kBundleConflicts,
  kBundleErrors,
  kApiRequests,
  kCacheRelists,
  kCacheErrors,
  kLiveLists,
  kServedStale,
};

struct FamilyText {
  Family family;
  const char* name;
  const char* help;
};

// The first three have Dapr's names and labels.
constexpr std::array<FamilyText, 16> kFamilies = {{
    {Family::kRequests, "dapr_injector_sidecar_injection_requests_total",
     "The total number of sidecar injection requests."},
    {Family::kSucceeded, "dapr_injector_sidecar_injection_succeeded_total",
     "The total number of successful sidecar injections."},
    {Family::kFailed, "dapr_injector_sidecar_injection_failed_total",
     "The total number of failed sidecar injections."},
    {Family::kDecisions, "component_injector_decisions_total",
     "Decisions on pods, containers and Components, by reason id."},
    {Family::kResponses, "component_injector_http_responses_total",
     "Answers to admission requests, and refusals of what came in their place, by HTTP status "
     "code."},
    {Family::kExceptions, "component_injector_handler_exceptions_total",
     "Exceptions in the handler that became an answer."},
    {Family::kReloads, "component_injector_reloads_total",
     "Files read again after a change, by what they hold and the result."},
    {Family::kComponentReviews, "component_injector_component_reviews_total",
     "Requests on Components that were written, by outcome."},
    {Family::kBundleWrites, "component_injector_ca_bundle_writes_total",
     "Changes of a caBundle, by kind of webhook configuration."},
    {Family::kBundleConflicts, "component_injector_ca_bundle_conflicts_total",
     "Writes of a caBundle that somebody else was faster than."},
    {Family::kBundleErrors, "component_injector_ca_bundle_errors_total",
     "Tries to keep a caBundle right that failed."},
    {Family::kApiRequests, "component_injector_api_requests_total",
     "Calls of the Kubernetes API, by verb, resource and HTTP status code (error: no answer)."},
    {Family::kCacheRelists, "component_injector_cache_relists_total",
     "Lists of all Components that were begun."},
    {Family::kCacheErrors, "component_injector_cache_errors_total",
     "Lists and watches of all Components that failed."},
    {Family::kLiveLists, "component_injector_live_lists_total",
     "Lists of one namespace's Components while a pod waited, by result."},
    {Family::kServedStale, "component_injector_served_stale_total",
     "Pods that were served from memory because a live list failed."},
}};

// A series that appears on the page with its first increment. Threads: safe.
class LazyCounter {
 public:
  // In: `labels` makes the series' labels; called once, or by two threads that come first.
  template <class MakeLabels>
  void Increment(CounterFamily& family, const MakeLabels& labels) {
    Counter* counter = counter_.load(std::memory_order_acquire);
    if (counter == nullptr) {
      counter = &family.Add(labels());  // gives both threads the same one
      counter_.store(counter, std::memory_order_release);
    }
    counter->Increment();
  }

 private:
  std::atomic<Counter*> counter_{nullptr};
};

// The series that carry one app_id.
struct AppSeries {
  explicit AppSeries(std::string_view app_id) : label(app_id) {}

  const std::string label;
  LazyCounter succeeded;
  std::array<LazyCounter, kFailureNames.size()> failed;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// The series by app_id, for as many as are allowed; the rest share one. Threads: safe.
class AppTable {
 public:
  AppSeries& Find(std::string_view app_id) {
    if (app_id.size() > kMaxAppIdBytes) return other_;
    {
      const std::shared_lock lock(mutex_);
      const auto found = apps_.find(app_id);
      if (found != apps_.end()) return *found->second;
      if (apps_.size() >= Metrics::kMaxAppIds) return other_;
    }
    const std::unique_lock lock(mutex_);
    if (apps_.size() >= Metrics::kMaxAppIds && !apps_.contains(app_id)) return other_;
    auto& app = apps_[std::string(app_id)];
    if (app == nullptr) app = std::make_unique<AppSeries>(app_id);
    return *app;
  }

 private:
  std::shared_mutex mutex_;
  // Guarded by mutex_; the series themselves stay where they are and are not.
  std::unordered_map<std::string, std::unique_ptr<AppSeries>, TextHash, std::equal_to<>> apps_;
  AppSeries other_{kOther};
};

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const std::string& name,
                            const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::MetricFamily Single(const std::string& name, const std::string& help,
                                prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return prometheus::MetricFamily{name, help, type, {std::move(metric)}};
}

void AppendProcess(std::vector<prometheus::MetricFamily>& families) {
  using prometheus::MetricType;
  const ProcessUse use = ReadProcessUse();
  families.push_back(Single("process_cpu_seconds_total", "User and system CPU time in seconds.",
                            MetricType::Counter, use.cpu_seconds));
  const std::array<std::tuple<const char*, const char*, double>, 6> gauges = {{
      {"process_max_fds", "Most file descriptors that may be open.", use.max_fds},
      {"process_open_fds", "Open file descriptors.", use.open_fds},
      {"process_resident_memory_bytes", "Resident memory in bytes.", use.resident_memory_bytes},
      {"process_start_time_seconds", "Start of the process, seconds since the epoch.",
       use.start_time_seconds},
      {"process_threads", "Threads of the process.", use.threads},
      {"process_virtual_memory_bytes", "Virtual memory in bytes.", use.virtual_memory_bytes},
  }};
  for (const auto& [name, help, value] : gauges) {
    families.push_back(Single(name, help, MetricType::Gauge, value));
  }
}

}  // namespace

struct Metrics::Series {
  Series() {
    for (const FamilyText& text : kFamilies)
      families.at(static_cast<std::size_t>(text.family)) =
          &prometheus::BuildCounter().Name(text.name).Help(text.help).Register(registry);
  }
  void CountResponse(int http_status);
  CounterFamily& Of(Family family) { return *families.at(static_cast<std::size_t>(family)); }

  prometheus::Registry registry;
  std::array<CounterFamily*, kFamilies.size()> families{};
  prometheus::Family<prometheus::Gauge>& expiry =
      prometheus::BuildGauge()
          .Name("component_injector_certificate_expiry_timestamp_seconds")
          .Help("End of the serving certificate's validity, seconds since the epoch.")
          .Register(registry);
  prometheus::Gauge& in_flight = AddGauge(registry, "component_injector_admissions_in_flight",
                                          "Admission requests being answered.");
  prometheus::Histogram& duration = prometheus::BuildHistogram()
                                        .Name("component_injector_admission_duration_seconds")
                                        .Help("Time from a whole request to its answer.")
                                        .Register(registry)
                                        .Add({}, kBuckets);

  LazyCounter request_count;
  LazyCounter exception_count;
  std::vector<LazyCounter> decision_counts = std::vector<LazyCounter>(patch::AllReasons().size());
  std::array<LazyCounter, kLastStatus - kFirstStatus + 1> response_counts;
  AppTable apps;

  struct Sampled {
    std::string name;
    std::string help;
    std::function<double()> value;
  };
  std::vector<Sampled> sampled;
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {
  prometheus::BuildGauge()
      .Name("component_injector_build_info")
      .Help("1, labelled with the version of the program.")
      .Register(series_->registry)
      .Add({{"version", std::string(Version())}})
      .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::RequestReceived() {
  series_->in_flight.Increment();
  series_->request_count.Increment(series_->Of(Family::kRequests),
                                   [] { return prometheus::Labels{}; });
}

void Metrics::InjectionSucceeded(std::string_view app_id) {
  AppSeries& app = series_->apps.Find(app_id);
  app.succeeded.Increment(series_->Of(Family::kSucceeded), [&app] {
    return prometheus::Labels{{"app_id", app.label}};
  });
}

void Metrics::InjectionFailed(std::string_view app_id, InjectionFailure reason) {
  AppSeries& app = series_->apps.Find(app_id);
  const auto index = static_cast<std::size_t>(reason);
  app.failed.at(index).Increment(series_->Of(Family::kFailed), [&app, index] {
    return prometheus::Labels{{"app_id", app.label},
                              {"reason", std::string(kFailureNames.at(index))}};
  });
}

void Metrics::Decided(const patch::Decisions& decisions) {
  for (const patch::Decision& decision : decisions) {
    const auto index = static_cast<std::size_t>(decision.reason);
    series_->decision_counts.at(index).Increment(series_->Of(Family::kDecisions), [&decision] {
      return prometheus::Labels{{"reason", std::string(Describe(decision.reason).id)}};
    });
  }
}

void Metrics::Answered(int http_status, std::chrono::nanoseconds took) {
  series_->in_flight.Decrement();
  series_->duration.Observe(std::chrono::duration<double>(took).count());
  series_->CountResponse(http_status);
}

void Metrics::Refused(int http_status) {
  series_->CountResponse(http_status);
}

void Metrics::Series::CountResponse(int http_status) {
  const int status = std::clamp(http_status, kFirstStatus, kLastStatus);
  const auto index = static_cast<std::size_t>(status - kFirstStatus);
  response_counts.at(index).Increment(Of(Family::kResponses), [status] {
    return prometheus::Labels{{"code", std::to_string(status)}};
  });
}

void Metrics::HandlerThrew() {
  series_->exception_count.Increment(series_->Of(Family::kExceptions),
                                     [] { return prometheus::Labels{}; });
}

void Metrics::ComponentReviewed(ComponentOutcome outcome) {
  const std::string_view name = kOutcomeNames.at(static_cast<std::size_t>(outcome));
  series_->Of(Family::kComponentReviews).Add({{"outcome", std::string(name)}}).Increment();
}

void Metrics::CertificateInUse(std::chrono::system_clock::time_point not_after) {
  series_->expiry.Add({}).Set(std::chrono::duration<double>(not_after.time_since_epoch()).count());
}

void Metrics::BundleWritten(std::string_view object) {
  series_->Of(Family::kBundleWrites).Add({{"object", std::string(object)}}).Increment();
}

void Metrics::BundleConflict(std::string_view object) {
  series_->Of(Family::kBundleConflicts).Add({{"object", std::string(object)}}).Increment();
}

void Metrics::BundleFailed(std::string_view object) {
  series_->Of(Family::kBundleErrors).Add({{"object", std::string(object)}}).Increment();
}

void Metrics::Reloaded(std::string_view what, bool good) {
  series_->Of(Family::kReloads)
      .Add({{"what", std::string(what)}, {"result", good ? "success" : "failure"}})
      .Increment();
}

void Metrics::ApiCalled(std::string_view verb, std::string_view resource, int code) {
  series_->Of(Family::kApiRequests)
      .Add({{"verb", std::string(verb)},
            {"resource", std::string(resource)},
            {"code", code == 0 ? "error" : std::to_string(code)}})
      .Increment();
}

void Metrics::CacheRelisted() {
  series_->Of(Family::kCacheRelists).Add({}).Increment();
}

void Metrics::CacheFailed() {
  series_->Of(Family::kCacheErrors).Add({}).Increment();
}

void Metrics::LiveListed(bool good) {
  series_->Of(Family::kLiveLists).Add({{"result", good ? "success" : "failure"}}).Increment();
}

void Metrics::ServedStale() {
  series_->Of(Family::kServedStale).Add({}).Increment();
}

void Metrics::AddSampled(std::string name, std::string help, std::function<double()> value) {
  series_->sampled.push_back({std::move(name), std::move(help), std::move(value)});
}

std::string Metrics::Render() const {
  std::vector<prometheus::MetricFamily> families = series_->registry.Collect();
  for (const Series::Sampled& one : series_->sampled) {
    const bool counts = one.name.ends_with("_total");
    families.push_back(Single(
        one.name, one.help,
        counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge, one.value()));
  }
  AppendProcess(families);
  return prometheus::TextSerializer().Serialize(families);
}

HttpReply MetricsHandler::Handle(const HttpRequest& /*request*/) {
  HttpReply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = metrics_.Render();
  return reply;
}

}  // namespace injector::webhook
