#pragma once
// Interfaces of input and output bindings. A class may be both: then one object serves both
// directions of a manifest, and Init comes once for each.

#include <memory>
#include <string>
#include <vector>

#include "dapr_component_sdk/error.h"
#include "dapr_component_sdk/message_stream.h"

namespace dapr::component {

class InputBinding {
 public:
  virtual ~InputBinding() = default;

  [[nodiscard]] virtual Result<void> Init(const Properties& metadata) = 0;
  // Begins to feed events: keep `stream` and deliver to it until it is closed. The outcome's text
  // is what the application answered. Called on a thread of the SDK: must not block.
  [[nodiscard]] virtual Result<void> Read(std::shared_ptr<MessageStream> stream) = 0;
  [[nodiscard]] virtual Result<void> Ping() { return {}; }
};

struct InvokeRequest {
  std::string data;
  Properties metadata;
  std::string operation;
};

struct InvokeResponse {
  std::string data;
  Properties metadata;
  std::string content_type;
};

class OutputBinding {
 public:
  virtual ~OutputBinding() = default;

  [[nodiscard]] virtual Result<void> Init(const Properties& metadata) = 0;
  [[nodiscard]] virtual Result<InvokeResponse> Invoke(const InvokeRequest& request) = 0;
  // The operations Invoke knows (conventional: create, get, delete, list); the runtime refuses
  // others by itself.
  [[nodiscard]] virtual std::vector<std::string> Operations() const = 0;
  [[nodiscard]] virtual Result<void> Ping() { return {}; }
};

}  // namespace dapr::component
