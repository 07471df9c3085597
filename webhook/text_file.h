#pragma once

// Files that people name: reading them within bounds, and what a folder of manifests holds.

#include <cstddef>
#include <string>
#include <vector>

#include "webhook/result.h"

namespace injector::webhook {

// More files than this in one folder are a mistake, such as naming the wrong folder.
inline constexpr std::size_t kMaxFilesPerFolder = 1000;

// The whole file; symbolic links and pipes are followed to their end.
// In: `advice` says what to do about one that is too large.
// Errors: kFile, with the path, when it cannot be read or holds more than `max_bytes`.
[[nodiscard]] Result<std::string> ReadTextFile(const std::string& path, std::size_t max_bytes,
                                               const std::string& advice = "name the right file");

// The path itself when it is no folder, else the folder's files that end in .yaml, .yml or .json,
// by name. Subfolders are not entered; names that begin with a dot (`..data` of a mounted
// ConfigMap among them) are passed over; symbolic links to files count as files.
// Errors: kFile, with the path, when it is not there, cannot be read or holds too many files.
[[nodiscard]] Result<std::vector<std::string>> ListManifestFiles(const std::string& path);

}  // namespace injector::webhook
