#include "query_sql.h"

#include <map>
#include <nlohmann/json.hpp>

namespace sqlite_state {

using dapr::component::ErrorKind;
using dapr::component::Fail;
using dapr::component::Query;
using dapr::component::Result;
using dapr::component::SortOrder;
using nlohmann::json;

namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxTerms = 256;

// A value that is no JSON has no fields.
constexpr char kField[] =
    "CASE WHEN json_valid(CAST(value AS TEXT)) THEN json_extract(CAST(value AS TEXT), ?) END";

const std::map<std::string, std::string> kComparisons = {
    {"EQ", "="}, {"NEQ", "<>"}, {"GT", ">"}, {"GTE", ">="}, {"LT", "<"}, {"LTE", "<="}};

// `person.org` becomes `$."person"."org"`; quotes would end a step early and are left out.
std::string PathOf(const std::string& field) {
  std::string path = "$.\"";
  for (const char c : field) {
    if (c == '.')
      path += "\".\"";
    else if (c != '"')
      path += c;
  }
  return path + "\"";
}

class Builder {
 public:
  Result<std::string> Operator(const std::string& name, const json& operand, int depth) {
    if (depth > kMaxDepth || ++terms_ > kMaxTerms)
      return Fail(ErrorKind::kInvalidArgument,
                  "the filter is too large: at most 16 levels and 256 terms");
    if (name == "AND" || name == "OR") return Group(name, operand, depth);
    if (!operand.is_object() || operand.size() != 1)
      return Fail(ErrorKind::kInvalidArgument,
                  "operator " + name + " expects one field: {\"" + name + "\":{\"field\":value}}");
    const std::string& field = operand.begin().key();
    const json& value = operand.begin().value();
    if (name == "IN") return In(field, value);
    const auto comparison = kComparisons.find(name);
    if (comparison == kComparisons.end())
      return Fail(ErrorKind::kInvalidArgument, "operator \"" + name + "\" is unknown");
    values.emplace_back(PathOf(field));
    const Result<void> added = Add(value, name);
    if (!added) return tl::unexpected(added.error());
    return std::string("(") + kField + " " + comparison->second + " ?)";
  }

  std::vector<SqlValue> values;

 private:
  Result<std::string> Group(const std::string& name, const json& operand, int depth) {
    if (!operand.is_array() || operand.empty())
      return Fail(ErrorKind::kInvalidArgument, "operator " + name + " expects a list of filters");
    std::string sql;
    for (const json& filter : operand) {
      if (!filter.is_object() || filter.size() != 1)
        return Fail(ErrorKind::kInvalidArgument,
                    "each filter in " + name + " is an object with one operator");
      Result<std::string> term = Operator(filter.begin().key(), filter.begin().value(), depth + 1);
      if (!term) return term;
      sql += (sql.empty() ? "(" : " " + name + " ") + *term;
    }
    return sql + ")";
  }

  Result<std::string> In(const std::string& field, const json& list) {
    if (!list.is_array() || list.empty() || list.size() > kMaxTerms)
      return Fail(ErrorKind::kInvalidArgument, "operator IN expects a list of 1 to 256 values");
    values.emplace_back(PathOf(field));
    std::string marks;
    for (const json& value : list) {
      const Result<void> added = Add(value, "IN");
      if (!added) return tl::unexpected(added.error());
      marks += marks.empty() ? "?" : ",?";
    }
    return std::string("(") + kField + " IN (" + marks + "))";
  }

  Result<void> Add(const json& value, const std::string& name) {
    if (value.is_string())
      values.emplace_back(value.get<std::string>());
    else if (value.is_boolean())
      values.emplace_back(std::int64_t{value.get<bool>() ? 1 : 0});  // as json_extract gives it
    else if (value.is_number_integer())
      values.emplace_back(value.get<std::int64_t>());
    else if (value.is_number())
      values.emplace_back(value.get<double>());
    else
      return Fail(ErrorKind::kInvalidArgument,
                  "operator " + name + " compares with a text, a number or a truth value");
    return {};
  }

  std::size_t terms_ = 0;
};

}  // namespace

Result<SqlQuery> BuildQuery(const Query& query) {
  Builder builder;
  SqlQuery out;
  for (const auto& [name, text] : query.filter) {
    const json operand = json::parse(text, nullptr, false);
    if (operand.is_discarded())
      return Fail(ErrorKind::kInvalidArgument, "the operand of " + name + " is no JSON");
    Result<std::string> term = builder.Operator(name, operand, 1);
    if (!term) return tl::unexpected(term.error());
    out.where += (out.where.empty() ? "" : " AND ") + *term;
  }
  if (out.where.empty()) out.where += '1';
  for (const auto& [field, order] : query.sort) {
    builder.values.emplace_back(PathOf(field));
    out.order += std::string(kField) + (order == SortOrder::kDescending ? " DESC, " : ", ");
  }
  out.order += "key";
  out.values = std::move(builder.values);
  return out;
}

}  // namespace sqlite_state
