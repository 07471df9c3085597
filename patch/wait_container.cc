#include "patch/wait_container.h"

#include "patch/json_writer.h"
#include "patch/service_account_mount.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

constexpr std::size_t kUsualBytes = 1024;      // of a container
constexpr std::size_t kUsualEntryBytes = 128;  // of an expected socket

// The argument of --expect: [{socket, components, image, soft?, note?}].
std::string ExpectArgument(const std::vector<ExpectedSocket>& expected) {
  std::string text;
  text.reserve(kUsualEntryBytes * expected.size());
  JsonWriter json(text);
  json.BeginArray();
  for (const ExpectedSocket& entry : expected) {
    json.BeginObject().Member("socket", entry.socket).Key("components").BeginArray();
    for (const std::string_view component : entry.components) json.String(component);
    json.EndArray().Member("image", entry.image);
    if (entry.soft) json.Member("soft", true);
    if (!entry.note.empty()) json.Member("note", entry.note);
    json.EndObject();
  }
  json.EndArray();
  return text;
}

// runAsUser and runAsGroup are daprd's, so that a permission fault shows here and not there.
void WriteSecurityContext(JsonWriter& json, const Settings& settings) {
  json.Key("securityContext").BeginObject();
  json.Member("allowPrivilegeEscalation", false);
  json.Key("capabilities").Raw(R"({"drop":["ALL"]})");
  json.Member("readOnlyRootFilesystem", true).Member("runAsNonRoot", true);
  if (settings.run_as_user) json.Member("runAsUser", *settings.run_as_user);
  if (settings.run_as_group) json.Member("runAsGroup", *settings.run_as_group);
  json.Key("seccompProfile").Raw(R"({"type":"RuntimeDefault"})");
  json.EndObject();
}

// Requests equal limits: a Guaranteed pod stays Guaranteed, and quotas are met.
void WriteResources(JsonWriter& json, const Settings& settings) {
  json.Key("resources").BeginObject();
  for (const char* bound : {"limits", "requests"}) {
    json.Key(bound)
        .BeginObject()
        .Member("cpu", settings.wait_cpu)
        .Member("memory", settings.wait_memory)
        .EndObject();
  }
  json.EndObject();
}

}  // namespace

std::string BuildWaitContainer(const WaitRequest& request, const Settings& settings) {
  std::string text;
  text.reserve(kUsualBytes + 2 * kUsualEntryBytes * request.expected.size());
  JsonWriter json(text);
  json.BeginObject()
      .Member("name", request.name)
      .Member("image", settings.wait_image)
      .Member("imagePullPolicy", settings.wait_image_pull_policy);
  json.Key("command").BeginArray().String("/component-injector").EndArray();
  json.Key("args").BeginArray();
  json.String("wait").String("--folder").String(request.sockets_folder);
  json.String("--timeout").String(request.timeout);
  json.String("--expect").String(ExpectArgument(request.expected));
  json.EndArray();
  if (!request.has_pod_resources) WriteResources(json, settings);
  json.Key("volumeMounts").BeginArray().BeginObject();
  json.Member("name", kSocketsVolume).Member("mountPath", request.sockets_folder);
  json.EndObject();
  if (!request.service_account_volume.empty()) {
    WriteServiceAccountMount(json, request.service_account_volume);
  }
  json.EndArray();
  WriteSecurityContext(json, settings);
  json.Member("terminationMessagePolicy", "FallbackToLogsOnError");
  json.EndObject();
  return text;
}

}  // namespace injector::patch
