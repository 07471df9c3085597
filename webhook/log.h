#pragma once

// One line per event, to standard output or a file, in Dapr's text or JSON form:
// time="2026-08-21T10:00:00.123456789Z" level=info msg="..." instance=<host> scope=<scope>
// type=log ver=<version>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "webhook/result.h"

namespace injector::webhook {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kFatal };

inline constexpr std::string_view kInjectorScope = "dapr.injector";         // start-up, patching
inline constexpr std::string_view kServiceScope = "dapr.injector.service";  // requests

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  bool as_json = false;
  std::string file{};  // "" is standard output
};

// Threads: safe.
class Log {
 public:
  // Errors: the file cannot be opened.
  [[nodiscard]] static Result<Log> Open(const LogOptions& options);
  // Writes nowhere; for commands and tests that have no log.
  [[nodiscard]] static Log Silent();

  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  // Whether lines of this level are written: ask before a costly message is made.
  [[nodiscard]] bool Writes(LogLevel level) const;
  // In: `message` of any bytes; what would break a line is escaped.
  // Blocks: until the line is written; after WriteBehind never.
  void Write(LogLevel level, std::string_view scope, std::string_view message);

  // From now on a thread of the log's own writes the lines. What is left when the log ends is
  // written then. Without more threads in the system nothing changes. Call it before other threads
  // write.
  void WriteBehind();
  // Lines that were lost since whoever reads the log had stopped. The log tells of them too.
  [[nodiscard]] std::uint64_t LinesLost() const;

 private:
  struct Sink;
  explicit Log(std::unique_ptr<Sink> sink);
  std::unique_ptr<Sink> sink_;
};

// "debug", "info", "warn" ("warning"), "error", "fatal" in any letter case.
// Errors: any other text.
[[nodiscard]] Result<LogLevel> ParseLogLevel(std::string_view text);

}  // namespace injector::webhook
