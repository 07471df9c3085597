#include "runtime/probe/call_command.h"

#include <string>
#include <utility>

#include "runtime/probe/query_text.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

using Json = nlohmann::ordered_json;
using Line = Result<Json>;

const std::string& WordAt(const Arguments& arguments, std::size_t index) {
  static const std::string kNone;
  return index < arguments.words.size() ? arguments.words[index] : kNone;
}

template <class Map>
Json MapJson(const Map& map) {
  Json value = Json::object();
  for (const auto& [name, text] : Properties(map.begin(), map.end())) value[name] = text;
  return value;
}

template <class Map>
void Fill(Map* map, const Properties& properties) {
  for (const auto& [name, value] : properties) (*map)[name] = value;
}

// Etag and options, alike for Set and Delete.
template <class Request>
void FillWrite(Request& request, const Arguments& arguments) {
  request.set_key(WordAt(arguments, 0));
  Fill(request.mutable_metadata(), arguments.metadata);
  if (arguments.etag) request.mutable_etag()->set_value(*arguments.etag);
  auto& options = *request.mutable_options();
  if (arguments.first_write) options.set_concurrency(pb::StateOptions::CONCURRENCY_FIRST_WRITE);
}

Line Confirmed(const Result<void>& result) {
  if (!result) return tl::unexpected(result.error());
  return Json{{"done", true}};
}

Line Get(StateStore& store, const Arguments& arguments) {
  pb::GetRequest request;
  request.set_key(WordAt(arguments, 0));
  Fill(request.mutable_metadata(), arguments.metadata);
  const auto response = store.Get(request);
  if (!response) return tl::unexpected(response.error());
  Json value{{"key", request.key()}};
  value["found"] = response->has_etag() || !response->data().empty();
  PutBytes(value, "data", response->data());
  if (response->has_etag()) value["etag"] = response->etag().value();
  if (!response->content_type().empty()) value["contentType"] = response->content_type();
  if (!response->metadata().empty()) value["metadata"] = MapJson(response->metadata());
  return value;
}

Line Set(StateStore& store, const Arguments& arguments) {
  pb::SetRequest request;
  FillWrite(request, arguments);
  request.set_value(TextOrInput(WordAt(arguments, 1)));
  request.set_content_type(arguments.content_type);
  return Confirmed(store.Set(request));
}

Line Delete(StateStore& store, const Arguments& arguments) {
  pb::DeleteRequest request;
  FillWrite(request, arguments);
  return Confirmed(store.Delete(request));
}

Line Query(StateStore& store, const Arguments& arguments) {
  auto query = ParseQuery(TextOrInput(WordAt(arguments, 0)));
  if (!query) return tl::unexpected(query.error());
  pb::QueryRequest request;
  *request.mutable_query() = std::move(*query);
  Fill(request.mutable_metadata(), arguments.metadata);
  const auto response = store.Query(request);
  if (!response) return tl::unexpected(response.error());
  Json value{{"items", Json::array()}, {"token", response->token()}};
  for (const auto& item : response->items()) {
    Json line{{"key", item.key()}};
    PutBytes(line, "data", item.data());
    if (item.has_etag()) line["etag"] = item.etag().value();
    if (!item.error().empty()) line["error"] = item.error();
    value["items"].push_back(std::move(line));
  }
  return value;
}

Line Publish(Target target, const Arguments& arguments) {
  PubSub pubsub(std::move(target.spec), std::move(target.topics));
  pb::PublishRequest request;
  request.set_topic(WordAt(arguments, 0));
  request.set_data(TextOrInput(WordAt(arguments, 1)));
  request.set_content_type(arguments.content_type);
  Fill(request.mutable_metadata(), arguments.metadata);
  return Confirmed(pubsub.Publish(std::move(request)));
}

Line Invoke(InstanceSpec spec, const Arguments& arguments) {
  OutputBinding binding(std::move(spec));
  pb::InvokeRequest request;
  request.set_operation(WordAt(arguments, 0));
  request.set_data(TextOrInput(WordAt(arguments, 1)));
  Fill(request.mutable_metadata(), arguments.metadata);
  const auto response = binding.Invoke(request);
  if (!response) return tl::unexpected(response.error());
  Json value;
  PutBytes(value, "data", response->data());
  value["metadata"] = MapJson(response->metadata());
  if (!response->content_type().empty()) value["contentType"] = response->content_type();
  return value;
}

Line Secret(InstanceSpec spec, const Arguments& arguments) {
  SecretStore store(std::move(spec));
  Json value = Json::object();
  if (arguments.words.empty()) {
    const auto all = store.BulkGet(arguments.metadata);
    if (!all) return tl::unexpected(all.error());
    for (const auto& [key, pairs] : *all) value[key] = MapJson(pairs);
    return value;
  }
  const auto pairs = store.Get(WordAt(arguments, 0), arguments.metadata);
  if (!pairs) return tl::unexpected(pairs.error());
  return MapJson(*pairs);
}

Line CallState(InstanceSpec spec, const Arguments& arguments) {
  StateStore store(std::move(spec));
  switch (arguments.command) {
    case Command::kGet:
      return Get(store, arguments);
    case Command::kSet:
      return Set(store, arguments);
    case Command::kDelete:
      return Delete(store, arguments);
    default:
      return Query(store, arguments);
  }
}

Line Call(const Arguments& arguments) {
  Kind kind = Kind::kState;
  if (arguments.command == Command::kPublish) kind = Kind::kPubSub;
  if (arguments.command == Command::kInvoke) kind = Kind::kOutputBinding;
  if (arguments.command == Command::kSecret) kind = Kind::kSecretStore;
  auto target = FindTarget(arguments, kind);
  if (!target) return tl::unexpected(target.error());
  switch (kind) {
    case Kind::kPubSub:
      return Publish(std::move(*target), arguments);
    case Kind::kOutputBinding:
      return Invoke(std::move(target->spec), arguments);
    case Kind::kSecretStore:
      return Secret(std::move(target->spec), arguments);
    default:
      return CallState(std::move(target->spec), arguments);
  }
}

}  // namespace

int RunCall(const Arguments& arguments, const Screen& screen) {
  const Line answer = Call(arguments);
  if (!answer) return SayError(answer.error(), screen);
  screen.Line(*answer);
  return kExitDone;
}

}  // namespace injector::runtime
