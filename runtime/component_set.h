#pragma once

// All Components of an application, loaded and initialised in daprd's order: secret stores first,
// then the rest; what waits for a secret store is parked until that one is there.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/bindings.h"
#include "runtime/discovery.h"
#include "runtime/manifest_values.h"
#include "runtime/pubsub.h"
#include "runtime/secret_store.h"
#include "runtime/state_store.h"

namespace injector::runtime {

enum class ComponentState {
  kReady,
  kFailed,   // the message says at what
  kParked,   // its secret store is not there
  kSkipped,  // not this application's
  kInvalid,  // its name is another one's
};

// One manifest and what became of it. Which pointers are set follows from the type; a binding may
// have one or both.
struct LoadedComponent {
  Manifest manifest;
  ComponentState state = ComponentState::kParked;
  std::string message;                // why it is not ready, or how it is
  std::vector<std::string> warnings;  // values that stayed unset
  std::unique_ptr<PubSub> pubsub = nullptr;
  std::unique_ptr<StateStore> state_store = nullptr;
  std::unique_ptr<InputBinding> input = nullptr;
  std::unique_ptr<OutputBinding> output = nullptr;
  std::unique_ptr<SecretStore> secrets = nullptr;
};

// Told when the state of a component is known.
using LoadProgress = std::function<void(const LoadedComponent&)>;

class ComponentSet {
 public:
  // In: `discovery` says which sockets there are.
  ComponentSet(Discovery discovery, Application application)
      : discovery_(std::move(discovery)), application_(std::move(application)) {}

  // Loads `manifests`; daprd would stop at the first failure of one without ignoreErrors, this goes
  // on, so that all are known.
  // Blocks: for each component at most its connect and init time-outs.
  void Load(std::vector<Manifest> manifests, const LoadProgress& progress);

  // The folder was searched again: what failed for want of a socket, and what is parked, is tried
  // again.
  void Retry(Discovery discovery, const LoadProgress& progress);

  // In the order of loading. Pointers into it stay valid.
  [[nodiscard]] const std::vector<std::unique_ptr<LoadedComponent>>& components() const {
    return components_;
  }
  // The component of a manifest's name; null when there is none.
  [[nodiscard]] LoadedComponent* Find(const std::string& name) const;

 private:
  void LoadOne(LoadedComponent& component, const LoadProgress& progress);
  [[nodiscard]] Result<std::string> Start(LoadedComponent& component);
  [[nodiscard]] Result<std::string> StartBinding(LoadedComponent& component,
                                                 const Properties& values);
  [[nodiscard]] Result<InstanceSpec> SpecFor(const Manifest& manifest, Kind kind,
                                             const Properties& values) const;
  [[nodiscard]] SecretStore* StoreOf(const Manifest& manifest) const;

  Discovery discovery_;
  Application application_;
  std::vector<std::unique_ptr<LoadedComponent>> components_;
};

}  // namespace injector::runtime
