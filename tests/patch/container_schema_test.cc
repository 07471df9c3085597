#include "patch/container_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace injector::patch {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The JSON pointer of the fault, "none" when the container passes.
std::string FaultAt(const std::string& text) {
  const auto checked = CheckContainer(json::parse(text));
  if (checked) return "none";
  EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidContainer) << text;
  return checked.error().where;
}

std::string MessageOn(const std::string& text) {
  const auto checked = CheckContainer(json::parse(text));
  return checked ? "none" : checked.error().message;
}

constexpr const char* kEveryField = R"json({
  "name": "c", "image": "r/c:1", "command": ["/c"], "args": ["-v"], "workingDir": "/w",
  "ports": [{"name": "grpc", "containerPort": 80, "hostPort": 81, "hostIP": "10.0.0.1",
             "protocol": "UDP"}],
  "envFrom": [{"prefix": "A_", "configMapRef": {"name": "m", "optional": true}},
              {"secretRef": {"name": "s", "optional": false}}],
  "env": [{"name": "A", "value": "1"},
          {"name": "B", "valueFrom": {"fieldRef": {"apiVersion": "v1",
                                                   "fieldPath": "metadata.name"}}},
          {"name": "C", "valueFrom": {"resourceFieldRef": {"containerName": "c",
                                      "resource": "limits.cpu", "divisor": "1m"}}},
          {"name": "D", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k",
                                                          "optional": true}}},
          {"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
  "resources": {"limits": {"cpu": 1, "memory": "1Gi", "example.com/gpu": "2"},
                "requests": {"cpu": "0.5", "ephemeral-storage": "1G", "example.com/gpu": 2},
                "claims": [{"name": "c", "request": "r"}]},
  "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "NotRequired"}],
  "restartPolicy": "Always",
  "volumeMounts": [{"name": "v", "readOnly": true, "recursiveReadOnly": "Enabled",
                    "mountPath": "/v", "subPath": "a/b", "mountPropagation": "None"},
                   {"name": "v", "mountPath": "/w", "subPathExpr": "$(A)"}],
  "livenessProbe": {"exec": {"command": ["/live"]}, "initialDelaySeconds": 1, "timeoutSeconds": 1,
                    "periodSeconds": 1, "successThreshold": 1, "failureThreshold": 1,
                    "terminationGracePeriodSeconds": 1},
  "readinessProbe": {"httpGet": {"path": "/", "port": "http", "host": "h", "scheme": "HTTPS",
                     "httpHeaders": [{"name": "X-A", "value": "1"}]}, "successThreshold": 2},
  "startupProbe": {"grpc": {"port": 80, "service": "s"}},
  "lifecycle": {"postStart": {"exec": {"command": ["/start"]}},
                "preStop": {"tcpSocket": {"port": 80, "host": "h"}}},
  "terminationMessagePath": "/dev/log", "terminationMessagePolicy": "File",
  "imagePullPolicy": "Never",
  "securityContext": {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
    "privileged": false, "seLinuxOptions": {"user": "u", "role": "r", "type": "t", "level": "l"},
    "windowsOptions": {"gmsaCredentialSpecName": "g", "gmsaCredentialSpec": "x",
                       "runAsUserName": "ContainerUser"},
    "runAsUser": 1000, "runAsGroup": 1000, "runAsNonRoot": true, "readOnlyRootFilesystem": true,
    "allowPrivilegeEscalation": false, "procMount": "Default",
    "seccompProfile": {"type": "Localhost", "localhostProfile": "p/q"},
    "appArmorProfile": {"type": "RuntimeDefault"}},
  "stdin": true, "stdinOnce": false, "tty": true})json";

TEST(CheckContainer, EveryFieldOfAContainerIsKnown) {
  const auto checked = CheckContainer(json::parse(kEveryField));
  ASSERT_TRUE(checked.has_value()) << checked.error().Text();
  EXPECT_THAT(*checked, IsEmpty());
}

TEST(CheckContainer, EmptyObjectPasses) {
  EXPECT_EQ(FaultAt("{}"), "none");
}

TEST(CheckContainer, NotAnObjectIsRefused) {
  for (const char* text : {"null", "1", "\"x\"", "[]", "true"}) EXPECT_EQ(FaultAt(text), "");
}

