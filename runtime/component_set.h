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
  kLost,     // it was ready, and its component has gone
  kClosed,   // its manifest is gone, and so is it
};

// One manifest and what became of it. Which pointers are set follows from the type; a binding may
// have one or both.
struct LoadedComponent {
  Manifest manifest;
  ComponentState state = ComponentState::kParked;
  std::string message;                // why it is not ready, or how it is
  std::string occasion;               // what happened that it was looked at again
  std::vector<std::string> warnings;  // values that stayed unset
  std::unique_ptr<PubSub> pubsub = nullptr;
  std::unique_ptr<StateStore> state_store = nullptr;
  std::unique_ptr<InputBinding> input = nullptr;
  std::unique_ptr<OutputBinding> output = nullptr;
  std::unique_ptr<SecretStore> secrets = nullptr;

  // Those of the adapters that are there.
  [[nodiscard]] std::vector<Instance*> Instances() const;
  // Whether the component hung up on one of them.
  [[nodiscard]] bool HungUp() const;
  // Hangs up.
  void Close();
};

// Told when the state of a component is known, and when it has changed.
using LoadProgress = std::function<void(const LoadedComponent&)>;

class ComponentSet {
 public:
  // In: `discovery` says which sockets there are.
  ComponentSet(Discovery discovery, Application application)
      : discovery_(std::move(discovery)), application_(std::move(application)) {}

  // Loads `manifests`; daprd would stop at the first failure of one without ignoreErrors, this goes
  // on, so that all are known. Called again, it is what daprd calls hot reload: what has changed is
  // closed and loaded anew, what is missing now is closed and forgotten, the rest stays as it is.
  // Blocks: for each component at most its connect and init time-outs.
  void Load(std::vector<Manifest> manifests, const LoadProgress& progress);

  // The folder was searched again: what failed for want of a socket, and what is parked, is tried
  // again; a component that has restarted is initialised again.
  void Retry(Discovery discovery, const LoadProgress& progress);

  // Whether the component of one that is ready has hung up since: then Retry.
  [[nodiscard]] bool AnyHungUp() const;

  // In the order of loading. Pointers into it stay valid until a component is closed.
  [[nodiscard]] const std::vector<std::unique_ptr<LoadedComponent>>& components() const {
    return components_;
  }
  // The component of a manifest's name; null when there is none.
  [[nodiscard]] LoadedComponent* Find(const std::string& name) const;

 private:
  void Replace(std::vector<Manifest> manifests, const LoadProgress& progress);
  void Reconsider(LoadedComponent& component, const LoadProgress& progress);
  void LoadOne(LoadedComponent& component, const LoadProgress& progress);
  void Renew(LoadedComponent& component, const LoadProgress& progress);
  [[nodiscard]] Result<std::string> Start(LoadedComponent& component);
  [[nodiscard]] Result<std::string> StartBinding(LoadedComponent& component,
                                                 const Properties& values);
  [[nodiscard]] Result<void> StartPubSub(LoadedComponent& component, ResolvedValues resolved);
  [[nodiscard]] Result<InstanceSpec> SpecFor(const Manifest& manifest, Kind kind,
                                             const Properties& values) const;
  [[nodiscard]] SecretStore* StoreOf(const Manifest& manifest) const;
  [[nodiscard]] SecretReader ReaderFor(const Manifest& manifest) const;
  [[nodiscard]] const LoadedComponent* NameTakenBy(const LoadedComponent& component) const;

  Discovery discovery_;
  Application application_;
  std::vector<std::unique_ptr<LoadedComponent>> components_;
};

}  // namespace injector::runtime
