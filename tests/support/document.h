#pragma once

// Reads the project's documents, for tests that hold document and program equal.

#include <string>
#include <string_view>
#include <vector>

namespace injector::test {

// The whole of a file, by its path from the repository's root; a missing one fails the test.
[[nodiscard]] std::string DocumentText(std::string_view path);

// The cells, trimmed, of each row of the document's Markdown tables, without heads and rules.
[[nodiscard]] std::vector<std::vector<std::string>> TableRowsOf(std::string_view path);

// The texts between back quotes that begin with `prefix`, each once, sorted; what follows a blank,
// a bracket or an equals sign inside is left out ("--port PORT" is "--port").
[[nodiscard]] std::vector<std::string> QuotedWords(std::string_view path, std::string_view prefix);

}  // namespace injector::test
