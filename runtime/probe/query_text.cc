#include "runtime/probe/query_text.h"

#include <nlohmann/json.hpp>

namespace injector::runtime {
namespace {

namespace pb = ::dapr::proto::components::v1;
using Json = nlohmann::ordered_json;

void AddSort(const Json& sort, pb::Query& query) {
  for (const Json& item : sort) {
    if (!item.is_object()) continue;
    auto& added = *query.add_sort();
    added.set_key(item.value("key", ""));
    added.set_order(item.value("order", "ASC") == "DESC" ? pb::Sorting::DESC : pb::Sorting::ASC);
  }
}

}  // namespace

Result<pb::Query> ParseQuery(const std::string& text) {
  const Json parsed = Json::parse(text, nullptr, false);
  if (!parsed.is_object())
    return Fail(ErrorKind::kManifest,
                "the query is no JSON object like {\"filter\": {\"EQ\": "
                "{\"city\": \"Rome\"}}}");
  pb::Query query;
  try {
    const Json filter = parsed.value("filter", Json::object());
    for (const auto& [name, operand] : filter.items())
      (*query.mutable_filter())[name].set_value(operand.dump());
    AddSort(parsed.value("sort", Json::array()), query);
    const Json page = parsed.value("page", Json::object());
    query.mutable_pagination()->set_limit(page.value("limit", 0));
    query.mutable_pagination()->set_token(page.value("token", ""));
  } catch (const Json::exception& fault) {
    return Fail(ErrorKind::kManifest, std::string("the query: ") + fault.what());
  }
  return query;
}

}  // namespace injector::runtime
