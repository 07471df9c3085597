#pragma once
// What the Host knows of a component's class: which interfaces it has and how to make an object.
// Components need not look here.

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "dapr_component_sdk/bindings.h"
#include "dapr_component_sdk/pubsub.h"
#include "dapr_component_sdk/secret_store.h"
#include "dapr_component_sdk/state_store.h"

namespace dapr::component {

// One object, seen through each interface that it has; null for the others.
struct ComponentObject {
  std::shared_ptr<void> owner;
  StateStore* state = nullptr;
  TransactionalStateStore* transactional = nullptr;
  QueriableStateStore* queriable = nullptr;
  PubSub* pubsub = nullptr;
  InputBinding* input = nullptr;
  OutputBinding* output = nullptr;
  SecretStore* secrets = nullptr;
};

struct ComponentClass {
  bool state = false;
  bool transactional = false;
  bool queriable = false;
  bool pubsub = false;
  bool input = false;
  bool output = false;
  bool secrets = false;
  std::function<ComponentObject(const std::string& instance)> make;
};

namespace detail {

template <typename Interface, typename Component>
Interface* View(Component* component) {
  if constexpr (std::is_base_of_v<Interface, Component>)
    return component;
  else
    return nullptr;
}

template <typename Component>
ComponentObject Own(std::unique_ptr<Component> component) {
  ComponentObject object;
  Component* raw = component.get();
  object.owner = std::shared_ptr<Component>(std::move(component));
  object.state = View<StateStore>(raw);
  object.transactional = View<TransactionalStateStore>(raw);
  object.queriable = View<QueriableStateStore>(raw);
  object.pubsub = View<PubSub>(raw);
  object.input = View<InputBinding>(raw);
  object.output = View<OutputBinding>(raw);
  object.secrets = View<SecretStore>(raw);
  return object;
}

}  // namespace detail

// Describes the class that `factory` makes. The factory takes nothing or the instance's name and
// returns a unique_ptr to the component's own class: interfaces are read from that static type.
template <typename Factory>
ComponentClass DescribeComponent(Factory factory) {
  auto make = [factory = std::move(factory)](const std::string& instance) {
    if constexpr (std::is_invocable_v<const Factory&, const std::string&>)
      return factory(instance);
    else
      return factory();
  };
  using Component = typename decltype(make(std::string()))::element_type;
  static_assert(std::is_base_of_v<StateStore, Component> || std::is_base_of_v<PubSub, Component> ||
                    std::is_base_of_v<InputBinding, Component> ||
                    std::is_base_of_v<OutputBinding, Component> ||
                    std::is_base_of_v<SecretStore, Component>,
                "a component derives from StateStore, PubSub, InputBinding, OutputBinding or "
                "SecretStore");
  ComponentClass description;
  description.state = std::is_base_of_v<StateStore, Component>;
  description.transactional = std::is_base_of_v<TransactionalStateStore, Component>;
  description.queriable = std::is_base_of_v<QueriableStateStore, Component>;
  description.pubsub = std::is_base_of_v<PubSub, Component>;
  description.input = std::is_base_of_v<InputBinding, Component>;
  description.output = std::is_base_of_v<OutputBinding, Component>;
  description.secrets = std::is_base_of_v<SecretStore, Component>;
  description.make = [make = std::move(make)](const std::string& instance) {
    return detail::Own(make(instance));
  };
  return description;
}

}  // namespace dapr::component
