#pragma once

// What the commands of component-probe write to, and how it looks.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace injector::runtime {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // something is broken, or a call failed
inline constexpr int kExitUsage = 2;   // the arguments mean nothing

enum class Tint { kPlain, kGood, kDoubtful, kBad, kFaint };

// Results go to `out`, progress and faults to `err`.
struct Screen {
  std::ostream& out;
  std::ostream& err;
  bool json = false;      // results as JSON
  bool colour = false;    // escape sequences in `out`
  bool progress = false;  // a line in `err` that is written over

  [[nodiscard]] std::string Tinted(std::string_view text, Tint tint) const;
  // One JSON value on one line; bytes that are no UTF-8 are replaced.
  void Line(const nlohmann::ordered_json& value) const;
  // Shows what is going on now; "" removes it.
  void Progress(std::string_view text) const;
  // `fault` on `err`, as JSON when results are. Returns kExitFailed.
  int Fault(std::string_view fault) const;
};

struct Cell {
  std::string text;
  Tint tint = Tint::kPlain;
};

// Rows with aligned columns; the last cell of a row is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  void Add(std::vector<Cell> row);
  void Print(const Screen& screen) const;

 private:
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> widths_;
};

}  // namespace injector::runtime
