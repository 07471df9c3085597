#include "tests/support/document.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace injector::test {
namespace {

std::string Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

std::vector<std::string> CellsOf(std::string_view line) {
  std::vector<std::string> cells;
  line.remove_prefix(1);
  while (!line.empty()) {
    const std::size_t bar = line.find('|');
    cells.push_back(Trimmed(line.substr(0, bar)));
    line.remove_prefix(bar == std::string_view::npos ? line.size() : bar + 1);
  }
  return cells;
}

}  // namespace

std::string DocumentText(std::string_view path) {
  std::ifstream file(std::string(INJECTOR_SOURCE) + "/" + std::string(path), std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::vector<std::string>> TableRowsOf(std::string_view path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(DocumentText(path));
  bool in_body = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('|')) {
      in_body = false;
    } else if (line.starts_with("|--")) {
      in_body = true;
    } else if (in_body) {
      rows.push_back(CellsOf(line));
    }
  }
  EXPECT_FALSE(rows.empty()) << path << " has no table";
  return rows;
}

std::vector<std::string> QuotedWords(std::string_view path, std::string_view prefix) {
  const std::string text = DocumentText(path);
  std::set<std::string> words;
  for (std::size_t open = text.find('`'); open != std::string::npos;) {
    const std::size_t close = text.find('`', open + 1);
    if (close == std::string::npos) break;
    const std::string quoted = text.substr(open + 1, close - open - 1);
    if (quoted.starts_with(prefix)) words.insert(quoted.substr(0, quoted.find_first_of(" [=")));
    open = text.find('`', close + 1);
  }
  return {words.begin(), words.end()};
}

}  // namespace injector::test
