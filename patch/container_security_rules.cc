// Rules on securityContext.

#include <algorithm>
#include <limits>
#include <string>

#include "patch/container_rules.h"
#include "patch/names.h"

namespace injector::patch {
namespace {

using nlohmann::json;

// PATH_MAX without its final zero.
constexpr std::size_t kMaxProfile = 4095;
constexpr std::size_t kMaxGmsaSpec = std::size_t{64} * 1024;
constexpr std::size_t kMaxDomain = 15;
constexpr std::size_t kMaxUser = 104;

void CheckIds(const json& context, const JsonPlace& at, FirstFault& fault) {
  for (const char* key : {"runAsUser", "runAsGroup"}) {
    const std::int64_t id = Integer(Field(context, key));
    if (id < 0 || id > std::numeric_limits<std::int32_t>::max()) {
      fault.Add({&at, key}, "expected 0 to 2147483647");
    }
  }
}

void CheckEscalation(const json& context, const JsonPlace& at, FirstFault& fault) {
  const json& allowed = Field(context, "allowPrivilegeEscalation");
  if (!allowed.is_boolean() || IsTrue(allowed)) return;
  const JsonPlace place{&at, "allowPrivilegeEscalation"};
  if (IsTrue(Field(context, "privileged"))) {
    fault.Add(place, "false is not allowed with privileged: true");
  }
  for (const json& capability : Field(Field(context, "capabilities"), "add")) {
    const std::string_view name = Text(capability);
    if (name == "SYS_ADMIN" || name == "CAP_SYS_ADMIN") {
      fault.Add(place, "false is not allowed with capability " + std::string(name));
    }
  }
}

void CheckProcMount(const json& context, const JsonPlace& at, FirstFault& fault) {
  if (Text(Field(context, "procMount")) == "Unmasked") {
    fault.Add({&at, "procMount"},
              "Unmasked is not supported: it needs hostUsers: false in the pod");
  }
}

bool IsLegalProfile(std::string_view profile) {
  if (profile.empty() || profile.size() > kMaxProfile || profile.starts_with('/')) return false;
  const std::string guarded = "/" + std::string(profile) + "/";
  const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
  return guarded.find("/../") == std::string::npos && is_visible(profile.front()) &&
         is_visible(profile.back());
}

void CheckProfile(const json& context, const JsonPlace& at, const char* key, FirstFault& fault) {
  const json& profile = Field(context, key);
  if (profile.is_null()) return;
  const JsonPlace place{&at, key};
  const std::string_view type = Text(Field(profile, "type"));
  if (type.empty()) fault.Add({&place, "type"}, "expected a type, found none");
  const json& path = Field(profile, "localhostProfile");
  if (type == "Localhost" && !IsLegalProfile(Text(path))) {
    fault.Add({&place, "localhostProfile"}, "expected a relative path without \"..\"");
  }
  if (type != "Localhost" && !path.is_null()) {
    fault.Add({&place, "localhostProfile"}, "allowed with type Localhost only");
  }
}

bool IsAccountPart(std::string_view part, std::size_t longest) {
  return !part.empty() && part.size() <= longest && part.front() != '.' && part.front() != ' ' &&
         std::all_of(part.begin(), part.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_' || c == ' ';
         });
}

// [DOMAIN\]USER
bool IsAccount(std::string_view account) {
  const auto backslash = account.find('\\');
  if (backslash == std::string_view::npos) return IsAccountPart(account, kMaxUser);
  return IsAccountPart(account.substr(0, backslash), kMaxDomain) &&
         IsAccountPart(account.substr(backslash + 1), kMaxUser);
}

void CheckWindowsOptions(const json& context, const JsonPlace& at, FirstFault& fault) {
  const json& options = Field(context, "windowsOptions");
  const JsonPlace place{&at, "windowsOptions"};
  if (!Field(options, "hostProcess").is_null()) {
    fault.Add({&place, "hostProcess"}, "not supported: it must be equal in all of a pod");
  }
  const json& name = Field(options, "gmsaCredentialSpecName");
  if (!name.is_null() && !IsDnsSubdomain(Text(name))) {
    fault.Add({&place, "gmsaCredentialSpecName"}, "expected a DNS subdomain");
  }
  const json& spec = Field(options, "gmsaCredentialSpec");
  if (!spec.is_null() && (Text(spec).empty() || Text(spec).size() > kMaxGmsaSpec)) {
    fault.Add({&place, "gmsaCredentialSpec"}, "expected 1 to 65536 bytes");
  }
  const json& user = Field(options, "runAsUserName");
  if (!user.is_null() && !IsAccount(Text(user))) {
    fault.Add({&place, "runAsUserName"}, "expected a name such as ContainerUser or DOMAIN\\user");
  }
}

}  // namespace

void CheckSecurityContext(const json& container, const JsonPlace& at, FirstFault& fault) {
  const json& context = Field(container, "securityContext");
  const JsonPlace place{&at, "securityContext"};
  CheckIds(context, place, fault);
  CheckEscalation(context, place, fault);
  CheckProcMount(context, place, fault);
  CheckProfile(context, place, "seccompProfile", fault);
  CheckProfile(context, place, "appArmorProfile", fault);
  CheckWindowsOptions(context, place, fault);
}

}  // namespace injector::patch