// Every field in turn: null is nothing, another type is a fault at exactly that place.
void ExpectEachFieldIsTyped(const json& container, const json& node, const json::json_pointer& at) {
  for (const auto& [key, value] : node.items()) {
    const auto place = node.is_array() ? at / std::stoul(key) : at / key;
    json wrong = container;
    wrong[place] = value.is_object() || value.is_array() ? json(7) : json::object();
    EXPECT_EQ(FaultAt(wrong.dump()), place.to_string()) << wrong.dump();
    if (value.is_structured()) ExpectEachFieldIsTyped(container, value, place);
  }
}

TEST(CheckContainer, AnyFieldOfAnotherTypeIsRefusedAtItsPlace) {
  const json container = json::parse(kEveryField);
  ExpectEachFieldIsTyped(container, container, json::json_pointer());
}

TEST(CheckContainer, NullMeansMissing) {
  json container = json::parse(kEveryField);
  for (auto& [key, value] : container.items()) value = nullptr;
  EXPECT_EQ(FaultAt(container.dump()), "none");
  EXPECT_EQ(FaultAt(R"({"env":[{"name":"A","value":null,"valueFrom":null}]})"), "none");
  EXPECT_EQ(FaultAt(R"({"lifecycle":{"preStop":null}})"), "none");
}

struct Case {
  const char* container;
  const char* where;
};

TEST(CheckContainer, NullInAListOrMapOfValuesIsRefused) {
  const Case cases[] = {
      {R"({"args":["a",null]})", "/args/1"},
      {R"({"env":[null]})", "/env/0"},
      {R"({"resources":{"limits":{"cpu":null}}})", "/resources/limits/cpu"},
      {R"({"securityContext":{"capabilities":{"add":[null]}}})",
       "/securityContext/capabilities/add/0"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultAt(c.container), c.where) << c.container;
}

TEST(CheckContainer, IntegersAreWrittenWithoutFractionOrExponent) {
  const Case cases[] = {
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":1.5}})",
       "/livenessProbe/periodSeconds"},
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":1.0}})",
       "/livenessProbe/periodSeconds"},
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":1e1}})",
       "/livenessProbe/periodSeconds"},
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":"1"}})",
       "/livenessProbe/periodSeconds"},
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":2147483647}})", "none"},
      {R"({"livenessProbe":{"exec":{"command":["a"]},"periodSeconds":2147483648}})",
       "/livenessProbe/periodSeconds"},
      {R"({"ports":[{"containerPort":-2147483649}]})", "/ports/0/containerPort"},
      {R"({"ports":[{"containerPort":4294967376}]})", "/ports/0/containerPort"},
      {R"({"securityContext":{"runAsUser":9223372036854775808}})", "/securityContext/runAsUser"},
      {R"({"securityContext":{"runAsUser":1.0}})", "/securityContext/runAsUser"},
      {R"({"readinessProbe":{"tcpSocket":{"port":80.0}}})", "/readinessProbe/tcpSocket/port"},
      {R"({"readinessProbe":{"tcpSocket":{"port":4294967376}}})", "/readinessProbe/tcpSocket/port"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultAt(c.container), c.where) << c.container;
}

