#pragma once
// An output binding that appends to a file: bindings.file-example.
//
// Manifest metadata: path (required), the file; it is made when missing. Operation: create, which
// appends the data and a line feed in one write.

#include <string>
#include <vector>

#include "dapr_component_sdk/bindings.h"

namespace file_output {

class FileBinding final : public dapr::component::OutputBinding {
 public:
  ~FileBinding() override;
  // Errors: kInvalidArgument without a path, kUnknown when the file cannot be opened.
  dapr::component::Result<void> Init(const dapr::component::Properties& metadata) override;
  // Out: metadata "bytes": what was appended.
  // Errors: kInvalidArgument for another operation, kUnavailable when the write fails.
  dapr::component::Result<dapr::component::InvokeResponse> Invoke(
      const dapr::component::InvokeRequest& request) override;
  std::vector<std::string> Operations() const override { return {"create"}; }

 private:
  int file_ = -1;
  std::string path_;
};

}  // namespace file_output
