#pragma once

// Whether files have changed, without reading them.

#include <chrono>
#include <string>
#include <vector>

namespace injector::webhook {

// A text that differs whenever one of the files is another one or has other bytes than before.
// Symbolic links are followed, so a swap of links shows as well. A file that is not there has a
// state too.
// In: `now` of the system clock. While a file is younger than two seconds, texts for different
// times differ: a time stamp is too coarse to tell a second write apart.
[[nodiscard]] std::string StateOfFiles(const std::vector<std::string>& paths,
                                       std::chrono::system_clock::time_point now);

}  // namespace injector::webhook
