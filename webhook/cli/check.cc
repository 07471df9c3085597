#include "webhook/cli/check.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "k8s/base64.h"
#include "k8s/client.h"
#include "k8s/curl_transport.h"
#include "k8s/in_cluster.h"
#include "k8s/kubeconfig.h"
#include "patch/names.h"
#include "webhook/cli/probe_review.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

constexpr std::size_t kLargestCaFile = std::size_t{1} << 20;
constexpr const char* kConfigurations =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/";

// Where the webhook is and whom to trust there; a cluster configuration without credentials, so
// that the one HTTP client of the program speaks to it.
class Endpoint : public k8s::ClusterConfig {
 public:
  Endpoint(std::string server, std::string path, std::string ca)
      : server_(std::move(server)), path_(std::move(path)), ca_(std::move(ca)) {}

  [[nodiscard]] const std::string& Server() const override { return server_; }
  [[nodiscard]] const std::string& ProxyUrl() const override { return none_; }
  [[nodiscard]] const std::string& TlsServerName() const override { return none_; }
  [[nodiscard]] k8s::ApiResult<k8s::Credentials> Current() const override {
    return k8s::Credentials{ca_, "", "", ""};
  }
  void Refused() const override {}

  [[nodiscard]] const std::string& Path() const { return path_; }
  [[nodiscard]] std::string Url() const { return server_ + path_; }

 private:
  const std::string server_;
  const std::string path_;
  const std::string ca_;
  const std::string none_;
};

using EndpointResult = Result<std::unique_ptr<Endpoint>>;

EndpointResult EndpointOfUrl(const std::string& url, std::string ca) {
  constexpr std::string_view kScheme = "https://";
  const std::size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || slash == kScheme.size()) {
    return Fail(ErrorKind::kCluster,
                "expected a URL such as https://HOST:PORT/mutate, found '" + url + "'");
  }
  return std::make_unique<Endpoint>(
      url.substr(0, slash), slash == std::string::npos ? "/" : url.substr(slash), std::move(ca));
}

// As the API server makes it of clientConfig.service.
std::string UrlOfService(const Json& service) {
  return "https://" + service.value("name", "") + "." + service.value("namespace", "") +
         ".svc:" + std::to_string(service.value("port", 443)) + service.value("path", "/");
}

EndpointResult EndpointOf(const std::string& name, const Json& configuration) {
  const auto fault = [&name](const std::string& what) {
    return Fail(ErrorKind::kCluster, "MutatingWebhookConfiguration " + name + " " + what);
  };
  try {
    const Json& client = configuration.at("webhooks").at(0).at("clientConfig");
    const auto ca = k8s::DecodeBase64(client.value("caBundle", ""));
    if (!ca || ca->empty()) {
      return fault("has no caBundle: no replica has published its certificate yet, or may not");
    }
    if (client.contains("url")) return EndpointOfUrl(client.at("url").get<std::string>(), *ca);
    return EndpointOfUrl(UrlOfService(client.at("service")), *ca);
  } catch (const Json::exception&) {
    return fault("has no webhook with a Service or URL");
  }
}

Result<std::unique_ptr<k8s::ClusterConfig>> FindCluster(const CheckOptions& options) {
  if (!options.kubeconfig.empty()) {
    auto config = k8s::Kubeconfig::Load({options.kubeconfig}, "");
    if (!config) return Fail(ErrorKind::kCluster, config.error().message);
    return *std::move(config);
  }
  auto config = k8s::InClusterConfig::Find(options.environment);
  if (config != nullptr) return config;
  return Fail(ErrorKind::kCluster,
              "--webhook: this is no pod of a cluster; name a --kubeconfig, or ask by --url");
}

