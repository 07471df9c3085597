#include "k8s/json_text.h"

#include <cstdint>
#include <iterator>
#include <utility>

#include "k8s/value_builder.h"

namespace injector::k8s {
namespace {

using Json = nlohmann::ordered_json;

// Walks the text and notes how far the reader has come.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  std::size_t* consumed_;
};

// The why out of "[json.exception...] parse error at ...: syntax error while parsing value -
// <why>; last read: <input>".
std::string Reason(std::string what) {
  for (const std::string_view skipped : {"] ", ": ", " - "}) {
    const auto at = what.find(skipped);
    if (at != std::string::npos) what.erase(0, at + skipped.size());
  }
  return what.substr(0, what.find("; last read"));
}

class Reader : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(const std::size_t* consumed) : consumed_(consumed) {}

  bool null() override { return Take(builder_.Value(nullptr)); }
  bool boolean(bool value) override { return Take(builder_.Value(value)); }
  bool number_integer(number_integer_t value) override { return Take(builder_.Value(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Take(builder_.Value(value)); }
  bool number_float(number_float_t value, const string_t& lexeme) override {
    if (lexeme.find_first_of(".eE") != string_t::npos) return Take(builder_.Value(value));
    return Stop(*consumed_, "integer " + lexeme.substr(0, 40) + " does not fit 64 bits");
  }
  bool string(string_t& value) override { return Take(builder_.Value(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Take(builder_.Begin(Json::object())); }
  bool key(string_t& name) override { return Take(builder_.Key(std::move(name))); }
  bool end_object() override { return Take(builder_.End()); }
  bool start_array(std::size_t) override { return Take(builder_.Begin(Json::array())); }
  bool end_array() override { return Take(builder_.End()); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& fault) override {
    return Stop(position, "expected JSON: " + Reason(fault.what()));
  }

  [[nodiscard]] Json TakeValue() { return builder_.Take(); }
  [[nodiscard]] ByteFault TakeFault() { return std::move(fault_); }

 private:
  bool Take(const ValueBuilder::Outcome& outcome) {
    return outcome.has_value() || Stop(*consumed_, outcome.error());
  }
  // In: `position` counts from 1.
  bool Stop(std::size_t position, std::string why) {
    fault_ = {position == 0 ? 0 : position - 1, std::move(why)};
    return false;
  }

  const std::size_t* consumed_;
  ValueBuilder builder_;
  ByteFault fault_{};
};

}  // namespace

std::size_t JsonLength(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      quoted = c != '"';
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
  }
  return 0;
}

tl::expected<Json, ByteFault> ParseJsonText(std::string_view text) {
  std::size_t consumed = 0;
  Reader reader(&consumed);
  const char* const end = text.data() + text.size();
  if (!Json::sax_parse(CountingIterator(text.data(), &consumed), CountingIterator(end, &consumed),
                       &reader)) {
    return tl::unexpected(reader.TakeFault());
  }
  return reader.TakeValue();
}

}  // namespace injector::k8s
