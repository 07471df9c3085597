// Bindings and secret stores.
#include <set>

#include "components_bindings.grpc.pb.h"
#include "runtime/bindings.h"
#include "runtime/conformance/check.h"
#include "runtime/conformance/raw_stream.h"
#include "runtime/secret_store.h"

namespace injector::runtime {
namespace {

using Reading = RawStream<pb::InputBinding, pb::ReadRequest, pb::ReadResponse>;

std::unique_ptr<Reading> OpenRead(Instance& instance) {
  const auto session = instance.Use();
  if (!session) return nullptr;
  return std::make_unique<Reading>(instance, **session,
                                   [](pb::InputBinding::Stub& stub, grpc::ClientContext* context) {
                                     return stub.Read(context);
                                   });
}

void Acknowledge(Reading& reading, const std::string& id, bool failed = false) {
  pb::ReadRequest request;
  request.set_message_id(id);
  if (failed) request.mutable_response_error()->set_message("not processed");
  (void)reading.Write(request);
}

const char kNothingCame[] = "no event came, and daprd sends nothing first";

Finding Begins(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "begins"));
  const auto reading = OpenRead(instance);
  const auto event = reading ? reading->Next(options.patience) : std::nullopt;
  if (!event) return Broken(kNothingCame);
  if (event->message_id().empty()) return Broken("the event has no id: it cannot be answered");
  return Pass();
}

Finding InputIds(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "ids"));
  const auto reading = OpenRead(instance);
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const auto event = reading ? reading->Next(options.patience) : std::nullopt;
    if (!event && i == 0) return Broken(kNothingCame);
    if (!event) return Absent("it sends one event at a time");
    if (!ids.insert(event->message_id()).second)
      return Broken("two events that wait for their answers have the id " + event->message_id());
  }
  return Pass();
}

Finding InputGoesOn(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "goes-on"));
  const auto reading = OpenRead(instance);
  for (int i = 0; i < 3; ++i) {
    const auto event = reading ? reading->Next(options.patience) : std::nullopt;
    if (!event)
      return Broken(i == 0 ? kNothingCame : "no event came after answers to the earlier ones");
    Acknowledge(*reading, event->message_id());
  }
  return Pass();
}

Finding InputRejected(const ConformanceOptions& options) {
  constexpr int kLook = 5;
  Instance instance(InstanceOf(options, "rejected"));
  const auto reading = OpenRead(instance);
  const auto first = reading ? reading->Next(options.patience) : std::nullopt;
  if (!first) return Broken(kNothingCame);
  Acknowledge(*reading, first->message_id(), true);
  for (int i = 0; i < kLook; ++i) {
    const auto event = reading->Next(options.patience);
    if (!event) break;
    Acknowledge(*reading, event->message_id());
    if (event->data() == first->data()) return Pass();
  }
  if (reading->EndWithin(std::chrono::milliseconds(0)))
    return Broken("the stream ended when an event was not processed");
  return Absent("what was not processed does not come again");
}

Finding InputUnknownAnswer(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "unknown"));
  const auto reading = OpenRead(instance);
  if (!reading || !reading->Next(options.patience)) return Broken(kNothingCame);
  Acknowledge(*reading, "no-such-id");
  return reading->EndWithin(options.quiet) ? Broken("an answer with an unknown id ends the stream")
                                           : Pass();
}

Finding InputAgain(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "stream"));
  for (int i = 0; i < 2; ++i) {
    const auto reading = OpenRead(instance);
    if (!reading || !reading->Next(options.patience))
      return Broken(i == 0 ? kNothingCame : "no event came on a second stream");
  }
  return Pass();
}

Finding InputPing(const ConformanceOptions& options) {
  InputBinding binding(InstanceOf(options, "ping"));
  const auto done = binding.Ping();
  return done ? Pass() : Broken("Ping", done.error());
}

Finding Operations(const ConformanceOptions& options) {
  OutputBinding binding(InstanceOf(options, "operations"));
  const auto operations = binding.Operations();
  if (!operations) return Broken("ListOperations", operations.error());
  if (operations->empty()) return Broken("it lists no operation: daprd refuses every Invoke");
  return Pass();
}

