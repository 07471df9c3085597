#include "patch/service_account_mount.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

const std::string kMount = R"({"name": "kube-api-access-x7k2p", "readOnly": true,
    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})";

std::string VolumeOf(const std::string& spec) {
  return std::string(patch::ServiceAccountVolume(ParsedPod(R"({"spec": )" + spec + "}").View()));
}

std::string Spec(const std::string& mounts, const std::string& volume = "kube-api-access-x7k2p",
                 const std::string& more = "") {
  return R"({"volumes": [{"name": "data"}, {"name": ")" + volume +
         R"("}], "containers": [{"name": "a", "volumeMounts": [)" + mounts + "]}]" + more + "}";
}

TEST(ServiceAccountVolume, MountedByEveryContainerIsTheOne) {
  EXPECT_EQ(VolumeOf(Spec(kMount)), "kube-api-access-x7k2p");
}

TEST(ServiceAccountVolume, InitContainerWithoutItThenNone) {
  EXPECT_EQ(
      VolumeOf(Spec(kMount, "kube-api-access-x7k2p", R"(, "initContainers": [{"name": "first"}])")),
      "");
}

TEST(ServiceAccountVolume, ContainerWithItsOwnAtThePathIsLikeOneThatHasIt) {
  EXPECT_EQ(VolumeOf(Spec(kMount, "kube-api-access-x7k2p",
                          R"(, "initContainers": [{"name": "first", "volumeMounts": [
                             {"name": "data",
                              "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}])")),
            "kube-api-access-x7k2p");
}

TEST(ServiceAccountVolume, MountedByNobodyThenNone) {
  EXPECT_EQ(VolumeOf(Spec(R"({"name": "data",
                              "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})")),
            "");
  EXPECT_EQ(VolumeOf(Spec("")), "");
}

TEST(ServiceAccountVolume, NameThatTheApiServerDoesNotDrawThenNone) {
  EXPECT_EQ(VolumeOf(Spec(R"({"name": "kube-api-access-admin", "readOnly": true,
                              "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})",
                          "kube-api-access-admin")),
            "");
}

TEST(ServiceAccountVolume, WritableMountThenNone) {
  EXPECT_EQ(VolumeOf(Spec(R"({"name": "kube-api-access-x7k2p",
                              "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})")),
            "");
}

TEST(ServiceAccountVolume, OtherPathThenNone) {
  EXPECT_EQ(VolumeOf(Spec(R"({"name": "kube-api-access-x7k2p", "readOnly": true,
                              "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount/"})")),
            "");
}

TEST(ServiceAccountVolume, PodThatRefusesTheTokenThenNone) {
  EXPECT_EQ(
      VolumeOf(Spec(kMount, "kube-api-access-x7k2p", R"(, "automountServiceAccountToken": false)")),
      "");
  EXPECT_EQ(
      VolumeOf(Spec(kMount, "kube-api-access-x7k2p", R"(, "automountServiceAccountToken": true)")),
      "kube-api-access-x7k2p");
}

}  // namespace
}  // namespace injector::test
