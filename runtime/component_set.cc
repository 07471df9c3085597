#include "runtime/component_set.h"

#include <algorithm>
#include <utility>

namespace injector::runtime {
namespace {

constexpr char kSecretStores[] = "secretstores";

// Pluggable components have no versions: these match, v2 never.
bool IsPluggableVersion(const std::string& version) {
  return version.empty() || version == "v0" || version == "v1";
}

bool NeedsSecrets(const Manifest& manifest) {
  return std::any_of(manifest.items.begin(), manifest.items.end(), [](const MetadataItem& item) {
    return !item.value && !item.secret_name.empty();
  });
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string Trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Which directions the manifest asks for: property `direction`, in any letter case; absent: both.
bool WantsDirection(const Properties& values, const std::string& direction) {
  for (const auto& [name, value] : values) {
    if (Lower(name) == "direction") return Lower(value).find(direction) != std::string::npos;
  }
  return true;
}

// Makes the adapter and calls Init; returns what the component can do.
template <class Adapter>
Result<void> Begin(std::unique_ptr<Adapter>& place, Result<InstanceSpec> spec) {
  if (!spec) return tl::unexpected(spec.error());
  auto adapter = std::make_unique<Adapter>(std::move(*spec));
  auto done = adapter->Init();
  if (done) place = std::move(adapter);
  return done;
}

}  // namespace

Result<InstanceSpec> ComponentSet::SpecFor(const Manifest& manifest, Kind kind,
                                           const Properties& values) const {
  const SocketReport* socket = FindComponent(discovery_, kind, manifest.Component());
  if (socket == nullptr)
    return Fail(ErrorKind::kNotFound, "no socket in " + discovery_.folder + " serves " +
                                          std::string(NamesOf(kind).name) + " as " +
                                          manifest.Component());
  InstanceSpec spec;
  spec.name = manifest.name;
  spec.socket = socket->entry.path;
  spec.kind = kind;
  spec.metadata = values;
  spec.init_timeout = manifest.init_timeout;
  return spec;
}

SecretStore* ComponentSet::StoreOf(const Manifest& manifest) const {
  LoadedComponent* store = Find(manifest.secret_store);
  return store == nullptr ? nullptr : store->secrets.get();
}

Result<std::string> ComponentSet::StartBinding(LoadedComponent& component,
                                               const Properties& values) {
  std::string served;
  for (const Kind kind : {Kind::kInputBinding, Kind::kOutputBinding}) {
    const bool input = kind == Kind::kInputBinding;
    if (!WantsDirection(values, input ? "input" : "output")) continue;
    auto spec = SpecFor(component.manifest, kind, values);
    if (!spec) continue;  // one direction is enough
    const auto done =
        input ? Begin(component.input, std::move(spec)) : Begin(component.output, std::move(spec));
    if (!done) return tl::unexpected(done.error());
    served += served.empty() ? NamesOf(kind).name : " and output";
  }
  if (served.empty())
    return Fail(ErrorKind::kNotFound, "no socket in " + discovery_.folder +
                                          " serves a binding as " + component.manifest.Component());
  return "binding: " + served;
}

Result<std::string> ComponentSet::Start(LoadedComponent& component) {
  const Manifest& manifest = component.manifest;
  if (!IsPluggableVersion(manifest.version))
    return Fail(ErrorKind::kNotFound,
                "version " + manifest.version + " cannot be a pluggable component's; use v1");
  SecretReader reader;
  if (SecretStore* store = StoreOf(manifest)) {
    reader = [store, &manifest](const std::string& name,
                                const std::string& key) -> Result<std::string> {
      auto pairs = store->Get(name, {{"namespace", manifest.name_space}});
      if (!pairs) return tl::unexpected(pairs.error());
      const auto found = pairs->find(key);
      if (found == pairs->end())
        return Fail(ErrorKind::kNotFound, "secret " + name + " has no key " + key);
      return found->second;
    };
  }
  auto resolved = ResolveValues(manifest, application_, reader);
  if (!resolved) return tl::unexpected(resolved.error());
  component.warnings = std::move(resolved->warnings);
  Properties& values = resolved->values;
  const std::string category = manifest.Category();
  if (category == "bindings") return StartBinding(component, values);
  if (category == "pubsub") {
    std::string consumer = Trimmed(values["consumerID"]);
    values["consumerID"] = consumer.empty() ? application_.app_id : consumer;
  }
  const Kind kind = category == "pubsub"        ? Kind::kPubSub
                    : category == kSecretStores ? Kind::kSecretStore
                                                : Kind::kState;
  auto spec = SpecFor(manifest, kind, values);
  const auto done = kind == Kind::kPubSub  ? Begin(component.pubsub, std::move(spec))
                    : kind == Kind::kState ? Begin(component.state_store, std::move(spec))
                                           : Begin(component.secrets, std::move(spec));
  if (!done) return tl::unexpected(done.error());
  return "initialised";
}

void ComponentSet::LoadOne(LoadedComponent& component, const LoadProgress& progress) {
  const Manifest& manifest = component.manifest;
  component.message = WhyNotFor(manifest, application_);
  if (!component.message.empty()) {
    component.state = ComponentState::kSkipped;
  } else if (NeedsSecrets(manifest) && !manifest.secret_store.empty() &&
             StoreOf(manifest) == nullptr) {
    component.state = ComponentState::kParked;
    component.message = "waits for secret store " + manifest.secret_store;
  } else {
    auto started = Start(component);
    component.state = started ? ComponentState::kReady : ComponentState::kFailed;
    component.message = started ? *started : started.error().message;
  }
  progress(component);
  if (component.state != ComponentState::kReady || !component.secrets) return;
  // Who waited for this store: among them may be other stores.
  for (const auto& other : components_) {
    if (other->state == ComponentState::kParked && other->manifest.secret_store == manifest.name &&
        other->message.starts_with("waits for"))
      LoadOne(*other, progress);
  }
}

void ComponentSet::Load(std::vector<Manifest> manifests, const LoadProgress& progress) {
  std::stable_partition(manifests.begin(), manifests.end(), [](const Manifest& manifest) {
    return manifest.Category() == kSecretStores;
  });
  for (Manifest& manifest : manifests) {
    auto component = std::make_unique<LoadedComponent>();
    component->manifest = std::move(manifest);
    const LoadedComponent* const taken = Find(component->manifest.name);
    components_.push_back(std::move(component));
    if (taken != nullptr && WhyNotFor(components_.back()->manifest, application_).empty()) {
      components_.back()->state = ComponentState::kInvalid;
      components_.back()->message =
          "its name is that of " + taken->manifest.Place() + "; daprd would refuse every Component";
      progress(*components_.back());
      continue;
    }
    LoadOne(*components_.back(), progress);
  }
}

void ComponentSet::Retry(Discovery discovery, const LoadProgress& progress) {
  discovery_ = std::move(discovery);
  for (const auto& component : components_) {
    if (component->state == ComponentState::kFailed || component->state == ComponentState::kParked)
      LoadOne(*component, progress);
  }
}

LoadedComponent* ComponentSet::Find(const std::string& name) const {
  for (const auto& component : components_) {
    if (component->manifest.name == name && component->state != ComponentState::kSkipped)
      return component.get();
  }
  return nullptr;
}

}  // namespace injector::runtime
