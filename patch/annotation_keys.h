#pragma once

// Every annotation that a pod may carry, with the words of docs/annotations.md in short. Defaults
// stand in PodAnnotations; the rules of parsing in annotation_values.h.

#include <string_view>

namespace injector::patch::key {

// The app and its channel.
inline constexpr std::string_view kEnabled = "dapr.io/enabled";   // "true", any letter case
inline constexpr std::string_view kAppId = "dapr.io/app-id";      // default: the pod's name
inline constexpr std::string_view kAppPort = "dapr.io/app-port";  // at most 65535; <= 0: none
inline constexpr std::string_view kAppProtocol = "dapr.io/app-protocol";  // passed on verbatim
inline constexpr std::string_view kAppSsl = "dapr.io/app-ssl";
inline constexpr std::string_view kAppChannelAddress = "dapr.io/app-channel-address";
inline constexpr std::string_view kAppMaxConcurrency = "dapr.io/app-max-concurrency";
inline constexpr std::string_view kAppTokenSecret = "dapr.io/app-token-secret";  // key "token"
inline constexpr std::string_view kApiTokenSecret = "dapr.io/api-token-secret";  // key "token"
inline constexpr std::string_view kAppBindingOptionsTimeout = "dapr.io/app-binding-options-timeout";
inline constexpr std::string_view kEnableAppHealthCheck = "dapr.io/enable-app-health-check";
inline constexpr std::string_view kAppHealthCheckPath = "dapr.io/app-health-check-path";
inline constexpr std::string_view kAppHealthProbeInterval = "dapr.io/app-health-probe-interval";
inline constexpr std::string_view kAppHealthProbeTimeout = "dapr.io/app-health-probe-timeout";
inline constexpr std::string_view kAppHealthThreshold = "dapr.io/app-health-threshold";

// daprd itself.
inline constexpr std::string_view kConfig = "dapr.io/config";  // name of a Configuration
inline constexpr std::string_view kLogLevel = "dapr.io/log-level";
inline constexpr std::string_view kLogAsJson = "dapr.io/log-as-json";
inline constexpr std::string_view kEnableProfiling = "dapr.io/enable-profiling";
inline constexpr std::string_view kEnableApiLogging = "dapr.io/enable-api-logging";
inline constexpr std::string_view kEnableMetrics = "dapr.io/enable-metrics";
inline constexpr std::string_view kMetricsPort = "dapr.io/metrics-port";
inline constexpr std::string_view kEnableDebug = "dapr.io/enable-debug";
inline constexpr std::string_view kDebugPort = "dapr.io/debug-port";
inline constexpr std::string_view kGrpcPort = "dapr.io/grpc-port";
inline constexpr std::string_view kInternalGrpcPort = "dapr.io/internal-grpc-port";
inline constexpr std::string_view kListenAddresses = "dapr.io/sidecar-listen-addresses";
inline constexpr std::string_view kHttpMaxRequestSize = "dapr.io/http-max-request-size";  // MB
inline constexpr std::string_view kMaxBodySize = "dapr.io/max-body-size";
inline constexpr std::string_view kHttpReadBufferSize = "dapr.io/http-read-buffer-size";  // KB
inline constexpr std::string_view kReadBufferSize = "dapr.io/read-buffer-size";
inline constexpr std::string_view kGracefulShutdownSeconds = "dapr.io/graceful-shutdown-seconds";
inline constexpr std::string_view kBlockShutdownDuration = "dapr.io/block-shutdown-duration";
inline constexpr std::string_view kDisableSecretStore = "dapr.io/disable-builtin-k8s-secret-store";
inline constexpr std::string_view kPlacementHostAddress = "dapr.io/placement-host-address";
inline constexpr std::string_view kSchedulerHostAddress = "dapr.io/scheduler-host-address";
inline constexpr std::string_view kActorsDisseminateTimeout = "dapr.io/actors-disseminate-timeout";
inline constexpr std::string_view kSentryJwtAudiences = "dapr.io/sentry-request-jwt-audiences";
inline constexpr std::string_view kDisableInitEndpoints = "dapr.io/disable-init-endpoints";

// Its container.
inline constexpr std::string_view kSidecarImage = "dapr.io/sidecar-image";
inline constexpr std::string_view kEnv = "dapr.io/env";                        // A=1,B=2
inline constexpr std::string_view kEnvFromSecret = "dapr.io/env-from-secret";  // A=secret:key
inline constexpr std::string_view kCpuRequest = "dapr.io/sidecar-cpu-request";
inline constexpr std::string_view kCpuLimit = "dapr.io/sidecar-cpu-limit";
inline constexpr std::string_view kMemoryRequest = "dapr.io/sidecar-memory-request";
inline constexpr std::string_view kMemoryLimit = "dapr.io/sidecar-memory-limit";
inline constexpr std::string_view kLivenessDelay = "dapr.io/sidecar-liveness-probe-delay-seconds";
inline constexpr std::string_view kLivenessTimeout =
    "dapr.io/sidecar-liveness-probe-timeout-seconds";
inline constexpr std::string_view kLivenessPeriod = "dapr.io/sidecar-liveness-probe-period-seconds";
inline constexpr std::string_view kLivenessThreshold = "dapr.io/sidecar-liveness-probe-threshold";
inline constexpr std::string_view kReadinessDelay = "dapr.io/sidecar-readiness-probe-delay-seconds";
inline constexpr std::string_view kReadinessTimeout =
    "dapr.io/sidecar-readiness-probe-timeout-seconds";
inline constexpr std::string_view kReadinessPeriod =
    "dapr.io/sidecar-readiness-probe-period-seconds";
inline constexpr std::string_view kReadinessThreshold = "dapr.io/sidecar-readiness-probe-threshold";
inline constexpr std::string_view kSeccompProfileType = "dapr.io/sidecar-seccomp-profile-type";
inline constexpr std::string_view kUnixDomainSocketPath = "dapr.io/unix-domain-socket-path";
inline constexpr std::string_view kVolumeMounts = "dapr.io/volume-mounts";       // volume:path,...
inline constexpr std::string_view kVolumeMountsRw = "dapr.io/volume-mounts-rw";  // the same
inline constexpr std::string_view kEnableNativeSidecar = "dapr.io/enable-native-sidecar";

// Pluggable components.
inline constexpr std::string_view kPluggableComponents = "dapr.io/pluggable-components";
inline constexpr std::string_view kSocketsFolder = "dapr.io/pluggable-components-sockets-folder";
inline constexpr std::string_view kInjectComponents = "dapr.io/inject-pluggable-components";

// Ours: order and requirements (docs/annotations.md).
inline constexpr std::string_view kPlacement = "component-injector.dapr.io/component-placement";
inline constexpr std::string_view kInitPosition = "component-injector.dapr.io/init-position";
inline constexpr std::string_view kWait = "component-injector.dapr.io/component-wait";
inline constexpr std::string_view kWaitTimeout = "component-injector.dapr.io/wait-timeout";
inline constexpr std::string_view kAfter = "component-injector.dapr.io/after";
inline constexpr std::string_view kRequire = "component-injector.dapr.io/require";

}  // namespace injector::patch::key
