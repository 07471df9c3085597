#include "patch/pod_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using nlohmann::json;
using patch::EnvVar;
using patch::PodEditor;

constexpr std::string_view kSockets = R"({"name":"sockets","emptyDir":{}})";
constexpr std::string_view kToken = R"({"name":"token","projected":{}})";
constexpr std::array kEnv = {EnvVar{"A", "1"}, EnvVar{"B", "2"}};

TEST(PodEditorFinish, WithoutEditsThereIsNoPatch) {
  const ParsedPod pod(R"({"spec": {"containers": []}})");
  EXPECT_EQ(PodEditor(pod.View()).Finish(), "");
}

TEST(PodEditorAddVolume, PodWithoutVolumesGetsOneListAndThenAppends) {
  const ParsedPod pod(R"({"spec": {"containers": []}})");
  PodEditor editor(pod.View());
  editor.AddVolume("token", kToken);
  editor.AddVolume("sockets", kSockets);
  EXPECT_EQ(std::move(editor).Finish(),
            R"([{"op":"add","path":"/spec/volumes","value":[{"name":"token","projected":{}}]},)"
            R"({"op":"add","path":"/spec/volumes/-","value":{"name":"sockets","emptyDir":{}}}])");
}

TEST(PodEditorAddVolume, VolumeOfThatNameIsUsedAsItIs) {
  const ParsedPod pod(R"({"spec": {"volumes": [{"name": "sockets", "hostPath": {}}]}})");
  PodEditor editor(pod.View());
  editor.AddVolume("sockets", kSockets);
  EXPECT_TRUE(editor.HasVolume("sockets"));
  EXPECT_FALSE(editor.HasVolume("token"));
  EXPECT_EQ(std::move(editor).Finish(), "");
}

TEST(PodEditorAddVolume, SecondOneOfANameAddsNothing) {
  const ParsedPod pod(R"({"spec": {"volumes": [{"name": "cache"}]}})");
  PodEditor editor(pod.View());
  editor.AddVolume("sockets", kSockets);
  editor.AddVolume("sockets", kSockets);
  EXPECT_EQ(json::parse(std::move(editor).Finish()).size(), 1U);
}

TEST(PodEditorSetLabel, MissingMapIsMadeOnceAndKeysAreEscaped) {
  const ParsedPod pod(R"({"metadata": {}, "spec": {}})");
  PodEditor editor(pod.View());
  editor.SetLabel("dapr.io/app-id", "orders");
  editor.SetLabel("a~b", "2");
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/metadata/labels", "value": {}},
    {"op": "add", "path": "/metadata/labels/dapr.io~1app-id", "value": "orders"},
    {"op": "add", "path": "/metadata/labels/a~0b", "value": "2"}])"));
}

TEST(PodEditorSetAnnotation, MapThatIsThereIsKept) {
  const ParsedPod pod(R"({"metadata": {"annotations": {"a": "1"}}, "spec": {}})");
  PodEditor editor(pod.View());
  editor.SetAnnotation("status", R"({"x":1})");
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/metadata/annotations/status", "value": "{\"x\":1}"}])"));
}

TEST(PodEditorAddEnv, ContainerWithoutEnvGetsTheWholeList) {
  const ParsedPod pod(R"({"spec": {"containers": [{"name": "a"}, {"name": "b", "env": []}]}})");
  PodEditor editor(pod.View());
  editor.AddEnv({false, 1}, kEnv);
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/containers/1/env",
     "value": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}])"));
}

TEST(PodEditorAddEnv, NamesThatAreThereStay) {
  const ParsedPod pod(R"({"spec": {"containers": [], "initContainers": [
    {"name": "a", "env": [{"name": "A", "valueFrom": {}}]}]}})");
  PodEditor editor(pod.View());
  editor.AddEnv({true, 0}, kEnv);
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/initContainers/0/env/-",
     "value": {"name": "B", "value": "2"}}])"));
}

TEST(PodEditorAddEnv, LaterEditSeesTheEarlierOne) {
  const ParsedPod pod(R"({"spec": {"containers": [{"name": "a"}]}})");
  PodEditor editor(pod.View());
  editor.AddEnv({false, 0}, std::array{EnvVar{"A", "1"}});
  editor.AddEnv({false, 0}, kEnv);
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/containers/0/env", "value": [{"name": "A", "value": "1"}]},
    {"op": "add", "path": "/spec/containers/0/env/-", "value": {"name": "B", "value": "2"}}])"));
}

TEST(PodEditorAddMount, FirstMountMakesTheListTheSecondAppends) {
  const ParsedPod pod(R"({"spec": {"containers": [{"name": "a"}]}})");
  PodEditor editor(pod.View());
  editor.AddMount({false, 0}, {"sockets", "/sockets"});
  editor.AddMount({false, 0}, {"token", "/token"});
  EXPECT_TRUE(editor.At({false, 0}).Mounts("token"));
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/containers/0/volumeMounts",
     "value": [{"name": "sockets", "mountPath": "/sockets"}]},
    {"op": "add", "path": "/spec/containers/0/volumeMounts/-",
     "value": {"name": "token", "mountPath": "/token"}}])"));
}

TEST(PodEditorAppendContainer, PodWithoutContainersGetsTheList) {
  const ParsedPod pod(R"({"spec": {"containers": []}})");
  PodEditor editor(pod.View());
  editor.AppendContainer(R"({"name":"daprd"})");
  editor.AppendContainer(R"({"name":"kafka"})");
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/containers", "value": [{"name": "daprd"}]},
    {"op": "add", "path": "/spec/containers/-", "value": {"name": "kafka"}}])"));
}

TEST(PodEditorInsertInitContainer, PositionInsideTheListInsertsItsLengthAppends) {
  const ParsedPod pod(
      R"({"spec": {"initContainers": [{"name": "a"}, {"name": "b"}], "containers": []}})");
  PodEditor editor(pod.View());
  editor.InsertInitContainer(1, R"({"name":"kafka"})");
  editor.InsertInitContainer(3, R"({"name":"daprd"})");
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/initContainers/1", "value": {"name": "kafka"}},
    {"op": "add", "path": "/spec/initContainers/-", "value": {"name": "daprd"}}])"));
}

TEST(PodEditorInsertInitContainer, MissingListIsMade) {
  const ParsedPod pod(R"({"spec": {"initContainers": null, "containers": []}})");
  PodEditor editor(pod.View());
  editor.InsertInitContainer(0, R"({"name":"kafka"})");
  editor.InsertInitContainer(1, R"({"name":"daprd"})");
  EXPECT_EQ(json::parse(std::move(editor).Finish()), json::parse(R"([
    {"op": "add", "path": "/spec/initContainers", "value": [{"name": "kafka"}]},
    {"op": "add", "path": "/spec/initContainers/-", "value": {"name": "daprd"}}])"));
}

}  // namespace
}  // namespace injector::test
