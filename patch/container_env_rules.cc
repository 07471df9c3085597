// Rules on env and envFrom.

#include <algorithm>
#include <array>
#include <string>

#include "patch/container_rules.h"
#include "patch/names.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr std::string_view kEnvNameRule =
    "expected letters, digits, '-', '_' and '.', not beginning with a digit or \"..\"";

// status.hostIPs is missing: Kubernetes 1.28 refuses it.
constexpr std::array<std::string_view, 8> kFieldPaths = {
    "metadata.name",           "metadata.namespace", "metadata.uid", "spec.nodeName",
    "spec.serviceAccountName", "status.hostIP",      "status.podIP", "status.podIPs"};

constexpr std::array<std::string_view, 2> kCpu = {"limits.cpu", "requests.cpu"};
constexpr std::array<std::string_view, 4> kBytes = {
    "limits.memory", "requests.memory", "limits.ephemeral-storage", "requests.ephemeral-storage"};
constexpr std::array<std::string_view, 2> kHugePages = {"limits.hugepages-", "requests.hugepages-"};

// Texts, not values: the server compares how a divisor is written.
constexpr std::array<std::string_view, 2> kCpuDivisors = {"1", "1m"};
constexpr std::array<std::string_view, 13> kByteDivisors = {
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};

template <class List>
bool Holds(const List& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// "metadata.labels['<key>']" and the same for annotations.
bool IsLegalSubscript(std::string_view path) {
  const bool label = path.starts_with("metadata.labels['");
  if (!label && !path.starts_with("metadata.annotations['")) return false;
  if (!path.ends_with("']")) return false;
  const std::size_t begin = path.find('\'') + 1;
  if (path.size() < begin + 2) return false;
  std::string key(path.substr(begin, path.size() - 2 - begin));
  if (!label) {  // annotation keys may hold capitals before the slash
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  return IsQualifiedName(key);
}

void CheckFieldRef(const json& source, const JsonPlace& at, FirstFault& fault) {
  const std::string_view version = Text(Field(source, "apiVersion"));
  if (!version.empty() && version != "v1") fault.Add({&at, "apiVersion"}, "expected v1");
  const std::string_view path = Text(Field(source, "fieldPath"));
  if (!Holds(kFieldPaths, path) && !IsLegalSubscript(path)) {
    fault.Add({&at, "fieldPath"},
              "expected a field that every server offers, such as metadata.name, "
              "metadata.labels['app'] or status.podIP");
  }
}

void CheckResourceFieldRef(const json& source, const JsonPlace& at, FirstFault& fault) {
  const std::string_view resource = Text(Field(source, "resource"));
  const bool cpu = Holds(kCpu, resource);
  const bool huge = std::any_of(kHugePages.begin(), kHugePages.end(), [&](std::string_view prefix) {
    return resource.starts_with(prefix);
  });
  if (!cpu && !huge && !Holds(kBytes, resource)) {
    fault.Add({&at, "resource"},
              "expected limits or requests of cpu, memory, ephemeral-storage or hugepages-<size>");
  }
  const json& divisor = Field(source, "divisor");
  const auto value = QuantityOf(divisor);
  if (!value || value->IsZero()) return;
  const std::string text = divisor.is_string() ? std::string(Text(divisor)) : divisor.dump();
  if (cpu ? !Holds(kCpuDivisors, text) : !Holds(kByteDivisors, text)) {
    fault.Add({&at, "divisor"}, cpu ? "expected 1 or 1m" : "expected 1 or 1 with a unit: 1k, 1Mi");
  }
}

void CheckObjectName(const json& source, const JsonPlace& at, FirstFault& fault) {
  if (IsDnsSubdomain(Text(Field(source, "name")))) return;
  fault.Add({&at, "name"}, "expected the name of a ConfigMap or Secret, which is a DNS subdomain");
}

void CheckKeyRef(const json& source, const JsonPlace& at, FirstFault& fault) {
  CheckObjectName(source, at, fault);
  if (!IsConfigKey(Text(Field(source, "key")))) {
    fault.Add({&at, "key"}, "expected a key of letters, digits, '-', '_' and '.'");
  }
}

using Check = void (*)(const json&, const JsonPlace&, FirstFault&);

struct Source {
  const char* key;
  Check check;
};

template <std::size_t N>
void CheckOneSource(const json& holder, const JsonPlace& at, const std::array<Source, N>& sources,
                    FirstFault& fault) {
  int found = 0;
  for (const Source& source : sources) {
    const json& value = Field(holder, source.key);
    if (value.is_null()) continue;
    source.check(value, {&at, source.key}, fault);
    if (++found > 1) fault.Add({&at, source.key}, "more than one source");
  }
  if (found == 0) fault.Add(at, "expected one source, found none");
}

void RefuseFileKeyRef(const json&, const JsonPlace& at, FirstFault& fault) {
  fault.Add(at, "not supported: servers before 1.34 do not know it and refuse the pod");
}

constexpr std::array<Source, 5> kValueSources = {{{"fieldRef", CheckFieldRef},
                                                  {"resourceFieldRef", CheckResourceFieldRef},
                                                  {"configMapKeyRef", CheckKeyRef},
                                                  {"secretKeyRef", CheckKeyRef},
                                                  {"fileKeyRef", RefuseFileKeyRef}}};
constexpr std::array<Source, 2> kFromSources = {
    {{"configMapRef", CheckObjectName}, {"secretRef", CheckObjectName}}};

}  // namespace

void CheckEnv(const json& container, const JsonPlace& at, FirstFault& fault) {
  ForEachElement(container, at, "env", [&](const json& variable, const JsonPlace& place) {
    if (!IsEnvName(Text(Field(variable, "name")))) {
      fault.Add({&place, "name"}, std::string(kEnvNameRule));
    }
    const json& source = Field(variable, "valueFrom");
    if (source.is_null()) return;
    const JsonPlace from{&place, "valueFrom"};
    CheckOneSource(source, from, kValueSources, fault);
    if (!Text(Field(variable, "value")).empty()) fault.Add(from, "not allowed beside value");
  });
}

void CheckEnvFrom(const json& container, const JsonPlace& at, FirstFault& fault) {
  ForEachElement(container, at, "envFrom", [&](const json& source, const JsonPlace& place) {
    const std::string_view prefix = Text(Field(source, "prefix"));
    if (!prefix.empty() && !IsEnvName(prefix)) {
      fault.Add({&place, "prefix"}, std::string(kEnvNameRule));
    }
    CheckOneSource(source, place, kFromSources, fault);
  });
}

}  // namespace injector::patch