EndpointResult AskForEndpoint(const CheckOptions& options) {
  const auto config = FindCluster(options);
  if (!config) return tl::unexpected(config.error());
  k8s::CurlTransport transport(**config);
  const auto object = k8s::Client(transport).Get(kConfigurations + options.webhook,
                                                 steady_clock::now() + std::chrono::seconds(10));
  if (object) return EndpointOf(options.webhook, *object);
  std::string message = object.error().message;
  if (object.error().kind == k8s::ApiErrorKind::kForbidden) {
    message +=
        "; the RBAC rule that is missing: ClusterRole, apiGroups "
        "[admissionregistration.k8s.io], resources [mutatingwebhookconfigurations], "
        "resourceNames [" +
        options.webhook + "], verbs [get]";
  }
  return Fail(ErrorKind::kCluster, std::move(message));
}

EndpointResult FindEndpoint(const CheckOptions& options) {
  if (!options.webhook.empty()) return AskForEndpoint(options);
  if (options.ca_file.empty()) return EndpointOfUrl(options.url, "");
  auto ca = ReadTextFile(options.ca_file, kLargestCaFile);
  if (!ca) return tl::unexpected(std::move(ca).error());
  return EndpointOfUrl(options.url, *std::move(ca));
}

Result<std::vector<std::string>> Ask(const CheckOptions& options, const Endpoint& endpoint,
                                     const std::string& uid) {
  k8s::CurlTransport transport(endpoint);
  k8s::ApiRequest request;
  request.method = "POST";
  request.path = endpoint.Path();
  request.content_type = "application/json";
  request.body = BuildProbeReview(uid, options.namespace_name);
  request.deadline = steady_clock::now() + options.timeout;
  const auto reply = transport.Send(request);
  if (!reply) return Fail(ErrorKind::kCluster, reply.error().message);
  return JudgeProbeAnswer(uid, reply->status, reply->body);
}

}  // namespace

OptionResult<CheckOptions> ReadCheckOptions(const FlagValues& flags,
                                            const Environment& environment) {
  OptionReader reader(flags, environment, kExitUsage);
  CheckOptions options;
  options.environment = environment;
  reader.Text("webhook", options.webhook);
  reader.Text("url", options.url);
  reader.Text("ca-file", options.ca_file);
  reader.Text("kubeconfig", options.kubeconfig);
  reader.Text("namespace", options.namespace_name);
  reader.Count("times", options.times);
  reader.Duration("timeout", options.timeout);
  if (options.webhook.empty() == options.url.empty()) {
    reader.Fault(kExitUsage, "either --webhook or --url is needed, and not both");
  }
  if (options.url.empty() && !options.ca_file.empty()) {
    reader.Fault(kExitUsage, "--ca-file: needs --url; --webhook names its own certificates");
  }
  if (options.webhook.empty() && !options.kubeconfig.empty()) {
    reader.Fault(kExitUsage, "--kubeconfig: needs --webhook");
  }
  if (!options.webhook.empty() && !patch::IsDnsSubdomain(options.webhook)) {
    reader.Fault(kExitUsage,
                 "--webhook: expected the name of a MutatingWebhookConfiguration, "
                 "found '" +
                     options.webhook + "'");
  }
  if (!patch::IsDnsLabel(options.namespace_name)) {
    reader.Fault(kExitUsage, "--namespace: expected the name of a namespace, found '" +
                                 options.namespace_name + "'");
  }
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  return options;
}

int RunCheck(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  const auto endpoint = FindEndpoint(options);
  if (!endpoint) {
    err << "check: " << endpoint.error().Text() << std::endl;
    return kExitUsage;
  }
  int code = kExitDone;
  for (std::size_t i = 1; i <= options.times; ++i) {
    const std::string title =
        "review " + std::to_string(i) + " of " + std::to_string(options.times);
    const auto begin = steady_clock::now();
    const auto warnings = Ask(options, **endpoint, "component-injector-check-" + std::to_string(i));
    if (!warnings) {
      err << title << ": " << (*endpoint)->Url() << ": " << warnings.error().Text() << std::endl;
      code = kExitFailed;
      continue;
    }
    using std::chrono::milliseconds;
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    out << title << ": daprd is injected, after " << took.count() << " ms" << std::endl;
    for (const std::string& warning : *warnings) out << "  warning: " << warning << std::endl;
  }
  return code;
}

}  // namespace injector::webhook
