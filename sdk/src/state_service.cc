#include <algorithm>
#include <utility>

#include "components_state.grpc.pb.h"
#include "convert.h"
#include "service.h"
#include "unary_call.h"

namespace dapr::component {
namespace {

class StateService final : public KindService {
 public:
  explicit StateService(InstancesPtr instances) : instances_(std::move(instances)) {}

  std::vector<grpc::Service*> Services() override {
    std::vector<grpc::Service*> services = {&store_};
    const ComponentClass& component = instances_->component();
    if (component.queriable) services.push_back(&queriable_);
    if (component.transactional) services.insert(services.end(), {&transactional_, &max_size_});
    return services;
  }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names = {pb::StateStore::service_full_name()};
    const ComponentClass& component = instances_->component();
    if (component.queriable) names.emplace_back(pb::QueriableStateStore::service_full_name());
    if (component.transactional) {
      names.emplace_back(pb::TransactionalStateStore::service_full_name());
      names.emplace_back(pb::TransactionalStoreMultiMaxSize::service_full_name());
    }
    return names;
  }

  void Serve(const std::shared_ptr<ServerCore>& core) override {
    ServeLife(core.get());
    ServeSingle(core.get());
    ServeBulk(core.get());
    if (instances_->component().queriable) ServeQuery(core.get());
    if (instances_->component().transactional) ServeTransactions(core.get());
  }

 private:
  using Wired = pb::StateStore::AsyncService;

  void ServeLife(ServerCore* core);
  void ServeSingle(ServerCore* core);
  void ServeBulk(ServerCore* core);
  void ServeQuery(ServerCore* core);
  void ServeTransactions(ServerCore* core);

  // Calls `use` with the object of the instance, which must have been initialised.
  template <typename Use>
  Result<void> With(const std::string& id, const Use& use) {
    Result<std::shared_ptr<Instance>> instance = instances_->FindReady(id, Kind::kState);
    if (!instance) return tl::unexpected(instance.error());
    return use((*instance)->object);
  }

  const InstancesPtr instances_;
  Wired store_;
  pb::QueriableStateStore::AsyncService queriable_;
  pb::TransactionalStateStore::AsyncService transactional_;
  pb::TransactionalStoreMultiMaxSize::AsyncService max_size_;
};

void StateService::ServeLife(ServerCore* core) {
  ServeUnary(core, &store_, "StateStore.Init", &Wired::RequestInit,
             [this](const std::string& id, auto& request, auto*) {
               const Properties metadata = FromWire(request.metadata().properties());
               return instances_->Initialise(id, Kind::kState, [&](ComponentObject& object) {
                 return object.state->Init(metadata);
               });
             });
  ServeUnary(core, &store_, "StateStore.Features", &Wired::RequestFeatures,
             [this](const std::string& id, auto&, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               std::vector<StateFeature> features = (*instance)->object.state->Features();
               const auto add = [&features](bool has, StateFeature feature) {
                 if (has && std::count(features.begin(), features.end(), feature) == 0)
                   features.push_back(feature);
               };
               add(instances_->component().transactional, StateFeature::kTransactional);
               add(instances_->component().queriable, StateFeature::kQueryApi);
               for (const StateFeature feature : features) response->add_features(NameOf(feature));
               return {};
             });
  ServeUnary(core, &store_, "StateStore.Ping", &Wired::RequestPing,
             [this](const std::string& id, auto&, auto*) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)->object.state->Ping();
             });
}

void StateService::ServeSingle(ServerCore* core) {
  ServeUnary(core, &store_, "StateStore.Get", &Wired::RequestGet,
             [this](const std::string& id, auto& request, auto* response) {
               return With(id, [&](ComponentObject& object) {
                 return object.state->Get(FromWire(request)).map([&](GetResponse got) {
                   ToWire(std::move(got), response);
                 });
               });
             });
  ServeUnary(core, &store_, "StateStore.Set", &Wired::RequestSet,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](ComponentObject& object) {
                 return object.state->Set(FromWire(request));
               });
             });
  ServeUnary(core, &store_, "StateStore.Delete", &Wired::RequestDelete,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](ComponentObject& object) {
                 return object.state->Delete(FromWire(request));
               });
             });
}

void StateService::ServeBulk(ServerCore* core) {
  ServeUnary(core, &store_, "StateStore.BulkGet", &Wired::RequestBulkGet,
             [this](const std::string& id, auto& request, auto* response) {
               return With(id, [&](ComponentObject& object) {
                 return object.state
                     ->BulkGet(FromWireList<GetRequest>(request.mutable_items()),
                               request.options().parallelism())
                     .map([&](std::vector<BulkStateItem> items) {
                       for (BulkStateItem& item : items)
                         ToWire(std::move(item), response->add_items());
                     });
               });
             });
  ServeUnary(core, &store_, "StateStore.BulkSet", &Wired::RequestBulkSet,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](ComponentObject& object) {
                 return object.state->BulkSet(FromWireList<SetRequest>(request.mutable_items()),
                                              request.options().parallelism());
               });
             });
  ServeUnary(core, &store_, "StateStore.BulkDelete", &Wired::RequestBulkDelete,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](ComponentObject& object) {
                 return object.state->BulkDelete(
                     FromWireList<DeleteRequest>(request.mutable_items()),
                     request.options().parallelism());
               });
             });
}

void StateService::ServeQuery(ServerCore* core) {
  ServeUnary(core, &queriable_, "QueriableStateStore.Query",
             &pb::QueriableStateStore::AsyncService::RequestQuery,
             [this](const std::string& id, auto& request, auto* response) {
               return With(id, [&](ComponentObject& object) {
                 return object.queriable->Query(FromWire(request)).map([&](QueryResponse found) {
                   ToWire(std::move(found), response);
                 });
               });
             });
}

void StateService::ServeTransactions(ServerCore* core) {
  ServeUnary(core, &transactional_, "TransactionalStateStore.Transact",
             &pb::TransactionalStateStore::AsyncService::RequestTransact,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](ComponentObject& object) -> Result<void> {
                 auto operations = FromWire(request);
                 if (!operations) return tl::unexpected(operations.error());
                 return object.transactional->Transact(*operations, FromWire(request.metadata()));
               });
             });
  ServeUnary(core, &max_size_, "TransactionalStoreMultiMaxSize.MultiMaxSize",
             &pb::TransactionalStoreMultiMaxSize::AsyncService::RequestMultiMaxSize,
             [this](const std::string& id, auto&, auto* response) {
               return With(id, [&](ComponentObject& object) -> Result<void> {
                 response->set_max_size(object.transactional->MultiMaxSize());
                 return {};
               });
             });
}

}  // namespace

std::unique_ptr<KindService> MakeStateService(InstancesPtr instances) {
  return std::make_unique<StateService>(std::move(instances));
}

}  // namespace dapr::component
