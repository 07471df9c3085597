#pragma once

// Builds one JSON value from the events of a reader, and refuses what no manifest may hold:
// repeated keys, nesting without bound.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

namespace injector::k8s {

// The reader calls in the order of the text: Key before each value of an object. Faults are
// sentences; the caller knows where it is. After a fault the builder is of no further use.
class ValueBuilder {
 public:
  using Json = nlohmann::ordered_json;
  using Outcome = tl::expected<void, std::string>;

  // True when the next event must be a key or the end of the object.
  [[nodiscard]] bool AwaitsKey() const;
  [[nodiscard]] std::size_t Depth() const { return open_.size(); }

  [[nodiscard]] Outcome Begin(Json empty_object_or_array);
  [[nodiscard]] Outcome Key(std::string key);
  // The next value is an object, or a list of objects, whose members the open object takes over.
  // Of two sources the first wins; over both, what the object says itself behind this.
  [[nodiscard]] Outcome MergeKey();
  [[nodiscard]] Outcome Value(Json value);
  // Closes the innermost container and hands it to the one around it.
  [[nodiscard]] Outcome End();

  // The container to be closed next. There must be one.
  [[nodiscard]] const Json& Innermost() const { return open_.back().value; }

  // The finished value; null when there was none.
  [[nodiscard]] Json Take() { return std::move(root_); }

 private:
  struct Member {
    std::size_t index;
    bool merged;
  };
  struct Open {
    Json value;
    std::string key;
    bool has_key = false;
    bool merging = false;
    bool has_merged = false;
    std::unordered_map<std::string, Member> members;
  };

  [[nodiscard]] static Outcome Merge(Open& into, Json source);
  [[nodiscard]] static Outcome MergeOne(Open& into, Json& source);
  static void Append(Open& into, const std::string& key, Json value, bool merged);

  std::vector<Open> open_;
  Json root_;
};

}  // namespace injector::k8s
