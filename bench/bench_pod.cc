#include "bench/bench_pod.h"

#include <memory>
#include <nlohmann/json.hpp>

namespace injector::bench {
namespace {

using nlohmann::json;

json AppContainer(const std::string& name) {
  json container = json::parse(R"({
    "image": "registry.example.com/shop/orders@sha256:0123456789abcdef0123456789abcdef",
    "imagePullPolicy": "IfNotPresent",
    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
    "resources": {"limits": {"cpu": "1", "memory": "512Mi"},
                  "requests": {"cpu": "100m", "memory": "256Mi"}},
    "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
                      "timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "env": [],
    "volumeMounts": [{"name": "kube-api-access-x7k2p", "readOnly": true,
                      "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]})");
  container["name"] = name;
  return container;
}

json MakePod(std::size_t bytes) {
  json pod = json::parse(R"({
    "kind": "Pod", "apiVersion": "v1",
    "metadata": {
      "generateName": "orders-5d9c7b8f6b-",
      "labels": {"app": "orders", "pod-template-hash": "5d9c7b8f6b"},
      "annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "orders",
                      "dapr.io/app-port": "8080", "dapr.io/config": "tracing",
                      "dapr.io/inject-pluggable-components": "true"},
      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet",
                           "name": "orders-5d9c7b8f6b", "controller": true}],
      "managedFields": []},
    "spec": {
      "volumes": [{"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420}}],
      "containers": [], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
      "serviceAccountName": "orders", "schedulerName": "default-scheduler",
      "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists",
                       "effect": "NoExecute", "tolerationSeconds": 300}]}})");
  pod["spec"]["containers"] = json::array({AppContainer("orders"), AppContainer("audit")});
  // Half of the rest is environment, half managedFields, as kubectl and controllers leave them.
  for (int i = 0; pod.dump().size() < bytes; ++i) {
    const std::string number = std::to_string(i);
    json& env = pod["spec"]["containers"][0]["env"];
    env.push_back({{"name", "ORDERS_SETTING_" + number},
                   {"value", "https://inventory.shop.svc.cluster.local:8443/v1/" + number}});
    json field = json::object();
    field["f:env"]["k:{\"name\":\"ORDERS_SETTING_" + number + "\"}"] = {{".", json::object()},
                                                                        {"f:name", json::object()}};
    pod["metadata"]["managedFields"].push_back(
        {{"manager", "kube-controller-manager"}, {"operation", "Update"}, {"fieldsV1", field}});
  }
  return pod;
}

json MakeComponent(int number) {
  const std::string id = std::to_string(number);
  const json container = {
      {"name", "store-" + id},
      {"image", "registry.example.com/components/store-" + id + ":1.4.2"},
      {"args", {"--log-level", "info", "--listen-timeout", "30s"}},
      {"env",
       {{{"name", "BACKEND"}, {"value", "redis.shop.svc.cluster.local:6379"}},
        {{"name", "POD_IP"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "status.podIP"}}}}}}}},
      {"resources", {{"limits", {{"memory", "128Mi"}}}, {"requests", {{"cpu", "50m"}}}}},
      {"volumeMounts", {{{"name", "store-" + id + "-data"}, {"mountPath", "/data"}}}}};
  return {{"apiVersion", "dapr.io/v1alpha1"},
          {"kind", "Component"},
          {"metadata",
           {{"name", "store-" + id},
            {"namespace", "shop"},
            {"resourceVersion", "4711"},
            {"annotations", {{"dapr.io/component-container", container.dump()}}}}},
          {"spec", {{"type", "state.store-" + id}, {"version", "v1"}}}};
}

}  // namespace

std::string MakeReview(std::size_t pod_bytes) {
  json review = json::parse(R"({
    "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
    "request": {
      "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
      "kind": {"group": "", "version": "v1", "kind": "Pod"},
      "resource": {"group": "", "version": "v1", "resource": "pods"},
      "namespace": "shop", "operation": "CREATE",
      "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller",
                   "groups": ["system:serviceaccounts", "system:authenticated"]},
      "oldObject": null, "dryRun": false}})");
  review["request"]["object"] = MakePod(pod_bytes);
  return review.dump();
}

patch::ComponentList MakeComponents(int count) {
  patch::ComponentList list;
  for (int i = 0; i < count; ++i) {
    list.push_back(
        std::make_shared<const patch::Component>(patch::ParseComponent(MakeComponent(i))));
  }
  return list;
}

json MakeComponentManifest(std::size_t container_bytes) {
  json component = MakeComponent(0);
  json& text = component["metadata"]["annotations"]["dapr.io/component-container"];
  json container = json::parse(text.get<std::string>());
  std::size_t bytes = container.dump().size();
  for (int i = 0; bytes < container_bytes; ++i) {
    const json variable = {{"name", "SETTING_" + std::to_string(i)}, {"value", "a value"}};
    bytes += variable.dump().size() + 1;
    container["env"].push_back(variable);
  }
  text = container.dump();
  return component;
}

}  // namespace injector::bench
