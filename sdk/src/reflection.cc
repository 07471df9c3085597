#include "reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <string>
#include <vector>

namespace dapr::component {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

constexpr int kNotFound = 5;        // the gRPC codes
constexpr int kUnimplemented = 12;  // that error_code carries

// The file and everything that it imports, each once.
void AddFiles(const FileDescriptor& file, std::set<std::string>* seen,
              wire::FileDescriptorResponse* out) {
  if (!seen->insert(file.name()).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  proto.SerializeToString(out->add_file_descriptor_proto());
  for (int i = 0; i < file.dependency_count(); ++i) AddFiles(*file.dependency(i), seen, out);
}

void AnswerFile(const FileDescriptor* file, const std::string& name,
                wire::ServerReflectionResponse* response) {
  if (file == nullptr) {
    response->mutable_error_response()->set_error_code(kNotFound);
    response->mutable_error_response()->set_error_message(name + " is not known here");
    return;
  }
  std::set<std::string> seen;
  AddFiles(*file, &seen, response->mutable_file_descriptor_response());
}

}  // namespace

wire::ServerReflectionResponse AnswerReflection(const wire::ServerReflectionRequest& request,
                                                const std::vector<std::string>& services) {
  wire::ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const DescriptorPool* const pool = DescriptorPool::generated_pool();
  switch (request.message_request_case()) {
    case wire::ServerReflectionRequest::kListServices:
      for (const std::string& service : services)
        response.mutable_list_services_response()->add_service()->set_name(service);
      break;
    case wire::ServerReflectionRequest::kFileByFilename:
      AnswerFile(pool->FindFileByName(request.file_by_filename()), request.file_by_filename(),
                 &response);
      break;
    case wire::ServerReflectionRequest::kFileContainingSymbol:
      AnswerFile(pool->FindFileContainingSymbol(request.file_containing_symbol()),
                 request.file_containing_symbol(), &response);
      break;
    default:  // the contract has no extensions: proto3
      response.mutable_error_response()->set_error_code(kUnimplemented);
      response.mutable_error_response()->set_error_message("extensions are not offered");
  }
  return response;
}

}  // namespace dapr::component
