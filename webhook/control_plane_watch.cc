#include "webhook/control_plane_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "webhook/server_version.h"
#include "webhook/webhook_configuration.h"

namespace injector::webhook {
namespace {

using k8s::ApiErrorKind;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr const char* kVersion = "/version";
constexpr const char* kWebhookConfigurations =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/";
constexpr const char* kBothAnswer =
    "Dapr's own injector is still installed (MutatingWebhookConfiguration dapr-sidecar-injector), "
    "and both answer pods: disable it in Dapr's chart with dapr_sidecar_injector.enabled=false; "
    "docs/install.md has the order of steps";

k8s::Deadline Soon() {
  return steady_clock::now() + std::chrono::seconds(10);
}

// The server has said no, which is an answer; the other failures pass.
bool IsAnswer(const k8s::ApiError& error) {
  switch (error.kind) {
    case ApiErrorKind::kForbidden:
    case ApiErrorKind::kNotFound:
    case ApiErrorKind::kBadReply:
    case ApiErrorKind::kRefused:
      return true;
    default:
      return false;
  }
}

// spec.mtls.enabled; on unless it says otherwise.
bool MtlsOf(const json& configuration) {
  static const json::json_pointer kEnabled("/spec/mtls/enabled");
  const bool there = configuration.contains(kEnabled);
  return !there || !configuration.at(kEnabled).is_boolean() || configuration.at(kEnabled) == true;
}

std::string UidOf(const json& account) {
  static const json::json_pointer kUid("/metadata/uid");
  const bool there = account.contains(kUid) && account.at(kUid).is_string();
  return there ? account.at(kUid).get<std::string>() : std::string();
}

}  // namespace

ControlPlaneWatch::ControlPlaneWatch(k8s::Client& client, ControlPlaneOptions options,
                                     FileSurroundings& surroundings, AllowedUids& uids,
                                     Listener listener)
    : client_(client),
      options_(std::move(options)),
      surroundings_(surroundings),
      uids_(uids),
      listener_(std::move(listener)),
      unknown_accounts_(options_.accounts) {
  if (!options_.seeks_dapr_injector) dapr_injector_due_ = TimePoint::max();
  if (options_.asks_version) return;
  version_due_ = TimePoint::max();
  version_answered_ = true;
}

std::chrono::milliseconds ControlPlaneWatch::Pause(Outcome outcome,
                                                   std::chrono::milliseconds when_known) const {
  switch (outcome) {
    case Outcome::kKnown:
      return when_known;
    case Outcome::kRefused:
      return options_.interval;
    case Outcome::kNoAnswer:
      return options_.retry;
  }
  return options_.retry;
}

steady_clock::time_point ControlPlaneWatch::AskAt(steady_clock::time_point now) {
  if (now >= mtls_due_) {
    const Outcome outcome = AskMtls();
    mtls_answered_ = mtls_answered_ || outcome != Outcome::kNoAnswer;
    mtls_due_ = now + Pause(outcome, options_.interval);
  }
  if (now >= version_due_) {
    const Outcome outcome = AskVersion();
    version_answered_ = version_answered_ || outcome != Outcome::kNoAnswer;
    version_due_ = now + Pause(outcome, options_.version_interval);
  }
  if (now >= accounts_due_) {
    accounts_due_ = AskAccounts() ? TimePoint::max() : now + options_.interval;
  }
  if (now >= dapr_injector_due_) dapr_injector_due_ = now + AskDaprInjector();
  if (!began_) began_ = now;
  if (now - *began_ >= options_.patience) mtls_answered_ = version_answered_ = true;
  return std::min({mtls_due_, version_due_, accounts_due_, dapr_injector_due_});
}

void ControlPlaneWatch::Run(std::function<void()> answered, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const auto due = AskAt(steady_clock::now());
    if (answered && IsAnswered()) std::exchange(answered, nullptr)();
    std::unique_lock lock(mutex);
    wake.wait_until(lock, stop, due, [] { return false; });
  }
}

