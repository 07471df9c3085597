#include "patch/sidecar_arguments.h"

#include <initializer_list>
#include <optional>

#include "patch/sidecar_mounts.h"

namespace injector::patch {
namespace {

// Joins the address of a control-plane service.
std::string AddressOf(const ControlPlaneService& service, const Settings& settings) {
  return service.host + "." + settings.control_plane_namespace + ".svc." + settings.cluster_domain +
         ":" + std::to_string(service.port);
}

class Arguments {
 public:
  Arguments(const PodAnnotations& annotations, const Settings& settings)
      : annotations_(annotations), settings_(settings) {}

  void AddProgram() {
    if (annotations_.enable_debug) {
      Add({"/dlv", "--listen", ":" + std::to_string(annotations_.debug_port),
           "--accept-multiclient", "--headless=true", "--log", "--api-version=2", "exec", "/daprd",
           "--"});
    } else {
      Add({"/daprd"});
    }
  }

  // What every sidecar gets.
  void AddBasics(std::string_view app_id) {
    Add({"--dapr-http-port", std::to_string(kDaprHttpPort)});
    Add({"--dapr-grpc-port", std::to_string(annotations_.grpc_port)});
    Add({"--dapr-internal-grpc-port", std::to_string(annotations_.internal_grpc_port)});
    AddText("--dapr-listen-addresses", annotations_.listen_addresses);
    Add({"--dapr-public-port", std::to_string(kDaprPublicPort)});
    AddText("--app-id", app_id);
    AddText("--app-protocol", annotations_.app_protocol);
    AddText("--log-level", annotations_.log_level);
    Add({"--dapr-graceful-shutdown-seconds",
         std::to_string(annotations_.graceful_shutdown_seconds)});
    Add({"--mode", "kubernetes"});
    Add({"--control-plane-address", AddressOf({"", "dapr-api", 443}, settings_)});
    Add({"--sentry-address", AddressOf({"", "dapr-sentry", 443}, settings_)});
    if (annotations_.app_port > 0) Add({"--app-port", std::to_string(annotations_.app_port)});
    if (annotations_.enable_metrics) {
      Add({"--enable-metrics", "--metrics-port", std::to_string(annotations_.metrics_port)});
    }
    AddIfSet("--config", annotations_.config);
    AddIfSet("--app-channel-address", annotations_.app_channel_address);
  }

  void AddActors() {
    const auto& host = annotations_.placement_host_address;
    if (host && !host->empty()) {
      AddText("--placement-host-address", *host);
    } else if (settings_.actors_enabled && settings_.actors.name != "placement") {
      Add({"--actors-service",
           settings_.actors.name + ":" + AddressOf(settings_.actors, settings_)});
    } else if (settings_.actors_enabled && !host) {
      Add({"--placement-host-address", AddressOf(settings_.actors, settings_)});
    }
    if (settings_.reminders && settings_.reminders->name != "default") {
      Add({"--reminders-service",
           settings_.reminders->name + ":" + AddressOf(*settings_.reminders, settings_)});
    }
  }

  void AddSwitches(bool mtls) {
    AddIfSet("--sentry-request-jwt-audiences", annotations_.sentry_jwt_audiences);
    if (annotations_.enable_api_logging) {
      Add({*annotations_.enable_api_logging ? "--enable-api-logging=true"
                                            : "--enable-api-logging=false"});
    }
    AddSwitch("--disable-builtin-k8s-secret-store", annotations_.disable_secret_store);
    if (annotations_.enable_app_health_check) AddAppHealthCheck();
    AddIfPresent("--app-binding-options-timeout", annotations_.app_binding_options_timeout);
    AddSwitch("--log-as-json", annotations_.log_as_json);
    AddSwitch("--enable-profiling", annotations_.enable_profiling);
    AddSwitch("--enable-mtls", mtls);
    AddSwitch("--app-ssl", annotations_.app_ssl);
  }

  void AddLimits() {
    AddIfPresent("--app-max-concurrency", annotations_.app_max_concurrency);
    AddIfPresent("--dapr-http-max-request-size", annotations_.http_max_request_size);
    AddIfSet("--max-body-size", annotations_.max_body_size);
    AddIfPresent("--dapr-http-read-buffer-size", annotations_.http_read_buffer_size);
    AddIfSet("--read-buffer-size", annotations_.read_buffer_size);
    if (!annotations_.unix_domain_socket_path.empty()) {
      AddText("--unix-domain-socket", kSidecarApiSocketPath);
    }
    AddIfPresent("--dapr-block-shutdown-duration", annotations_.block_shutdown_duration);
    AddIfPresent("--actors-disseminate-timeout", annotations_.actors_disseminate_timeout);
  }

  void AddLast() {
    if (annotations_.scheduler_host_address) {
      AddText("--scheduler-host-address", *annotations_.scheduler_host_address);
    } else if (settings_.scheduler_enabled) {
      Add({"--scheduler-host-address", AddressOf({"", "dapr-scheduler-server-a", 443}, settings_)});
    }
    AddIfPresent("--disable-init-endpoints", annotations_.disable_init_endpoints);
  }

  [[nodiscard]] std::vector<std::string> Take() && { return std::move(arguments_); }

 private:
  void Add(std::initializer_list<std::string> arguments) {
    arguments_.insert(arguments_.end(), arguments);
  }
  void AddText(const char* flag, std::string_view value) { Add({flag, std::string(value)}); }
  void AddSwitch(const char* flag, bool on) {
    if (on) Add({flag});
  }
  void AddIfSet(const char* flag, std::string_view value) {
    if (!value.empty()) AddText(flag, value);
  }
  void AddIfPresent(const char* flag, const std::optional<std::string_view>& value) {
    if (value) AddText(flag, *value);
  }
  void AddIfPresent(const char* flag, const std::optional<std::int32_t>& value) {
    if (value) Add({flag, std::to_string(*value)});
  }

  void AddAppHealthCheck() {
    Add({"--enable-app-health-check"});
    AddText("--app-health-check-path", annotations_.app_health_check_path);
    Add({"--app-health-probe-interval", std::to_string(annotations_.app_health_probe_interval)});
    Add({"--app-health-probe-timeout", std::to_string(annotations_.app_health_probe_timeout)});
    Add({"--app-health-threshold", std::to_string(annotations_.app_health_threshold)});
  }

  const PodAnnotations& annotations_;
  const Settings& settings_;
  std::vector<std::string> arguments_;
};

}  // namespace

std::vector<std::string> BuildSidecarArguments(std::string_view app_id,
                                               const PodAnnotations& annotations,
                                               const Settings& settings,
                                               const Surroundings& surroundings) {
  Arguments arguments(annotations, settings);
  arguments.AddProgram();
  arguments.AddBasics(app_id);
  arguments.AddActors();
  arguments.AddSwitches(surroundings.mtls_enabled);
  arguments.AddLimits();
  arguments.AddLast();
  return std::move(arguments).Take();
}

}  // namespace injector::patch
