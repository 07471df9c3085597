#pragma once

// What the offline commands work on: manifests to treat, and the resources that apply to them.

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "k8s/manifest.h"
#include "webhook/resource_set.h"
#include "webhook/result.h"

namespace injector::webhook {

struct InputFile {
  std::string name;  // as in messages; "stdin" for standard input
  std::string text;
  std::vector<k8s::Manifest> manifests;  // in the order of the text
};

struct OfflineInput {
  std::vector<InputFile> files;
  std::shared_ptr<const ResourceSet> resources;  // never null
};

// Reads `files` (files, folders, "-" for `in`) and `resources` (files and folders).
// Out: Components and daprsystem among `files` count as resources and replace those of the same
// name and namespace in `resources`: they are what is about to be applied.
// Errors: kFile, with every fault, one a line.
[[nodiscard]] Result<OfflineInput> LoadOfflineInput(const std::vector<std::string>& files,
                                                    const std::vector<std::string>& resources,
                                                    std::istream& in);

}  // namespace injector::webhook
