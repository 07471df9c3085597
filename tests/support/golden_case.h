#pragma once

// One case of tests/fixtures: a review with what surrounds it, and what must come of it.
//
//   review.json     AdmissionReview v1 as the API server sends it
//   components/     Component manifests, optional
//   settings.yaml   what differs from the common set (golden_settings.h), optional
//   case.md         what the case proves and where the rule comes from; `rows:` names rows of
//                   fixtures/rows.txt
//   decisions.json  generated: [{"subject", "reason"}], the pod's verdict first
//   patch.json      generated: the JSON Patch, and
//   pod.json        generated: the patched pod; or, when nothing is patched,
//   response.json   generated: {"allowed"} and, when refused, {"status": {"message"}}
//   warnings.json   generated where it exists: the response's warnings
//
// UPDATE_GOLDEN=1 writes the generated files instead of comparing them.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "patch/settings.h"
#include "webhook/cli/review.h"
#include "webhook/resource_set.h"

namespace injector::test {

struct GoldenCase {
  std::filesystem::path folder;
  std::string review;
  std::vector<std::filesystem::path> component_files;  // sorted
  std::shared_ptr<const webhook::ResourceSet> resources;
  webhook::ReviewOptions options;
  patch::Surroundings surroundings;
  std::string components_error;  // the look-up of Components fails with this text
};

// Names of the folders under fixtures/, sorted.
[[nodiscard]] std::vector<std::string> GoldenCaseNames();

// Reads the case once in the life of the program. Not thread-safe.
// Throws std::exception when a file is missing or cannot be read.
[[nodiscard]] const GoldenCase& LoadGoldenCase(const std::string& name);

// What the manifests hold, read in this order. Throws when one is at fault.
[[nodiscard]] std::shared_ptr<const webhook::ResourceSet> ReadManifests(
    const std::vector<std::filesystem::path>& files);

// The row ids that case.md names.
[[nodiscard]] std::vector<std::string> RowsOfCase(const std::string& name);

// The ids of fixtures/rows.txt, in order.
[[nodiscard]] std::vector<std::string> AllRows();

// Files in the case's folder that no rule above knows, and "missing <file>" for those that lack.
[[nodiscard]] std::vector<std::string> FaultsOfFolder(const std::string& name);

// Compares the file's text, or writes it under UPDATE_GOLDEN. False: they differ.
[[nodiscard]] bool MatchesGolden(const std::filesystem::path& file, const std::string& text);

// Whether the file is absent; under UPDATE_GOLDEN it is removed.
[[nodiscard]] bool AbsentGolden(const std::filesystem::path& file);

// The whole file. Throws when there is none.
[[nodiscard]] std::string ReadText(const std::filesystem::path& file);

}  // namespace injector::test
