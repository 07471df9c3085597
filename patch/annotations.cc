#include "patch/annotations.h"

#include <algorithm>
#include <array>
#include <limits>

#include "patch/annotation_keys.h"
#include "patch/bounded_remarks.h"
#include "patch/names.h"
#include "patch/quantity.h"
#include "patch/sidecar_mounts.h"
#include "patch/status_annotation.h"

namespace injector::patch {
namespace {

using OptionalText = std::optional<std::string_view>;

constexpr std::string_view kOurPrefix = "component-injector.dapr.io/";

// The user's text inside a sentence: whole when it is short.
std::string Quoted(std::string_view text) {
  constexpr std::size_t kShown = 48;
  if (text.size() <= kShown) return '"' + std::string(text) + '"';
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return '"' + std::string(text.substr(0, end)) + "...\"";
}

std::string Ignored(std::string_view key, std::string_view value, std::string_view expected) {
  return std::string(key) + ": " + Quoted(value) + " is ignored; expected " + std::string(expected);
}

// Reads single values. A value that does not parse leaves the default and is a fault.
class Reader {
 public:
  Reader(const AnnotationList& annotations, Decisions& faults) : faults_(faults) {
    for (const Annotation& annotation : annotations) {
      const bool read =
          annotation.key.starts_with("dapr.io/") || annotation.key.starts_with(kOurPrefix);
      if (read) annotations_.push_back(annotation);
    }
  }

  [[nodiscard]] const std::string_view* Find(std::string_view key) const {
    return FindAnnotation(annotations_, key);
  }

  void Fault(std::string_view key, std::string_view value, std::string_view expected) {
    faults_.push_back({Reason::kAnnotationInvalidValue, "", Ignored(key, value, expected)});
  }

  void Flag(std::string_view key, bool& value) {
    const std::string_view* text = Find(key);
    if (text == nullptr) return;
    value = ParseBool(*text);
    if (IsBoolWord(*text)) return;
    faults_.push_back(
        {Reason::kAnnotationInvalidValue, "",
         std::string(key) + ": " + Quoted(*text) + " counts as false; expected true or false"});
  }

  void Flag(std::string_view key, std::optional<bool>& value) {
    if (Find(key) != nullptr) Flag(key, value.emplace());
  }

  struct Range {
    std::int64_t least = std::numeric_limits<std::int32_t>::min();
    std::int64_t most = std::numeric_limits<std::int32_t>::max();
    std::string_view words = "an integer of 32 bits";
  };

  void Number(std::string_view key, std::int32_t& value, const Range& range) {
    const std::string_view* text = Find(key);
    if (text == nullptr) return;
    const auto number = ParseInt32(*text);
    if (number && *number >= range.least && *number <= range.most) {
      value = *number;
    } else {
      Fault(key, *text, range.words);
    }
  }

  void Number(std::string_view key, std::optional<std::int32_t>& value) {
    const std::string_view* text = Find(key);
    if (text == nullptr) return;
    value = ParseInt32(*text);
    if (!value) Fault(key, *text, Range().words);
  }

  void Text(std::string_view key, std::string_view& value) {
    if (const std::string_view* text = Find(key)) value = *text;
  }

  void Text(std::string_view key, OptionalText& value) {
    if (const std::string_view* text = Find(key)) value = *text;
  }

  // A text that `accepts` judges; "" always passes.
  template <class Accepts>
  void Text(std::string_view key, std::string_view& value, Accepts&& accepts,
            std::string_view expected) {
    const std::string_view* text = Find(key);
    if (text == nullptr) return;
    if (text->empty() || accepts(*text)) {
      value = *text;
    } else {
      Fault(key, *text, expected);
    }
  }

  void HostAddress(std::string_view key, OptionalText& value) {
    if (const std::string_view* text = Find(key)) value = ParseHostAddress(*text);
  }

  // A key under our prefix that is none of ours is a misspelt one.
  void FaultStrangers() {
    constexpr std::array kOurs = {key::kPlacement,   key::kInitPosition, key::kWait,
                                  key::kWaitTimeout, key::kAfter,        key::kRequire,
                                  kStatusKey};
    BoundedRemarks strangers(faults_);
    for (const Annotation& annotation : annotations_) {
      if (!annotation.key.starts_with(kOurPrefix)) continue;
      if (std::find(kOurs.begin(), kOurs.end(), annotation.key) != kOurs.end()) continue;
      strangers.Add(Reason::kAnnotationInvalidValue, "", [&annotation] {
        return std::string(annotation.key) + " is no annotation of a pod: misspelt?";
      });
    }
    strangers.Finish("the annotations");
  }

