#include "patch/component_container.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/component_builder.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr const char* kAccount = "kube-api-access-x7k2p";

json Build(const std::string& container, const char* service_account_volume) {
  const auto component = MakeComponent({.name = "ledger", .container = container});
  const patch::ChosenComponent chosen{.component = component.get(),
                                      .container_name = "ledger",
                                      .sidecar = true,
                                      .socket_shared = true};
  return json::parse(patch::BuildComponentContainer(chosen, "/sockets", service_account_volume));
}

TEST(BuildComponentContainer, ServiceAccountIsTheLastMount) {
  EXPECT_EQ(Build(R"({"image": "r/a:1"})", kAccount)["volumeMounts"], json::parse(R"([
    {"name": "dapr-components-unix-domain-socket", "mountPath": "/sockets"},
    {"name": "kube-api-access-x7k2p", "readOnly": true,
     "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}])"));
}

TEST(BuildComponentContainer, OwnMountAtTheServiceAccountsPathIsKept) {
  const std::string container = R"({"image": "r/a:1", "volumeMounts": [
    {"name": "own", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]})";
  EXPECT_EQ(Build(container, kAccount)["volumeMounts"], json::parse(R"([
    {"name": "own", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
    {"name": "dapr-components-unix-domain-socket", "mountPath": "/sockets"}])"));
}

}  // namespace
}  // namespace injector::test
