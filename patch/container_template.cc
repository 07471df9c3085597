#include "patch/container_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "patch/container_schema.h"
#include "patch/json_document.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr std::string_view kIdentityVolume = "dapr-identity-token";
constexpr std::string_view kServiceAccountVolumes = "kube-api-access-";

// Everything below reads fields whose type CheckContainer has proved; null means missing.
const json& Field(const json& object, const char* key) {
  static const json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string Text(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

int Number(const json& value) {
  return value.is_number_integer() ? value.get<int>() : 0;
}

// The annotation's text as JSON: one object within the limits that hold for reviews too.
Result<json> ParseObject(std::string_view text) {
  JsonParser parser;
  const auto checked = parser.Parse(text);
  if (!checked) {
    return Fail(ErrorKind::kInvalidContainer, checked.error().where,
                "not JSON: " + checked.error().message);
  }
  if (checked->Type() != JsonType::kObject) {
    return Fail(
        ErrorKind::kInvalidContainer, "",
        "expected a container as a JSON object, found " + std::string(Describe(checked->Type())));
  }
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string Joined(const json& list) {
  std::string text;
  for (const json& element : list) {
    if (!text.empty()) text += ',';
    text += element.dump();
  }
  return text;
}

std::string MembersOf(const json& container) {
  std::string text;
  for (const auto& [key, value] : container.items()) {
    if (key == "name" || key == "env" || key == "volumeMounts" || key == "restartPolicy") continue;
    if (!text.empty()) text += ',';
    text += json(key).dump() + ':' + value.dump();
  }
  if (Field(container, "resources").is_null()) text += R"(,"resources":{})";
  return text;
}

void ReadLists(const json& container, ContainerTemplate& read) {
  for (const json& variable : Field(container, "env")) {
    read.env_names.push_back(Text(Field(variable, "name")));
  }
  for (const json& mount : Field(container, "volumeMounts")) {
    const json& read_only = Field(mount, "readOnly");
    read.mounts.push_back({Text(Field(mount, "name")), Text(Field(mount, "mountPath")),
                           read_only.is_boolean() && read_only.get<bool>()});
  }
  for (const json& port : Field(container, "ports")) {
    const std::string protocol = Text(Field(port, "protocol"));
    read.ports.push_back({Number(Field(port, "containerPort")), Number(Field(port, "hostPort")),
                          protocol.empty() ? "TCP" : protocol});
  }
  for (const json& claim : Field(Field(container, "resources"), "claims")) {
    read.claims.push_back(Text(Field(claim, "name")));
  }
}

bool IsReserved(const ContainerTemplate::Mount& mount) {
  return mount.volume == kIdentityVolume || mount.volume.starts_with(kServiceAccountVolumes);
}

}  // namespace

bool ContainerTemplate::HasEnv(std::string_view wanted) const {
  return std::find(env_names.begin(), env_names.end(), wanted) != env_names.end();
}

Result<ContainerTemplate> ParseContainerTemplate(std::string_view text) {
  auto container = ParseObject(text);
  if (!container) return tl::unexpected(container.error());
  auto unknown = CheckContainer(*container);
  if (!unknown) return tl::unexpected(unknown.error());

  ContainerTemplate read;
  read.unknown_fields = *std::move(unknown);
  read.name = Text(Field(*container, "name"));
  read.image = Text(Field(*container, "image"));
  read.restart_policy = Text(Field(*container, "restartPolicy"));
  read.members = MembersOf(*container);
  read.env = Joined(Field(*container, "env"));
  read.volume_mounts = Joined(Field(*container, "volumeMounts"));
  read.has_windows_options =
      Field(Field(*container, "securityContext"), "windowsOptions").is_object();
  ReadLists(*container, read);
  container->erase("name");
  read.canonical = container->dump();

  const auto reserved = std::find_if(read.mounts.begin(), read.mounts.end(), IsReserved);
  if (reserved != read.mounts.end()) {
    const auto index = std::to_string(reserved - read.mounts.begin());
    return Fail(ErrorKind::kReservedVolume, "/volumeMounts/" + index + "/name",
                "volume " + reserved->volume + " holds the pod's identity");
  }
  if (read.image.empty()) return Fail(ErrorKind::kNoImage, "/image", "the container has no image");
  return read;
}

}  // namespace injector::patch
