#include <utility>

#include "components_secretstore.grpc.pb.h"
#include "convert.h"
#include "service.h"
#include "unary_call.h"

namespace dapr::component {
namespace {

class SecretService final : public KindService {
 public:
  explicit SecretService(InstancesPtr instances) : instances_(std::move(instances)) {}

  std::vector<grpc::Service*> Services() override { return {&wired_}; }
  std::vector<std::string> Names() const override { return {pb::SecretStore::service_full_name()}; }
  void Serve(const std::shared_ptr<ServerCore>& core) override {
    ServeLife(core.get());
    ServeGet(core.get());
  }

 private:
  using Wired = pb::SecretStore::AsyncService;
  void ServeLife(ServerCore* core);
  void ServeGet(ServerCore* core);

  const InstancesPtr instances_;
  Wired wired_;
};

void SecretService::ServeLife(ServerCore* core) {
  ServeUnary(core, &wired_, "SecretStore.Init", &Wired::RequestInit,
             [this](const std::string& id, auto& request, auto*) {
               const Properties metadata = FromWire(request.metadata().properties());
               return instances_->Initialise(id, Kind::kSecrets, [&](ComponentObject& object) {
                 return object.secrets->Init(metadata);
               });
             });
  ServeUnary(core, &wired_, "SecretStore.Features", &Wired::RequestFeatures,
             [this](const std::string& id, auto&, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               for (const SecretFeature feature : (*instance)->object.secrets->Features())
                 if (feature == SecretFeature::kMultipleKeyValuesPerSecret)
                   response->add_features("MULTIPLE_KEY_VALUES_PER_SECRET");
               return {};
             });
  ServeUnary(core, &wired_, "SecretStore.Ping", &Wired::RequestPing,
             [this](const std::string& id, auto&, auto*) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)->object.secrets->Ping();
             });
}

void SecretService::ServeGet(ServerCore* core) {
  ServeUnary(core, &wired_, "SecretStore.Get", &Wired::RequestGet,
             [this](const std::string& id, auto& request, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance =
                   instances_->FindReady(id, Kind::kSecrets);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)
                   ->object.secrets->Get(request.key(), FromWire(request.metadata()))
                   .map([&](const Secret& secret) { ToWire(secret, response->mutable_data()); });
             });
  ServeUnary(core, &wired_, "SecretStore.BulkGet", &Wired::RequestBulkGet,
             [this](const std::string& id, auto& request, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance =
                   instances_->FindReady(id, Kind::kSecrets);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)
                   ->object.secrets->BulkGet(FromWire(request.metadata()))
                   .map([&](const std::map<std::string, Secret>& secrets) {
                     for (const auto& [key, secret] : secrets)
                       ToWire(secret, (*response->mutable_data())[key].mutable_secrets());
                   });
             });
}

}  // namespace

std::unique_ptr<KindService> MakeSecretService(InstancesPtr instances) {
  return std::make_unique<SecretService>(std::move(instances));
}

}  // namespace dapr::component
