// The compiled .proto files against the table of the wire contract (wire_table.txt), both ways.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>

#include <fstream>
#include <set>
#include <string>

#include "components_bindings.pb.h"
#include "components_pubsub.pb.h"
#include "components_secretstore.pb.h"
#include "components_state.pb.h"

namespace injector::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

constexpr char kPackage[] = "dapr.proto.components.v1";

// The name without the contract's package.
std::string Short(const std::string& full_name) {
  const std::string prefix = std::string(kPackage) + ".";
  return full_name.rfind(prefix, 0) == 0 ? full_name.substr(prefix.size()) : full_name;
}

std::string TypeOf(const FieldDescriptor& field) {
  if (field.is_map())
    return "map<" + TypeOf(*field.message_type()->map_key()) + "," +
           TypeOf(*field.message_type()->map_value()) + ">";
  std::string type = field.type_name();
  if (field.type() == FieldDescriptor::TYPE_MESSAGE)
    type = Short(field.message_type()->full_name());
  if (field.type() == FieldDescriptor::TYPE_ENUM) type = Short(field.enum_type()->full_name());
  if (field.is_repeated()) type = "repeated " + type;
  if (field.real_containing_oneof() != nullptr) type += " oneof";
  return type;
}

void AddEnum(const EnumDescriptor& type, std::set<std::string>* facts) {
  for (int i = 0; i < type.value_count(); ++i)
    facts->insert("enum " + Short(type.full_name()) + "." + type.value(i)->name() + " " +
                  std::to_string(type.value(i)->number()));
}

void AddMessage(const Descriptor& message, std::set<std::string>* facts) {
  facts->insert("message " + message.name());
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    facts->insert("field " + message.name() + "." + field.name() + " " +
                  std::to_string(field.number()) + " " + TypeOf(field));
  }
  for (int i = 0; i < message.enum_type_count(); ++i) AddEnum(*message.enum_type(i), facts);
}

void AddFile(const FileDescriptor& file, std::set<std::string>* facts) {
  EXPECT_EQ(file.package(), kPackage) << file.name();
  EXPECT_EQ(file.syntax(), FileDescriptor::SYNTAX_PROTO3) << file.name();
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), facts);
  for (int i = 0; i < file.service_count(); ++i) {
    const auto& service = *file.service(i);
    for (int j = 0; j < service.method_count(); ++j) {
      const auto& method = *service.method(j);
      facts->insert("rpc " + service.name() + "." + method.name() + " " +
                    (method.client_streaming() ? "stream " : "") + method.input_type()->name() +
                    " " + (method.server_streaming() ? "stream " : "") +
                    method.output_type()->name());
    }
  }
}

std::set<std::string> Compiled() {
  namespace pb = dapr::proto::components::v1;
  std::set<std::string> facts;
  AddFile(*pb::MetadataRequest::descriptor()->file(), &facts);
  AddFile(*pb::PublishRequest::descriptor()->file(), &facts);
  AddFile(*pb::GetRequest::descriptor()->file(), &facts);
  AddFile(*pb::InvokeRequest::descriptor()->file(), &facts);
  AddFile(*pb::GetSecretRequest::descriptor()->file(), &facts);
  return facts;
}

std::set<std::string> Table() {
  std::ifstream file(WIRE_TABLE);
  std::set<std::string> facts;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') facts.insert(line);
  return facts;
}

TEST(ProtoTable, EveryFactOfTheContractIsCompiledAndNothingElse) {
  const std::set<std::string> table = Table();
  ASSERT_GT(table.size(), 200U);
  EXPECT_EQ(Compiled(), table);
}

}  // namespace
}  // namespace injector::test
