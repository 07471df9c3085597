#include "k8s/in_cluster.h"

#include <unistd.h>

#include <utility>

namespace injector::k8s {

std::unique_ptr<InClusterConfig> InClusterConfig::Find(
    const std::function<std::optional<std::string>(const char*)>& environment,
    const std::string& folder) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  if (host.empty() || port.empty() || ::access((folder + "/token").c_str(), F_OK) != 0) {
    return nullptr;
  }
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string server = "https://";
  server += is_ipv6 ? "[" + host + "]" : host;
  server += ":" + port;
  return std::unique_ptr<InClusterConfig>(new InClusterConfig(std::move(server), folder));
}

InClusterConfig::InClusterConfig(std::string server, const std::string& folder)
    : server_(std::move(server)), token_(folder + "/token"), ca_(folder + "/ca.crt") {}

ApiResult<Credentials> InClusterConfig::Current() const {
  auto token = token_.Text();
  if (!token) return tl::unexpected(token.error());
  auto ca = ca_.Text();
  if (!ca) return tl::unexpected(ca.error());
  const std::size_t end = token->find_last_not_of(" \r\n\t");
  token->resize(end == std::string::npos ? 0 : end + 1);
  if (token->empty()) {
    return ApiFail(ApiErrorKind::kConfiguration, token_.Path() + ": the token is empty");
  }
  Credentials credentials;
  credentials.ca = *std::move(ca);
  credentials.token = *std::move(token);
  return credentials;
}

}  // namespace injector::k8s
