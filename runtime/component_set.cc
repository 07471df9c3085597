#include "runtime/component_set.h"

#include <algorithm>
#include <utility>

namespace injector::runtime {
namespace {

constexpr char kSecretStores[] = "secretstores";
constexpr char kWaits[] = "waits for secret store ";

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

// Makes the adapter and calls Init.
template <class Adapter, class... More>
Result<void> Begin(std::unique_ptr<Adapter>& place, Result<InstanceSpec> spec, More... more) {
  if (!spec) return tl::unexpected(spec.error());
  auto adapter = std::make_unique<Adapter>(std::move(*spec), std::move(more)...);
  auto done = adapter->Init();
  if (done) place = std::move(adapter);
  return done;
}

}  // namespace

std::vector<Instance*> LoadedComponent::Instances() const {
  std::vector<Instance*> instances;
  const auto add = [&](const auto& adapter) {
    if (adapter) instances.push_back(&adapter->instance());
  };
  add(pubsub);
  add(state_store);
  add(input);
  add(output);
  add(secrets);
  return instances;
}

bool LoadedComponent::HungUp() const {
  const auto instances = Instances();
  return std::any_of(instances.begin(), instances.end(),
                     [](Instance* instance) { return instance->HungUp(); });
}

void LoadedComponent::Close() {
  pubsub.reset();
  state_store.reset();
  input.reset();
  output.reset();
  secrets.reset();
  warnings.clear();
}

Result<InstanceSpec> ComponentSet::SpecFor(const Manifest& manifest, Kind kind,
                                           const Properties& values) const {
  const SocketReport* socket = FindComponent(discovery_, kind, manifest.Component());
  if (socket == nullptr)
    return Fail(ErrorKind::kNotFound, WhyNotFound(discovery_, kind, manifest.Component()));
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
  if (served.empty()) {
    const bool input = WantsDirection(values, "input") && !WantsDirection(values, "output");
    return Fail(ErrorKind::kNotFound,
                WhyNotFound(discovery_, input ? Kind::kInputBinding : Kind::kOutputBinding,
                            component.manifest.Component()));
  }
  return "binding: " + served;
}

Result<void> ComponentSet::StartPubSub(LoadedComponent& component, ResolvedValues resolved) {
  std::string& consumer = resolved.values["consumerID"];
  consumer = Trimmed(consumer);
  if (consumer.empty()) consumer = application_.app_id;
  TopicScopes topics(resolved.values, application_.app_id,
                     resolved.names_namespace ? NamespaceOf(application_) : "");
  auto spec = SpecFor(component.manifest, Kind::kPubSub, resolved.values);
  return Begin(component.pubsub, std::move(spec), std::move(topics));
}

SecretReader ComponentSet::ReaderFor(const Manifest& manifest) const {
  SecretStore* const store = StoreOf(manifest);
  if (store == nullptr) return {};
  return
      [store, &manifest](const std::string& name, const std::string& key) -> Result<std::string> {
        auto pairs = store->Get(name, {{"namespace", manifest.name_space}});
        if (!pairs) return tl::unexpected(pairs.error());
        const auto found = pairs->find(key);
        if (found == pairs->end())
          return Fail(ErrorKind::kNotFound, "secret " + name + " has no key " + key);
        return found->second;
      };
}

Result<std::string> ComponentSet::Start(LoadedComponent& component) {
  const Manifest& manifest = component.manifest;
  if (!IsPluggableVersion(manifest.version))
    return Fail(ErrorKind::kNotFound,
                "version " + manifest.version + " cannot be a pluggable component's; use v1");
  auto resolved = ResolveValues(manifest, application_, ReaderFor(manifest));
  if (!resolved) return tl::unexpected(resolved.error());
  component.warnings = std::move(resolved->warnings);
  const std::string category = manifest.Category();
  if (category == "bindings") return StartBinding(component, resolved->values);
  Result<void> done;
  if (category == "pubsub") {
    done = StartPubSub(component, *std::move(resolved));
  } else if (category == kSecretStores) {
    done = Begin(component.secrets, SpecFor(manifest, Kind::kSecretStore, resolved->values));
  } else {
    done = Begin(component.state_store, SpecFor(manifest, Kind::kState, resolved->values));
  }
  if (!done) return tl::unexpected(done.error());
  return "initialised";
}

void ComponentSet::LoadOne(LoadedComponent& component, const LoadProgress& progress) {
  const Manifest& manifest = component.manifest;
  const ComponentState state_before = component.state;
  const std::string message_before = component.message;
  component.message = WhyNotFor(manifest, application_);
  if (!component.message.empty()) {
    component.state = ComponentState::kSkipped;
  } else if (NeedsSecrets(manifest) && !manifest.secret_store.empty() &&
             StoreOf(manifest) == nullptr) {
    component.state = ComponentState::kParked;
    component.message = kWaits + manifest.secret_store;
  } else {
    auto started = Start(component);
    component.state = started ? ComponentState::kReady : ComponentState::kFailed;
    component.message = started ? *started : started.error().message;
  }
  if (component.state == state_before && component.message == message_before) return;
  progress(component);
  if (component.state != ComponentState::kReady || !component.secrets) return;
  // Who waited for this store: among them may be other stores.
  for (const auto& other : components_) {
    if (other->state == ComponentState::kParked && other->manifest.secret_store == manifest.name &&
        other->message.starts_with(kWaits)) {
      other->occasion = "its secret store is there";
      LoadOne(*other, progress);
    }
  }
}

// The components become those of `manifests`, in their order; those that are left over are closed.
// Those that must be loaded are without a message.
void ComponentSet::Replace(std::vector<Manifest> manifests, const LoadProgress& progress) {
  auto before = std::exchange(components_, {});
  const bool first = before.empty();
  components_.resize(manifests.size());
  const auto take = [&](std::size_t index, const auto& fits) {
    const auto found = std::find_if(before.begin(), before.end(), [&](const auto& component) {
      return component && fits(component->manifest, manifests[index]);
    });
    if (found != before.end()) components_[index] = std::move(*found);
    return components_[index] != nullptr;
  };
  for (std::size_t i = 0; i < manifests.size(); ++i)
    (void)take(i, [](const Manifest& a, const Manifest& b) { return a.SameAs(b); });
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const bool same = components_[i] != nullptr;
    const bool changed =
        !same && take(i, [](const Manifest& a, const Manifest& b) { return a.name == b.name; });
    if (!components_[i]) components_[i] = std::make_unique<LoadedComponent>();
    LoadedComponent& component = *components_[i];
    component.manifest = std::move(manifests[i]);  // the place may be another one
    if (same) continue;
    component.Close();
    component.state = ComponentState::kParked;
    component.message.clear();
    component.occasion = changed ? "its manifest has changed" : first ? "" : "its manifest is new";
  }
  for (const auto& component : before) {
    if (!component) continue;
    component->Close();
    component->state = ComponentState::kClosed;
    component->message = "its manifest is gone";
    component->occasion.clear();
    progress(*component);
  }
}

