#include "patch/json_fault.h"

#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "patch/json_document.h"

namespace injector::patch {
namespace {

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

// nlohmann says "[json.exception...] parse error at ...: syntax error while parsing value - <why>;
// last read: <input>". The why is what helps; the input is the caller's own.
std::string Reason(std::string what) {
  for (const char* skipped : {"] ", ": ", " - "}) {
    const std::string_view prefix = skipped;
    const auto at = what.find(prefix);
    if (at != std::string::npos) what.erase(0, at + prefix.size());
  }
  return what.substr(0, what.find("; last read"));
}

// Stops at the first thing that we refuse and remembers it.
class FaultFinder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit FaultFinder(const std::size_t* consumed) : consumed_(consumed) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t& lexeme) override {
    if (lexeme.find_first_of(".eE") != string_t::npos) return true;
    return Stop(*consumed_, "integer " + lexeme.substr(0, 40) + " does not fit 64 bits");
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Deeper(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return Shallower(); }
  bool start_array(std::size_t) override { return Deeper(); }
  bool end_array() override { return Shallower(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& fault) override {
    return Stop(position == 0 ? 0 : position - 1, Reason(fault.what()));
  }

  std::size_t offset = 0;
  std::string reason;

 private:
  bool Deeper() {
    if (++depth_ <= kMaxJsonDepth) return true;
    return Stop(*consumed_, "nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
  }
  bool Shallower() {
    --depth_;
    return true;
  }
  bool Stop(std::size_t at, std::string why) {
    offset = at;
    reason = std::move(why);
    return false;
  }

  const std::size_t* consumed_;
  std::size_t depth_ = 0;
};

}  // namespace

Error LocateJsonFault(std::string_view text, std::string_view fallback) {
  std::size_t consumed = 0;
  FaultFinder finder(&consumed);
  const bool accepted =
      nlohmann::json::sax_parse(CountingIterator(text.data(), &consumed),
                                CountingIterator(text.data() + text.size(), &consumed), &finder);
  if (accepted || finder.reason.empty()) {
    return {ErrorKind::kMalformedJson, "offset 0", std::string(fallback)};
  }
  return {ErrorKind::kMalformedJson, "offset " + std::to_string(finder.offset), finder.reason};
}

}  // namespace injector::patch