TEST(CheckContainer, QuantitiesAreStringsOrNumbersOfTheirGrammar) {
  const Case cases[] = {
      {R"({"resources":{"limits":{"cpu":0.1}}})", "none"},
      {R"({"resources":{"limits":{"cpu":1e3}}})", "none"},
      {R"({"resources":{"limits":{"memory":"1.5Gi"}}})", "none"},
      {R"({"resources":{"limits":{"memory":"1GB"}}})", "/resources/limits/memory"},
      {R"({"resources":{"limits":{"memory":""}}})", "/resources/limits/memory"},
      {R"({"resources":{"limits":{"memory":" 1"}}})", "/resources/limits/memory"},
      {R"({"resources":{"limits":{"memory":true}}})", "/resources/limits/memory"},
      {R"({"resources":{"limits":{"memory":["1"]}}})", "/resources/limits/memory"},
      {R"({"resources":{"limits":{"a.b/c~d":"x"}}})", "/resources/limits/a.b~1c~0d"},
      {R"({"resources":{"limits":{"memory":1e300}}})", "/resources/limits/memory"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultAt(c.container), c.where) << c.container;
}

TEST(CheckContainer, WordsAreOneOfTheirs) {
  const Case cases[] = {
      {R"({"imagePullPolicy":"Sometimes"})", "/imagePullPolicy"},
      {R"({"imagePullPolicy":"always"})", "/imagePullPolicy"},
      {R"({"imagePullPolicy":""})", "none"},
      {R"({"terminationMessagePolicy":"Logs"})", "/terminationMessagePolicy"},
      {R"({"restartPolicy":"OnFailure"})", "none"},
      {R"({"restartPolicy":"Sometimes"})", "/restartPolicy"},
      {R"({"ports":[{"containerPort":80,"protocol":"tcp"}]})", "/ports/0/protocol"},
      {R"({"ports":[{"containerPort":80,"protocol":"SCTP"}]})", "none"},
      {R"({"volumeMounts":[{"name":"v","mountPath":"/v","mountPropagation":""}]})",
       "/volumeMounts/0/mountPropagation"},
      {R"({"volumeMounts":[{"name":"v","mountPath":"/v","recursiveReadOnly":"Yes"}]})",
       "/volumeMounts/0/recursiveReadOnly"},
      {R"({"readinessProbe":{"httpGet":{"port":80,"scheme":"https"}}})",
       "/readinessProbe/httpGet/scheme"},
      {R"({"securityContext":{"procMount":"None"}})", "/securityContext/procMount"},
      {R"({"securityContext":{"seccompProfile":{"type":"Bogus"}}})",
       "/securityContext/seccompProfile/type"},
      {R"({"securityContext":{"appArmorProfile":{"type":"Bogus"}}})",
       "/securityContext/appArmorProfile/type"},
      {R"({"resizePolicy":[{"resourceName":"gpu","restartPolicy":"NotRequired"}]})",
       "/resizePolicy/0/resourceName"},
  };
  for (const Case& c : cases) EXPECT_EQ(FaultAt(c.container), c.where) << c.container;
}

TEST(CheckContainer, MessagesSayWhatWasExpectedAndWhatWasFound) {
  EXPECT_EQ(MessageOn(R"({"image":5})"), "expected a string, found a number");
  EXPECT_EQ(MessageOn(R"({"ports":{}})"), "expected an array, found an object");
  EXPECT_EQ(MessageOn(R"({"ports":[{"containerPort":"80"}]})"),
            "expected an integer of 32 bits, found \"80\"");
  EXPECT_EQ(MessageOn(R"({"imagePullPolicy":"X"})"),
            "expected one of Always, IfNotPresent, Never, found \"X\"");
  EXPECT_EQ(MessageOn(R"({"tty":")" + std::string(100, 'x') + R"("})"),
            "expected a boolean, found a string of 100 bytes");
}

TEST(CheckContainer, MessagesQuoteNoFreeText) {
  EXPECT_EQ(MessageOn(R"({"env":["PASSWORD=hunter2"]})"), "expected an object, found a string");
  EXPECT_EQ(MessageOn(R"({"env":[{"name":"PIN","value":4711}]})"),
            "expected a string, found a number");
  EXPECT_EQ(MessageOn(R"({"args":"--password=hunter2"})"), "expected an array, found a string");
  EXPECT_EQ(MessageOn(R"({"resources":{"limits":"hunter2"}})"),
            "expected an object, found a string");
  EXPECT_EQ(MessageOn(R"({"args":[null]})"), "expected a string, found null");
}

TEST(CheckContainer, UnknownFieldsAreListedAtEveryDepth) {
  const auto checked = CheckContainer(json::parse(R"({
      "Image": "x", "image": "r/x:1", "new": {"a": 1},
      "ports": [{"containerPort": 80, "appProtocol": "h2c"}],
      "livenessProbe": {"exec": {"command": ["a"], "shell": true}},
      "securityContext": {"a/b~c": null}, "": 1})"));
  ASSERT_TRUE(checked.has_value()) << checked.error().Text();
  EXPECT_THAT(*checked, ElementsAre("/", "/Image", "/livenessProbe/exec/shell", "/new",
                                    "/ports/0/appProtocol", "/securityContext/a~1b~0c"));
}

TEST(CheckContainer, KeysOfMapsAreNoUnknownFields) {
  const auto checked =
      CheckContainer(json::parse(R"({"resources":{"limits":{"example.com/x":1}}})"));
  ASSERT_TRUE(checked.has_value());
  EXPECT_THAT(*checked, IsEmpty());
}

TEST(CheckContainer, NoMoreThanSixteenUnknownFieldsAreListed) {
  json container = json::object();
  for (int i = 0; i < 100; ++i) container["x" + std::to_string(i)] = i;
  const auto checked = CheckContainer(container);
  ASSERT_TRUE(checked.has_value());
  EXPECT_THAT(*checked, SizeIs(16));
}

}  // namespace
}  // namespace injector::patch