// The order of manifests has changed, or names have: loads what may be loaded now.
void ComponentSet::Reconsider(LoadedComponent& component, const LoadProgress& progress) {
  const LoadedComponent* const taken = NameTakenBy(component);
  const bool was_invalid = component.state == ComponentState::kInvalid;
  if (taken != nullptr && WhyNotFor(component.manifest, application_).empty()) {
    component.Close();
    component.state = ComponentState::kInvalid;
    component.message =
        "its name is that of " + taken->manifest.Place() + "; daprd would refuse every Component";
    if (!was_invalid) progress(component);
  } else if (was_invalid) {
    component.occasion = "its name is free now";
    LoadOne(component, progress);
  }
}

void ComponentSet::Load(std::vector<Manifest> manifests, const LoadProgress& progress) {
  std::stable_partition(manifests.begin(), manifests.end(), [](const Manifest& manifest) {
    return manifest.Category() == kSecretStores;
  });
  Replace(std::move(manifests), progress);
  for (const auto& component : components_) {
    Reconsider(*component, progress);
    if (component->message.empty()) LoadOne(*component, progress);
  }
}

// Asks a component that hung up, or was lost, whether it is back.
void ComponentSet::Renew(LoadedComponent& component, const LoadProgress& progress) {
  const bool was_lost = component.state == ComponentState::kLost;
  component.state = ComponentState::kReady;
  component.message = "initialised";
  component.occasion = "the component has restarted";
  for (Instance* const instance : component.Instances()) {
    const auto session = instance->Use();
    if (session) continue;
    component.state = ComponentState::kLost;
    component.message = session.error().message;
    component.occasion = "the component has gone";
  }
  if (!was_lost || component.state == ComponentState::kReady) progress(component);
}

void ComponentSet::Retry(Discovery discovery, const LoadProgress& progress) {
  discovery_ = std::move(discovery);
  for (const auto& component : components_) {
    switch (component->state) {
      case ComponentState::kFailed:
      case ComponentState::kParked:
        component->occasion = "the sockets have changed";
        LoadOne(*component, progress);
        break;
      case ComponentState::kLost:
        Renew(*component, progress);
        break;
      case ComponentState::kReady:
        if (component->HungUp()) Renew(*component, progress);
        break;
      default:
        break;
    }
  }
}

bool ComponentSet::AnyHungUp() const {
  return std::any_of(components_.begin(), components_.end(), [](const auto& component) {
    return component->state == ComponentState::kReady && component->HungUp();
  });
}

LoadedComponent* ComponentSet::Find(const std::string& name) const {
  for (const auto& component : components_) {
    if (component->manifest.name == name && component->state != ComponentState::kSkipped)
      return component.get();
  }
  return nullptr;
}

// The one before it that has its name.
const LoadedComponent* ComponentSet::NameTakenBy(const LoadedComponent& component) const {
  for (const auto& other : components_) {
    if (other.get() == &component) break;
    if (other->manifest.name == component.manifest.name && other->state != ComponentState::kSkipped)
      return other.get();
  }
  return nullptr;
}

}  // namespace injector::runtime
