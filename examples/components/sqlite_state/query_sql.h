#pragma once
// From Dapr's query filters to SQL. Pure.

#include <string>
#include <variant>
#include <vector>

#include "dapr_component_sdk/state_store.h"

namespace sqlite_state {

using SqlValue = std::variant<std::string, double, std::int64_t>;

struct SqlQuery {
  std::string where;             // an expression, "1" for no filter
  std::string order;             // behind ORDER BY
  std::vector<SqlValue> values;  // of the parameters in both, in order
};

// Filters: EQ, NEQ, GT, GTE, LT, LTE, IN on fields of JSON values (`person.org`), AND, OR.
// Errors: kInvalidArgument names the operator and what it expected. At most 16 levels and 256
// terms. Names and values only ever become parameters.
[[nodiscard]] dapr::component::Result<SqlQuery> BuildQuery(const dapr::component::Query& query);

}  // namespace sqlite_state
