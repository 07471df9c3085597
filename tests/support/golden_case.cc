#include "tests/support/golden_case.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "k8s/manifest.h"
#include "tests/support/golden_settings.h"

namespace injector::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = INJECTOR_FIXTURES;

bool Updates() {
  static const bool updates = std::getenv("UPDATE_GOLDEN") != nullptr;
  return updates;
}

// The one document of settings.yaml.
nlohmann::json ReadYaml(const fs::path& file) {
  const auto documents = k8s::ParseManifests(ReadText(file), file.string());
  if (!documents) throw std::runtime_error(documents.error().Text());
  if (documents->size() != 1) throw std::runtime_error(file.string() + ": expected one document");
  return nlohmann::json::parse(documents->front().value.dump());
}

std::vector<fs::path> SortedEntries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<std::string> SplitRows(const std::string& list) {
  std::vector<std::string> rows;
  std::istringstream words(list);
  for (std::string row; std::getline(words, row, ',');) {
    row.erase(0, row.find_first_not_of(' '));
    row.erase(row.find_last_not_of(" \r") + 1);
    rows.push_back(row);
  }
  return rows;
}

GoldenCase ReadCase(const std::string& name) {
  GoldenCase loaded;
  loaded.folder = kFixtures / name;
  loaded.review = ReadText(loaded.folder / "review.json");
  if (fs::exists(loaded.folder / "components")) {
    loaded.component_files = SortedEntries(loaded.folder / "components");
  }
  loaded.resources = ReadManifests(loaded.component_files);
  const fs::path settings = loaded.folder / "settings.yaml";
  ApplyGoldenSettings(fs::exists(settings) ? ReadYaml(settings) : nlohmann::json::object(), loaded);
  return loaded;
}

}  // namespace

std::string ReadText(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> GoldenCaseNames() {
  std::vector<std::string> names;
  for (const fs::path& entry : SortedEntries(kFixtures)) {
    if (fs::is_directory(entry)) names.push_back(entry.filename().string());
  }
  return names;
}

const GoldenCase& LoadGoldenCase(const std::string& name) {
  static std::map<std::string, GoldenCase> cases;
  const auto known = cases.find(name);
  return known != cases.end() ? known->second : cases.emplace(name, ReadCase(name)).first->second;
}

std::shared_ptr<const webhook::ResourceSet> ReadManifests(const std::vector<fs::path>& files) {
  webhook::ResourceCollector collector;
  for (const fs::path& file : files) collector.AddText(file.string(), ReadText(file));
  auto resources = collector.Finish();
  if (!resources) throw std::runtime_error(resources.error().Text());
  return *std::move(resources);
}

std::vector<std::string> RowsOfCase(const std::string& name) {
  std::istringstream lines(ReadText(kFixtures / name / "case.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("rows: ", 0) != 0) continue;
    for (std::string& row : SplitRows(line.substr(6))) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> AllRows() {
  std::istringstream lines(ReadText(kFixtures / "rows.txt"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') rows.push_back(line.substr(0, line.find(' ')));
  }
  return rows;
}

std::vector<std::string> FaultsOfFolder(const std::string& name) {
  const fs::path folder = kFixtures / name;
  std::set<std::string> found;
  for (const fs::path& entry : SortedEntries(folder)) found.insert(entry.filename().string());
  std::vector<std::string> faults;
  for (const char* file : {"review.json", "case.md", "decisions.json"}) {
    if (found.erase(file) == 0) faults.push_back(std::string("missing ") + file);
  }
  const bool patched = found.erase("patch.json") + found.erase("pod.json") == 2;
  const bool answered = found.erase("response.json") == 1;
  if (patched == answered) {
    faults.push_back("expected either patch.json with pod.json, or response.json");
  }
  for (const char* file : {"settings.yaml", "components", "warnings.json"}) found.erase(file);
  for (const std::string& file : found) faults.push_back("unknown " + file);
  return faults;
}

bool MatchesGolden(const fs::path& file, const std::string& text) {
  if (!Updates()) return fs::exists(file) && ReadText(file) == text;
  std::ofstream(file, std::ios::binary) << text;
  return true;
}

bool AbsentGolden(const fs::path& file) {
  if (Updates()) fs::remove(file);
  return !fs::exists(file);
}

}  // namespace injector::test
