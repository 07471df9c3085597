#include "tests/fuzz/json_mutator.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/random_source.h"

// The fuzzer's own mutation of bytes.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace injector::test {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 600;  // beyond what the program takes, within what recursion takes

// Keys and texts that mean something to the code; the dictionaries have them for bytes.
constexpr const char* kWords[] = {"name",
                                  "image",
                                  "env",
                                  "value",
                                  "valueFrom",
                                  "volumeMounts",
                                  "mountPath",
                                  "subPath",
                                  "readOnly",
                                  "ports",
                                  "containerPort",
                                  "hostPort",
                                  "hostIP",
                                  "protocol",
                                  "args",
                                  "command",
                                  "restartPolicy",
                                  "Always",
                                  "resources",
                                  "limits",
                                  "requests",
                                  "claims",
                                  "cpu",
                                  "memory",
                                  "securityContext",
                                  "privileged",
                                  "capabilities",
                                  "livenessProbe",
                                  "startupProbe",
                                  "readinessProbe",
                                  "httpGet",
                                  "tcpSocket",
                                  "grpc",
                                  "exec",
                                  "port",
                                  "path",
                                  "lifecycle",
                                  "volumes",
                                  "emptyDir",
                                  "projected",
                                  "containers",
                                  "initContainers",
                                  "hostNetwork",
                                  "tolerations",
                                  "resourceClaims",
                                  "os",
                                  "windows",
                                  "linux",
                                  "nodeSelector",
                                  "kubernetes.io/os",
                                  "metadata",
                                  "annotations",
                                  "labels",
                                  "generateName",
                                  "ownerReferences",
                                  "controller",
                                  "kind",
                                  "Job",
                                  "spec",
                                  "scopes",
                                  "type",
                                  "version",
                                  "ignoreErrors",
                                  "state.store",
                                  "v1",
                                  "daprd",
                                  "wait-for-sockets",
                                  "istio-proxy",
                                  "dapr-identity-token",
                                  "dapr-components-unix-domain-socket",
                                  "/tmp/dapr-components-sockets",
                                  "/var/run/secrets/dapr.io/sentrytoken",
                                  "DAPR_GRPC_PORT",
                                  "dapr.io/enabled",
                                  "true",
                                  "false",
                                  "dapr.io/app-id",
                                  "dapr.io/env",
                                  "A=1, B=2",
                                  "dapr.io/env-from-secret",
                                  "A=secret:key",
                                  "dapr.io/volume-mounts",
                                  "dapr.io/volume-mounts-rw",
                                  "vol:/path,b:/c",
                                  "dapr.io/pluggable-components",
                                  "dapr.io/inject-pluggable-components",
                                  "dapr.io/unix-domain-socket-path",
                                  "dapr.io/sidecar-image",
                                  "dapr.io/enable-native-sidecar",
                                  "dapr.io/component-container",
                                  "component-injector.dapr.io/placement",
                                  "container",
                                  "sidecar",
                                  "component-injector.dapr.io/component-placement",
                                  "component-injector.dapr.io/init-position",
                                  "component-injector.dapr.io/component-wait",
                                  "component-injector.dapr.io/wait",
                                  "off",
                                  "first",
                                  "component-injector.dapr.io/wait-timeout",
                                  "component-injector.dapr.io/require",
                                  "component-injector.dapr.io/after",
                                  "component-injector.dapr.io/status",
                                  "a",
                                  "b",
                                  "10Mi",
                                  "$patch",
                                  "\u00e9\u4e2d",
                                  "a/b~c",
                                  ""};

const json& Interesting(RandomSource& random) {
  static const std::vector<json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            1,
                                            -1,
                                            80,
                                            3501,
                                            50001,
                                            65535,
                                            65536,
                                            2147483647,
                                            4294967296,
                                            -9223372036854775807,
                                            18446744073709551615U,
                                            0.5,
                                            1e300,
                                            "",
                                            " ",
                                            "1",
                                            "x",
                                            "\n",
                                            "\t,=",
                                            json::array(),
                                            json::object(),
                                            json::array({json::object()}),
                                            std::string(64, 'a'),
                                            std::string(300, 'b')};
  return kValues[random.Below(kValues.size())];
}

// One change after the other of one value; every change is one that keeps it JSON.
class Mutation {
 public:
  Mutation(json& root, RandomSource& random) : root_(root), random_(random) {}

