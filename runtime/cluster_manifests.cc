#include "runtime/cluster_manifests.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "k8s/advice.h"
#include "k8s/client.h"
#include "k8s/curl_transport.h"
#include "k8s/in_cluster.h"
#include "k8s/kubeconfig.h"
#include "runtime/manifest_reader.h"

namespace injector::runtime {
namespace {

constexpr int kPageSize = 500;
constexpr std::chrono::seconds kPatience(10);

struct Found {
  std::unique_ptr<k8s::ClusterConfig> config;
  std::string name_space;
};

// The files that kubectl would read.
std::vector<std::string> KubeconfigFiles(const ClusterChoice& choice,
                                         const Environment& environment) {
  if (!choice.kubeconfig.empty()) return {choice.kubeconfig};
  std::vector<std::string> files;
  std::istringstream listed(environment("KUBECONFIG").value_or(""));
  for (std::string file; std::getline(listed, file, ':');)
    if (!file.empty()) files.push_back(file);
  if (files.empty()) files.push_back(environment("HOME").value_or("") + "/.kube/config");
  return files;
}

Result<Found> FindCluster(const ClusterChoice& choice, const Environment& environment) {
  auto loaded = k8s::Kubeconfig::Load(KubeconfigFiles(choice, environment), choice.context);
  if (loaded) {
    std::string name_space = (*loaded)->Namespace();
    return Found{std::move(*loaded), name_space.empty() ? "default" : name_space};
  }
  auto pod = k8s::InClusterConfig::Find([&](const char* name) { return environment(name); });
  const bool named = !choice.kubeconfig.empty() || environment("KUBECONFIG");
  if (pod == nullptr || named) return Fail(ErrorKind::kManifest, loaded.error().message);
  return Found{std::move(pod), environment("NAMESPACE").value_or("default")};
}

ErrorKind KindOf(k8s::ApiErrorKind kind) {
  switch (kind) {
    case k8s::ApiErrorKind::kConfiguration:
      return ErrorKind::kManifest;
    case k8s::ApiErrorKind::kUnreachable:
      return ErrorKind::kUnreachable;
    case k8s::ApiErrorKind::kTimeout:
      return ErrorKind::kTimeout;
    case k8s::ApiErrorKind::kUntrusted:
    case k8s::ApiErrorKind::kUnauthorized:
    case k8s::ApiErrorKind::kForbidden:
      return ErrorKind::kDenied;
    default:
      return ErrorKind::kFailed;
  }
}

std::string Advice(k8s::ApiErrorKind kind, const std::string& name_space) {
  if (kind == k8s::ApiErrorKind::kForbidden)
    return "; this account needs the verb list on components.dapr.io in namespace " + name_space;
  if (kind == k8s::ApiErrorKind::kNotFound)
    return "; Dapr's custom resource definitions are not installed";
  return std::string(k8s::AdviceFor(kind));
}

}  // namespace

Result<ManifestSet> LoadClusterManifests(const ClusterChoice& choice,
                                         const Environment& environment) {
  const auto found = FindCluster(choice, environment);
  if (!found) return tl::unexpected(found.error());
  const std::string& name_space = choice.name_space.empty() ? found->name_space : choice.name_space;
  k8s::CurlTransport transport(*found->config);
  k8s::Client client(transport);
  auto list = client.List("/apis/dapr.io/v1alpha1/namespaces/" + name_space + "/components",
                          kPageSize, std::chrono::steady_clock::now() + kPatience);
  if (!list)
    return Fail(KindOf(list.error().kind), "cluster " + found->config->Server() + ": " +
                                               list.error().message +
                                               Advice(list.error().kind, name_space));
  ManifestSet set;
  for (const nlohmann::json& item : list->items) {
    nlohmann::ordered_json object(item);
    if (!object.is_object()) continue;
    // Items of a list do not say what they are.
    object["apiVersion"] = "dapr.io/v1alpha1";
    object["kind"] = "Component";
    const std::string name = item.value("/metadata/name"_json_pointer, std::string());
    TakeObject(object, found->config->Server() + "/" + name_space + "/" + name, 0, set);
  }
  std::sort(set.manifests.begin(), set.manifests.end(),
            [](const Manifest& a, const Manifest& b) { return a.name < b.name; });
  return set;
}

}  // namespace injector::runtime
