#include "runtime/secret_store.h"

#include "components_secretstore.grpc.pb.h"

namespace injector::runtime {
namespace {

namespace pb = ::dapr::proto::components::v1;

}  // namespace

Result<void> SecretStore::Init() {
  return Done(instance_.Use());
}

Result<std::vector<std::string>> SecretStore::Features() {
  const auto session = instance_.Use(instance_.CallEnd());
  if (!session) return tl::unexpected(session.error());
  return (*session)->features;
}

Result<Properties> SecretStore::Get(const std::string& key, const Properties& metadata) {
  pb::GetSecretRequest request;
  request.set_key(key);
  for (const auto& [name, value] : metadata) (*request.mutable_metadata())[name] = value;
  const auto response = instance_.Call<pb::SecretStore>(&pb::SecretStore::Stub::Get, request);
  if (!response) return tl::unexpected(response.error());
  return Properties(response->data().begin(), response->data().end());
}

Result<std::map<std::string, Properties>> SecretStore::BulkGet(const Properties& metadata) {
  pb::BulkGetSecretRequest request;
  for (const auto& [name, value] : metadata) (*request.mutable_metadata())[name] = value;
  const auto response = instance_.Call<pb::SecretStore>(&pb::SecretStore::Stub::BulkGet, request);
  if (!response) return tl::unexpected(response.error());
  std::map<std::string, Properties> secrets;
  for (const auto& [key, secret] : response->data())
    secrets[key] = Properties(secret.secrets().begin(), secret.secrets().end());
  return secrets;
}

Result<void> SecretStore::Ping() {
  return Done(instance_.Call<pb::SecretStore>(&pb::SecretStore::Stub::Ping, pb::PingRequest()));
}

}  // namespace injector::runtime