  void Apply() {
    Collect(root_);
    json& target = *nodes_[random_.Below(nodes_.size())];
    if (random_.Chance(15)) return Replace(target);
    if (target.is_object()) return ChangeObject(target);
    if (target.is_array()) return ChangeArray(target);
    if (target.is_string()) return ChangeText(target);
    if (target.is_number_integer() && random_.Chance(50)) {
      target = static_cast<std::int64_t>(target.get<std::uint64_t>() + random_.Below(5) - 2);
      return;
    }
    Replace(target);
  }

  void Insert(const json& piece) {
    Collect(root_);
    json& target = *nodes_[random_.Below(nodes_.size())];
    if (target.is_array()) {
      target.push_back(piece);
    } else if (target.is_object() && random_.Chance(70)) {
      target[Word()] = piece;
    } else {
      target = piece;
    }
  }

 private:
  void Collect(json& value) {
    nodes_.push_back(&value);
    if (!value.is_structured()) return;
    for (json& child : value) Collect(child);
  }

  const char* Word() { return random_.Pick(kWords); }

  json AnyValue() {
    if (random_.Chance(40)) return *nodes_[random_.Below(nodes_.size())];
    return random_.Chance(50) ? Interesting(random_) : json(Word());
  }

  void Replace(json& target) {
    json value = AnyValue();
    target = std::move(value);
  }

  void ChangeObject(json& target) {
    auto member = target.begin();
    if (!target.empty()) std::advance(member, random_.Below(target.size()));
    if (target.empty() || random_.Chance(35)) {
      json value = AnyValue();
      target[Word()] = std::move(value);
    } else if (random_.Chance(50)) {
      target.erase(member);
    } else {  // another name for it
      json value = std::move(*member);
      target.erase(member);
      target[Word()] = std::move(value);
    }
  }

  void ChangeArray(json& target) {
    const std::size_t at = target.empty() ? 0 : random_.Below(target.size());
    const auto place = target.begin() + static_cast<std::ptrdiff_t>(at);
    if (target.empty() || random_.Chance(30)) {
      json value = AnyValue();
      target.insert(target.begin() + static_cast<std::ptrdiff_t>(at), std::move(value));
    } else if (random_.Chance(40)) {
      target.erase(place);
    } else if (random_.Chance(70)) {
      json twice = *place;
      target.push_back(std::move(twice));
    } else {
      std::swap(target[at], target[random_.Below(target.size())]);
    }
  }

  void ChangeText(json& target) {
    if (random_.Chance(40)) {
      target = Word();
      return;
    }
    constexpr std::size_t kLongest = 4096;
    std::string text = target.get<std::string>();
    const std::size_t size = std::min(text.size(), kLongest);
    text.resize(2 * size + 16);
    text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
    target = text;  // what is no UTF-8 is replaced when it is written
  }

  json& root_;
  RandomSource& random_;
  std::vector<json*> nodes_;
};

// 0 when it does not fit.
std::size_t Write(const json& value, std::uint8_t* out, std::size_t max_size) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > max_size) return 0;
  std::copy(text.begin(), text.end(), out);
  return text.size();
}

}  // namespace

std::optional<json> ParseForFuzzing(std::string_view text) {
  bool too_deep = false;
  const auto bound = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  json value = json::parse(text, bound, /*allow_exceptions=*/false);
  if (value.is_discarded() || too_deep) return std::nullopt;
  return value;
}

std::size_t MutateJson(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  RandomSource random(seed);
  if (random.Chance(70)) {
    auto value = ParseForFuzzing({reinterpret_cast<const char*>(data), size});
    if (value) {
      for (std::size_t i = 0; i <= random.Below(4); ++i) Mutation(*value, random).Apply();
      if (const std::size_t length = Write(*value, data, max_size); length > 0) return length;
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

std::size_t CrossJson(std::string_view one, std::string_view other, std::uint8_t* out,
                      std::size_t max_size, unsigned seed) {
  RandomSource random(seed);
  auto first = ParseForFuzzing(one);
  auto second = ParseForFuzzing(other);
  if (!first || !second) return 0;
  const json* piece = &*second;
  while (piece->is_structured() && !piece->empty() && random.Chance(80)) {
    auto member = piece->begin();
    std::advance(member, random.Below(piece->size()));
    piece = &*member;
  }
  Mutation(*first, random).Insert(*piece);
  return Write(*first, out, max_size);
}

}  // namespace injector::test
