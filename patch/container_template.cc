#include "patch/container_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "patch/container_json.h"
#include "patch/container_schema.h"
#include "patch/identity_token.h"
#include "patch/json_document.h"
#include "patch/service_account_mount.h"

namespace injector::patch {
namespace {

using nlohmann::json;

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
  if (!container.contains("resources")) text += R"(,"resources":{})";
  return text;
}

void ReadLists(const json& container, ContainerTemplate& read) {
  for (const json& variable : Field(container, "env")) {
    read.env_names.emplace_back(Text(Field(variable, "name")));
  }
  for (const json& mount : Field(container, "volumeMounts")) {
    read.mounts.push_back({std::string(Text(Field(mount, "name"))),
                           std::string(Text(Field(mount, "mountPath"))),
                           IsTrue(Field(mount, "readOnly"))});
  }
  for (const json& port : Field(container, "ports")) {
    const std::string protocol(Text(Field(port, "protocol")));
    read.ports.push_back({static_cast<int>(Integer(Field(port, "containerPort"))),
                          static_cast<int>(Integer(Field(port, "hostPort"))),
                          protocol.empty() ? "TCP" : protocol});
  }
  for (const json& claim : Field(Field(container, "resources"), "claims")) {
    read.claims.emplace_back(Text(Field(claim, "name")));
  }
}

bool IsReserved(const ContainerTemplate::Mount& mount) {
  return mount.volume == kIdentityTokenVolume || mount.volume.starts_with(kServiceAccountVolumes);
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
  if (Field(*container, "resources").is_null()) container->erase("resources");

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
  const json& resources = Field(*container, "resources");
  read.has_amounts = !Field(resources, "limits").empty() || !Field(resources, "requests").empty();
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
