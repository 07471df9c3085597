#include "runtime/probe/screen.h"

#include <algorithm>
#include <utility>

namespace injector::runtime {
namespace {

std::string_view EscapeOf(Tint tint) {
  switch (tint) {
    case Tint::kGood:
      return "\033[32m";
    case Tint::kDoubtful:
      return "\033[33m";
    case Tint::kBad:
      return "\033[31m";
    case Tint::kFaint:
      return "\033[2m";
    case Tint::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string Screen::Tinted(std::string_view text, Tint tint) const {
  if (!colour || tint == Tint::kPlain) return std::string(text);
  return std::string(EscapeOf(tint)) + std::string(text) + "\033[0m";
}

void Screen::Line(const nlohmann::ordered_json& value) const {
  out << value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n'
      << std::flush;
}

void Screen::Progress(std::string_view text) const {
  if (progress) err << "\r\033[K" << text << std::flush;
}

int Screen::Fault(std::string_view fault) const {
  Progress("");
  if (json) {
    nlohmann::ordered_json value;
    value["error"] = std::string(fault);
    Line(value);
  } else {
    err << "component-probe: " << fault << '\n';
  }
  return kExitFailed;
}

Table::Table(std::vector<std::string> headings) : widths_(headings.size()) {
  std::vector<Cell> row;
  for (std::string& heading : headings) row.push_back({std::move(heading), Tint::kFaint});
  Add(std::move(row));
}

void Table::Add(std::vector<Cell> row) {
  for (std::size_t i = 0; i < row.size() && i < widths_.size(); ++i)
    widths_[i] = std::max(widths_[i], row[i].text.size());
  rows_.push_back(std::move(row));
}

void Table::Print(const Screen& screen) const {
  for (const std::vector<Cell>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      screen.out << screen.Tinted(row[i].text, row[i].tint);
      if (i + 1 < row.size()) screen.out << std::string(widths_[i] - row[i].text.size() + 2, ' ');
    }
    screen.out << '\n';
  }
}

}  // namespace injector::runtime