  // One of the words, whose place in the list becomes the value.
  template <class Value, std::size_t kCount>
  void Choice(std::string_view key, Value& value,
              const std::array<std::pair<std::string_view, Value>, kCount>& words,
              std::string_view expected) {
    const std::string_view* text = Find(key);
    if (text == nullptr) return;
    for (const auto& [word, meaning] : words) {
      if (word != *text) continue;
      value = meaning;
      return;
    }
    Fault(key, *text, expected);
  }

 private:
  AnnotationList annotations_;
  Decisions& faults_;
};

constexpr Reader::Range kPort{1, 65535, "a port from 1 to 65535"};
constexpr Reader::Range kPortOrNone{std::numeric_limits<std::int32_t>::min(), 65535,
                                    "a port up to 65535"};
constexpr Reader::Range kSecondsOrUnset{0, std::numeric_limits<std::int32_t>::max(),
                                        "a number of 0 or more"};

void ReadApp(Reader& reader, PodAnnotations& read) {
  reader.Number(key::kAppPort, read.app_port, kPortOrNone);
  reader.Text(key::kAppProtocol, read.app_protocol);
  reader.Flag(key::kAppSsl, read.app_ssl);
  reader.Text(key::kAppChannelAddress, read.app_channel_address);
  reader.Number(key::kAppMaxConcurrency, read.app_max_concurrency);
  constexpr std::string_view kSecretName = "the name of a Secret";
  reader.Text(key::kAppTokenSecret, read.app_token_secret, IsDnsSubdomain, kSecretName);
  reader.Text(key::kApiTokenSecret, read.api_token_secret, IsDnsSubdomain, kSecretName);
  reader.Text(key::kAppBindingOptionsTimeout, read.app_binding_options_timeout);
  reader.Flag(key::kEnableAppHealthCheck, read.enable_app_health_check);
  reader.Text(key::kAppHealthCheckPath, read.app_health_check_path);
  reader.Number(key::kAppHealthProbeInterval, read.app_health_probe_interval, {});
  reader.Number(key::kAppHealthProbeTimeout, read.app_health_probe_timeout, {});
  reader.Number(key::kAppHealthThreshold, read.app_health_threshold, {});
}

void ReadDaprd(Reader& reader, PodAnnotations& read) {
  reader.Text(key::kConfig, read.config);
  reader.Text(key::kLogLevel, read.log_level);
  reader.Flag(key::kLogAsJson, read.log_as_json);
  reader.Flag(key::kEnableProfiling, read.enable_profiling);
  reader.Flag(key::kEnableApiLogging, read.enable_api_logging);
  reader.Flag(key::kEnableMetrics, read.enable_metrics);
  reader.Number(key::kMetricsPort, read.metrics_port, kPort);
  reader.Flag(key::kEnableDebug, read.enable_debug);
  reader.Number(key::kDebugPort, read.debug_port, kPort);
  reader.Number(key::kGrpcPort, read.grpc_port, kPort);
  reader.Number(key::kInternalGrpcPort, read.internal_grpc_port, kPort);
  reader.Text(key::kListenAddresses, read.listen_addresses);
  reader.Number(key::kHttpMaxRequestSize, read.http_max_request_size);
  reader.Text(key::kMaxBodySize, read.max_body_size);
  reader.Number(key::kHttpReadBufferSize, read.http_read_buffer_size);
  reader.Text(key::kReadBufferSize, read.read_buffer_size);
  reader.Number(key::kGracefulShutdownSeconds, read.graceful_shutdown_seconds, {});
  reader.Text(key::kBlockShutdownDuration, read.block_shutdown_duration);
  reader.Flag(key::kDisableSecretStore, read.disable_secret_store);
  reader.HostAddress(key::kPlacementHostAddress, read.placement_host_address);
  reader.HostAddress(key::kSchedulerHostAddress, read.scheduler_host_address);
  reader.Text(key::kActorsDisseminateTimeout, read.actors_disseminate_timeout);
  reader.Text(key::kSentryJwtAudiences, read.sentry_jwt_audiences);
  reader.Text(key::kDisableInitEndpoints, read.disable_init_endpoints);
}

constexpr std::string_view kEnvName = "names of letters, digits, '-', '_' and '.'";

void ReadEnv(Reader& reader, PodAnnotations& read) {
  const std::string_view* text = reader.Find(key::kEnv);
  if (text == nullptr) return;
  BoundedRemarks faults(read.faults);
  for (const NameAndValue& variable : ParseEnvList(*text)) {
    if (IsEnvName(variable.name)) {
      read.env.push_back(variable);
    } else {
      faults.Add(Reason::kAnnotationInvalidValue, "",
                 [&] { return Ignored(key::kEnv, variable.name, kEnvName); });
    }
  }
  faults.Finish(key::kEnv);
}

void ReadEnvFromSecret(Reader& reader, PodAnnotations& read) {
  const std::string_view* text = reader.Find(key::kEnvFromSecret);
  if (text == nullptr) return;
  BoundedRemarks faults(read.faults);
  for (const NameAndValue& variable : ParseEnvList(*text)) {
    const auto secret = ParseSecretReference(variable.value);
    if (!IsEnvName(variable.name)) {
      faults.Add(Reason::kAnnotationInvalidValue, "",
                 [&] { return Ignored(key::kEnvFromSecret, variable.name, kEnvName); });
    } else if (!secret || !IsDnsSubdomain(secret->name) || !IsConfigKey(secret->key)) {
      faults.Add(Reason::kPodEnvSecretInvalid, "", [&] {
        return std::string(key::kEnvFromSecret) + ": " + std::string(variable.name) +
               " is left out; expected a Secret's name, or name:key";
      });
    } else {
      read.env_from_secret.push_back({variable.name, *secret});
    }
  }
  faults.Finish(key::kEnvFromSecret);
}

void ReadResources(Reader& reader, PodAnnotations& read) {
  struct Bound {
    std::string_view request_key;
    std::string_view& request;
    std::string_view limit_key;
    std::string_view& limit;
  };
  const auto is_amount = [](std::string_view text) {
    const auto quantity = ParseQuantity(text);
    return quantity && !quantity->IsNegative();
  };
  constexpr std::string_view kAmount = "a quantity such as 100m, 0.5 or 128Mi";
  for (const Bound& bound :
       {Bound{key::kCpuRequest, read.cpu_request, key::kCpuLimit, read.cpu_limit},
        Bound{key::kMemoryRequest, read.memory_request, key::kMemoryLimit, read.memory_limit}}) {
    reader.Text(bound.limit_key, bound.limit, is_amount, kAmount);
    reader.Text(bound.request_key, bound.request, is_amount, kAmount);
    if (bound.request.empty() || bound.limit.empty()) continue;
    if (*ParseQuantity(bound.request) <= *ParseQuantity(bound.limit)) continue;
    reader.Fault(bound.request_key, bound.request,
                 "no more than the limit " + std::string(bound.limit));
    bound.request = {};
  }
}

void ReadProbes(Reader& reader, PodAnnotations& read) {
  reader.Number(key::kLivenessDelay, read.liveness.delay, kSecondsOrUnset);
  reader.Number(key::kLivenessTimeout, read.liveness.timeout, kSecondsOrUnset);
  reader.Number(key::kLivenessPeriod, read.liveness.period, kSecondsOrUnset);
  reader.Number(key::kLivenessThreshold, read.liveness.threshold, kSecondsOrUnset);
  reader.Number(key::kReadinessDelay, read.readiness.delay, kSecondsOrUnset);
  reader.Number(key::kReadinessTimeout, read.readiness.timeout, kSecondsOrUnset);
  reader.Number(key::kReadinessPeriod, read.readiness.period, kSecondsOrUnset);
  reader.Number(key::kReadinessThreshold, read.readiness.threshold, kSecondsOrUnset);
}

void ReadMounts(Reader& reader, std::string_view key, bool read_only, PodAnnotations& read) {
  const std::string_view* text = reader.Find(key);
  if (text == nullptr) return;
  BoundedRemarks faults(read.faults);
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (part.empty()) continue;
    const std::size_t colon = part.find(':');
    const std::string_view path = colon < part.size() ? part.substr(colon + 1) : "";
    if (IsMountPath(path)) {
      read.mounts.push_back({std::string(part.substr(0, colon)), std::string(path), read_only});
    } else {
      faults.Add(Reason::kPodMountSkipped, "", [&] {
        return std::string(key) + ": " + Quoted(part) +
               " is left out; expected volume:/absolute/path";
      });
    }
  }
  faults.Finish(key);
}

void ReadContainer(Reader& reader, const Settings& settings, PodAnnotations& read) {
  reader.Text(key::kSidecarImage, read.sidecar_image, HasNoBlanksAround,
              "an image without blanks around");
  ReadEnv(reader, read);
  ReadEnvFromSecret(reader, read);
  ReadResources(reader, read);
  ReadProbes(reader, read);
  // Localhost needs the name of a profile, for which there is no annotation.
  reader.Text(
      key::kSeccompProfileType, read.seccomp_profile_type,
      [](std::string_view type) { return type == "RuntimeDefault" || type == "Unconfined"; },
      "RuntimeDefault or Unconfined");
  std::string_view socket_path;
  reader.Text(key::kUnixDomainSocketPath, socket_path, IsMountPath, "an absolute path without ':'");
  read.unix_domain_socket_path = socket_path;
  ReadMounts(reader, key::kVolumeMounts, /*read_only=*/true, read);
  ReadMounts(reader, key::kVolumeMountsRw, /*read_only=*/false, read);
  read.native_sidecar = settings.native_sidecar;
  reader.Flag(key::kEnableNativeSidecar, read.native_sidecar);
}

void ReadComponents(Reader& reader, const Settings& settings, PodAnnotations& read) {
  if (const std::string_view* text = reader.Find(key::kPluggableComponents)) {
    read.pluggable_components = ParseNameList(*text);
  }
  std::string_view folder;
  reader.Text(
      key::kSocketsFolder, folder,
      [](std::string_view path) { return IsMountPath(path) && !IsReservedOnSidecar(path); },
      "an absolute path without ':' that daprd has no other use for");
  read.sockets_folder = folder.empty() ? settings.sockets_folder : std::string(folder);
  reader.Flag(key::kInjectComponents, read.inject_components);
}

void ReadOrdering(Reader& reader, const Settings& settings, PodAnnotations& read) {
  using PlacementWord = std::pair<std::string_view, Placement>;
  using PositionWord = std::pair<std::string_view, InitPosition>;
  using SwitchWord = std::pair<std::string_view, bool>;
  read.ordering = settings.ordering;
  reader.Choice(key::kPlacement, read.ordering.placement,
                std::array{PlacementWord{"auto", Placement::kAuto},
                           PlacementWord{"sidecar", Placement::kSidecar},
                           PlacementWord{"container", Placement::kContainer}},
                "auto, sidecar or container");
  reader.Choice(key::kInitPosition, read.ordering.init_position,
                std::array{PositionWord{"last", InitPosition::kLast},
                           PositionWord{"first", InitPosition::kFirst}},
                "last or first");
  reader.Choice(key::kWait, read.ordering.wait,
                std::array{SwitchWord{"on", true}, SwitchWord{"off", false}}, "on or off");
  std::string_view timeout = settings.ordering.wait_timeout;
  reader.Text(key::kWaitTimeout, timeout, IsWaitTimeout, "a time such as 300s, from 1s to 24h");
  if (!timeout.empty()) read.ordering.wait_timeout = timeout;
  if (const std::string_view* text = reader.Find(key::kAfter)) read.after = ParseNameList(*text);
  if (const std::string_view* text = reader.Find(key::kRequire)) {
    read.require = ParseNameList(*text);
  }
  reader.FaultStrangers();
}

}  // namespace

Gate ReadGate(const AnnotationList& annotations) {
  const std::string_view* text = FindAnnotation(annotations, key::kEnabled);
  if (text == nullptr) return {};
  const bool is_true_word = ParseBool(*text);
  const bool enabled = is_true_word && text->size() == 4 && Trim(*text) == *text;
  return {enabled, is_true_word && !enabled};
}

PodAnnotations ParsePodAnnotations(const AnnotationList& annotations, const Settings& settings) {
  PodAnnotations read;
  Reader reader(annotations, read.faults);
  ReadApp(reader, read);
  ReadDaprd(reader, read);
  ReadContainer(reader, settings, read);
  ReadComponents(reader, settings, read);
  ReadOrdering(reader, settings, read);
  return read;
}

}  // namespace injector::patch
