#include "webhook/cli/cluster_source.h"

#include <unistd.h>

#include <utility>

#include "k8s/advice.h"
#include "k8s/curl_transport.h"
#include "k8s/in_cluster.h"
#include "k8s/kubeconfig.h"
#include "webhook/server_version.h"

namespace injector::webhook {
namespace {

using k8s::ApiErrorKind;
using Json = nlohmann::ordered_json;

constexpr const char* kNamespaces = "/apis/dapr.io/v1alpha1/namespaces/";
constexpr int kPageSize = 500;

k8s::Deadline Soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

bool AnyIsThere(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (::access(file.c_str(), F_OK) == 0) return true;
  }
  return false;
}

std::string Advice(const k8s::ApiError& error, const std::string& rule) {
  switch (error.kind) {
    case ApiErrorKind::kForbidden:
      return "; the RBAC rule that is missing: " + rule;
    case ApiErrorKind::kNotFound:
      return "; the custom resource definition is not installed: install Dapr, or name files with "
             "--resources in place of --from-cluster";
    default:
      return std::string(k8s::AdviceFor(error.kind));
  }
}

}  // namespace

Result<std::unique_ptr<ClusterSource>> ClusterSource::Find(const ClusterAccess& access) {
  const auto made = [](std::unique_ptr<k8s::ClusterConfig> config, std::string space) {
    if (space.empty()) space = "default";
    return std::unique_ptr<ClusterSource>(new ClusterSource(std::move(config), std::move(space)));
  };
  if (access.is_named || AnyIsThere(access.kubeconfigs)) {
    auto config = k8s::Kubeconfig::Load(access.kubeconfigs, access.context);
    if (!config) return Fail(ErrorKind::kCluster, config.error().message);
    std::string space = (*config)->Namespace();
    return made(*std::move(config), std::move(space));
  }
  auto config = k8s::InClusterConfig::Find(access.environment);
  if (config != nullptr) return made(std::move(config), "");
  return Fail(ErrorKind::kCluster,
              "--from-cluster: there is no kubeconfig: name one with --kubeconfig or KUBECONFIG; "
              "$HOME/.kube/config is not there, and this is no pod of a cluster");
}

ClusterSource::ClusterSource(std::unique_ptr<k8s::ClusterConfig> config,
                             std::string default_namespace)
    : config_(std::move(config)),
      default_namespace_(std::move(default_namespace)),
      name_("cluster " + config_->Server()),
      transport_(std::make_unique<k8s::CurlTransport>(*config_)),
      client_(*transport_) {}

tl::unexpected<Error> ClusterSource::Complain(const k8s::ApiError& error,
                                              const std::string& rule) const {
  return Fail(ErrorKind::kCluster, name_ + ": " + error.message + Advice(error, rule));
}

Result<int> ClusterSource::ServerMinor() {
  const auto version = client_.Get("/version", Soon());
  if (!version) {
    return Complain(version.error(), "ClusterRole, nonResourceURLs [/version], verbs [get]");
  }
  if (const auto minor = MinorOf(*version)) return *minor;
  return Fail(ErrorKind::kCluster,
              name_ + ": GET /version: the answer has no minor version; give --kubernetes-version");
}

Result<std::vector<Json>> ClusterSource::Components(const std::string& namespace_name) {
  const auto list = client_.List(kNamespaces + namespace_name + "/components", kPageSize, Soon());
  if (!list) {
    return Complain(list.error(), "Role in namespace " + namespace_name +
                                      ", apiGroups [dapr.io], resources [components], verbs "
                                      "[list]");
  }
  std::vector<Json> components;
  for (const nlohmann::json& item : list->items) {
    Json component(item);
    if (!component.is_object() || !component["metadata"].is_object()) {
      return Fail(ErrorKind::kCluster,
                  name_ + ": an item of the Components of " + namespace_name + " is no object");
    }
    component["apiVersion"] = "dapr.io/v1alpha1";
    component["kind"] = "Component";
    component["metadata"]["namespace"] = namespace_name;
    components.push_back(std::move(component));
  }
  return components;
}

Result<std::optional<Json>> ClusterSource::DaprSystem(const std::string& namespace_name) {
  const auto object =
      client_.Get(kNamespaces + namespace_name + "/configurations/daprsystem", Soon());
  if (object) {
    Json configuration(*object);
    configuration["apiVersion"] = "dapr.io/v1alpha1";
    configuration["kind"] = "Configuration";
    return configuration;
  }
  if (object.error().kind == ApiErrorKind::kNotFound) return std::nullopt;
  return Complain(object.error(), "Role in namespace " + namespace_name +
                                      ", apiGroups [dapr.io], resources [configurations], "
                                      "resourceNames [daprsystem], verbs [get]");
}

}  // namespace injector::webhook