ControlPlaneWatch::Outcome ControlPlaneWatch::AskMtls() {
  const std::string path =
      "/apis/dapr.io/v1alpha1/namespaces/" + options_.namespace_name + "/configurations/daprsystem";
  const auto configuration = client_.Get(path, Soon());
  if (configuration) {
    told_.erase(path);
    SetMtls(MtlsOf(*configuration),
            "by the Configuration daprsystem in " + options_.namespace_name);
    return Outcome::kKnown;
  }
  const Outcome outcome = Complain(path, configuration.error());
  if (outcome == Outcome::kRefused) {
    SetMtls(true, "no Configuration daprsystem can be read in " + options_.namespace_name);
  }
  return outcome;
}

void ControlPlaneWatch::SetMtls(bool enabled, const std::string& why) {
  if (mtls_ == enabled) return;
  mtls_ = enabled;
  surroundings_.SetMtls(enabled);
  listener_({LogLevel::kInfo, std::string("mTLS ") + (enabled ? "on: " : "off: ") + why});
}

ControlPlaneWatch::Outcome ControlPlaneWatch::AskVersion() {
  const auto version = client_.Get(kVersion, Soon());
  if (!version) return Complain(kVersion, version.error());
  const auto minor = MinorOf(*version);
  if (!minor) {
    return Complain(kVersion,
                    {ApiErrorKind::kBadReply, "GET /version: the answer has no minor version"});
  }
  told_.erase(kVersion);
  if (minor_ == minor) return Outcome::kKnown;
  minor_ = minor;
  surroundings_.SetServerMinor(minor);
  listener_({LogLevel::kInfo, "the API server is Kubernetes 1." + std::to_string(*minor)});
  return Outcome::kKnown;
}

// Missing and forbidden accounts are nothing to speak of: the names decide already.
bool ControlPlaneWatch::AskAccounts() {
  while (!unknown_accounts_.empty()) {
    const AccountName& account = unknown_accounts_.back();
    const auto object = client_.Get(
        "/api/v1/namespaces/" + account.namespace_name + "/serviceaccounts/" + account.name,
        Soon());
    if (!object && !IsAnswer(object.error())) return false;
    if (object) found_uids_.insert(UidOf(*object));
    unknown_accounts_.pop_back();
    uids_.Set(found_uids_);
  }
  return true;
}

// Who may not ask has been told to go beside it, or has checks turned off: nothing to speak of. A
// server that does not answer is spoken of where mTLS is asked for.
std::chrono::milliseconds ControlPlaneWatch::AskDaprInjector() {
  const auto found = client_.Get(std::string(kWebhookConfigurations) + kDaprInjectorName, Soon());
  if (!found && !IsAnswer(found.error())) return options_.retry;
  const bool was_there = std::exchange(dapr_injector_, found.has_value());
  if (found) {
    if (!was_there) listener_({LogLevel::kWarning, kBothAnswer, kBothAnswer});
    return options_.interval;  // the note goes soon after its reason
  }
  if (found.error().kind != ApiErrorKind::kNotFound) {
    listener_({LogLevel::kDebug,
               "whether Dapr's own injector is installed is not known: " + found.error().message,
               ""});
  } else if (was_there) {
    listener_({LogLevel::kInfo, "Dapr's own injector is gone", ""});
  }
  return options_.version_interval;
}

ControlPlaneWatch::Outcome ControlPlaneWatch::Complain(const std::string& path,
                                                       const k8s::ApiError& error) {
  const Outcome outcome = IsAnswer(error) ? Outcome::kRefused : Outcome::kNoAnswer;
  const auto [told, is_new] = told_.try_emplace(path, error.kind);
  if (!is_new && std::exchange(told->second, error.kind) == error.kind) return outcome;
  listener_({LogLevel::kWarning, error.message + (path == kVersion ? "" : AdviceOn(error))});
  return outcome;
}

std::string ControlPlaneWatch::AdviceOn(const k8s::ApiError& error) const {
  switch (error.kind) {
    case ApiErrorKind::kForbidden:
      return "; add to the rules of the injector's Role in namespace " + options_.namespace_name +
             ": - {apiGroups: [dapr.io], resources: [configurations], resourceNames: "
             "[daprsystem], verbs: [get]}";
    case ApiErrorKind::kNotFound:
      return "; there seems to be no Dapr control plane in namespace " + options_.namespace_name +
             ": install Dapr there, or name its namespace in the variable NAMESPACE (the chart's "
             "controlPlane.namespace)";
    default:
      return "";
  }
}

}  // namespace injector::webhook
