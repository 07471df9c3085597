#include "runtime/probe/target.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

namespace injector::runtime {
namespace {

std::string RandomUuid() {
  std::random_device random;
  std::array<unsigned, 4> words{random(), random(), random(), random()};
  constexpr unsigned kVersion4 = 0x4000;
  constexpr unsigned kVariant = 0x8000;
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%04x%08x", words[0], words[1] >> 16U,
                (words[1] & 0x0fffU) | kVersion4, ((words[2] >> 16U) & 0x3fffU) | kVariant,
                words[2] & 0xffffU, words[3]);
  return text.data();
}

Result<Target> BySocket(const Arguments& arguments, const Discovery& discovery, Kind kind) {
  const std::string component = ComponentNameOf(arguments.name + ".");
  const SocketReport* socket = FindComponent(discovery, kind, component);
  if (socket == nullptr) return Fail(ErrorKind::kNotFound, WhyNotFound(discovery, kind, component));
  InstanceSpec spec;
  spec.name = arguments.instance.empty() ? arguments.name : arguments.instance;
  spec.socket = socket->entry.path;
  spec.metadata = arguments.init;
  if (kind == Kind::kPubSub) spec.metadata.emplace("consumerID", arguments.app_id);
  TopicScopes topics(spec.metadata, arguments.app_id);
  return Target{std::move(spec), std::move(topics)};
}

// Loads the manifests as daprd would, and takes the instance of the one that is named.
Result<Target> ByManifest(const Arguments& arguments, Discovery discovery, Kind kind) {
  auto loaded = LoadFor(arguments);
  if (!loaded) return tl::unexpected(loaded.error());
  ComponentSet set(std::move(discovery), ApplicationOf(arguments));
  std::vector<Manifest> wanted;
  for (Manifest& manifest : loaded->manifests) {
    if (manifest.name == arguments.name || manifest.Category() == "secretstores")
      wanted.push_back(std::move(manifest));
  }
  set.Load(std::move(wanted), [](const LoadedComponent&) {});
  const LoadedComponent* component = set.Find(arguments.name);
  if (component == nullptr)
    return Fail(ErrorKind::kNotFound,
                "no manifest of this application is called " + arguments.name);
  if (component->state != ComponentState::kReady)
    return Fail(ErrorKind::kNotFound,
                component->manifest.Place() + ": " + arguments.name + " " + component->message);
  if (component->pubsub && kind == Kind::kPubSub)
    return Target{component->pubsub->instance().spec(), component->pubsub->topics()};
  for (Instance* instance : component->Instances())
    if (instance->spec().kind == kind) return Target{instance->spec(), {}};
  return Fail(ErrorKind::kNotFound, component->manifest.Place() + ": " + arguments.name + " is a " +
                                        component->manifest.type);
}

}  // namespace

std::optional<std::string> ReadVariable(const std::string& name) {
  // Nobody writes to the environment.
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<ManifestSet> LoadFor(const Arguments& arguments) {
  if (arguments.from_cluster) return LoadClusterManifests(arguments.cluster, ReadVariable);
  return LoadManifests(arguments.resources);
}

Application ApplicationOf(const Arguments& arguments) {
  return {arguments.app_id, ReadVariable("NAMESPACE").value_or(""),
          ReadVariable("POD_NAME").value_or(""), ReadVariable, RandomUuid};
}

Result<Target> FindTarget(const Arguments& arguments, Kind kind) {
  auto discovery = Discover(arguments.folder, arguments.probe);
  if (!discovery) return tl::unexpected(discovery.error());
  const bool by_socket = arguments.resources.empty() && !arguments.from_cluster;
  auto target = by_socket ? BySocket(arguments, *discovery, kind)
                          : ByManifest(arguments, std::move(*discovery), kind);
  if (!target) return target;
  target->spec.kind = kind;
  target->spec.call_timeout = arguments.timeout;
  return target;
}

}  // namespace injector::runtime
