#include "runtime/bindings.h"

#include <algorithm>
#include <utility>

#include "components_bindings.grpc.pb.h"

namespace injector::runtime {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

}  // namespace

Result<void> OutputBinding::Init() {
  return Done(instance_.Use());
}

Result<std::vector<std::string>> OutputBinding::Operations() {
  const auto session = instance_.Use(instance_.CallEnd());
  if (!session) return tl::unexpected(session.error());
  return (*session)->features;
}

Result<pb::InvokeResponse> OutputBinding::Invoke(const pb::InvokeRequest& request) {
  const Deadline end = instance_.CallEnd();
  const auto session = instance_.Use(end);
  if (!session) return tl::unexpected(session.error());
  const auto& operations = (*session)->features;
  if (std::find(operations.begin(), operations.end(), request.operation()) == operations.end())
    return Fail(ErrorKind::kLimit, "the binding does not list operation \"" + request.operation() +
                                       "\"; it lists: " + Joined(operations));
  return instance_.Call<pb::OutputBinding>(&pb::OutputBinding::Stub::Invoke, request, end);
}

Result<void> OutputBinding::Ping() {
  return Done(instance_.Call<pb::OutputBinding>(&pb::OutputBinding::Stub::Ping, pb::PingRequest()));
}

Result<void> InputBinding::Init() {
  return Done(instance_.Use());
}

std::unique_ptr<Subscription> InputBinding::Read(DeliveryHandler handler,
                                                 SubscriptionOptions options) {
  return ReadBinding(instance_, std::move(handler), std::move(options));
}

Result<void> InputBinding::Ping() {
  return Done(instance_.Call<pb::InputBinding>(&pb::InputBinding::Stub::Ping, pb::PingRequest()));
}

}  // namespace injector::runtime