Finding Invoke(const ConformanceOptions& options) {
  OutputBinding binding(InstanceOf(options, "invoke"));
  const auto operations = binding.Operations();
  if (!operations || operations->empty()) return Broken("it lists no operation");
  pb::InvokeRequest request;
  request.set_operation(operations->front());
  request.set_data(options.data);
  const auto response = binding.Invoke(request);
  return response ? Pass() : Broken("Invoke of " + operations->front(), response.error());
}

// daprd refuses it before; a component that takes it has no name for what it did.
Finding UnknownOperation(const ConformanceOptions& options) {
  OutputBinding binding(InstanceOf(options, "unknown"));
  pb::InvokeRequest request;
  request.set_operation("conformance-no-such-operation");
  request.set_data(options.data);
  const auto response =
      binding.instance().Call<pb::OutputBinding>(&pb::OutputBinding::Stub::Invoke, request);
  return response ? Broken("an operation that it does not list succeeds") : Pass();
}

Finding OutputPing(const ConformanceOptions& options) {
  OutputBinding binding(InstanceOf(options, "ping"));
  const auto done = binding.Ping();
  return done ? Pass() : Broken("Ping", done.error());
}

Finding BulkGet(const ConformanceOptions& options) {
  SecretStore store(InstanceOf(options, "bulk"));
  const auto secrets = store.BulkGet(options.secret_metadata);
  if (!secrets && secrets.error().kind == ErrorKind::kUnimplemented) return Absent("no BulkGet");
  return secrets ? Pass() : Broken("BulkGet", secrets.error());
}

Finding GetEqualsBulk(const ConformanceOptions& options) {
  SecretStore store(InstanceOf(options, "equals"));
  const auto secrets = store.BulkGet(options.secret_metadata);
  if (!secrets || secrets->empty()) return Absent("BulkGet has no secret to compare with");
  for (const auto& [key, pairs] : *secrets) {
    const auto got = store.Get(key, options.secret_metadata);
    if (!got) return Broken("Get of secret " + key + ", which BulkGet has,", got.error());
    if (*got != pairs) return Broken("Get and BulkGet differ in secret " + key);
  }
  return Pass();
}

Finding AbsentSecret(const ConformanceOptions& options) {
  SecretStore store(InstanceOf(options, "absent"));
  const auto got = store.Get("conformance-no-such-secret", options.secret_metadata);
  return got && !got->empty() ? Broken("a secret that is not there has values") : Pass();
}

Finding SecretPing(const ConformanceOptions& options) {
  SecretStore store(InstanceOf(options, "ping"));
  const auto done = store.Ping();
  return done ? Pass() : Broken("Ping", done.error());
}

}  // namespace

std::vector<Check> InputChecks() {
  return {
      {"input/begins", "events come without a first message of the runtime", Begins},
      {"input/ids", "ids are unique until they are answered", InputIds},
      {"input/goes-on", "events go on after answers", InputGoesOn},
      {"input/rejected", "what was not processed comes again", InputRejected},
      {"input/unknown-answer", "an answer with an unknown id is ignored", InputUnknownAnswer},
      {"input/again", "a second stream gets events after the first was cancelled", InputAgain},
      {"input/ping", "Ping answers", InputPing},
  };
}

std::vector<Check> OutputChecks() {
  return {
      {"output/operations", "it lists its operations", Operations},
      {"output/invoke", "Invoke of its first operation succeeds", Invoke},
      {"output/unknown-operation", "an operation that is not listed fails", UnknownOperation},
      {"output/ping", "Ping answers", OutputPing},
  };
}

std::vector<Check> SecretChecks() {
  return {
      {"secretstore/bulk-get", "BulkGet answers", BulkGet},
      {"secretstore/get", "Get has what BulkGet has", GetEqualsBulk},
      {"secretstore/absent", "a secret that is not there: an error, or no value", AbsentSecret},
      {"secretstore/ping", "Ping answers", SecretPing},
  };
}

}  // namespace injector::runtime
