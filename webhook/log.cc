#include "webhook/log.h"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <ctime>
#include <optional>
#include <utility>

#include "patch/json_writer.h"
#include "webhook/log_queue.h"
#include "webhook/version.h"

namespace injector::webhook {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kLevels = {
    {{"debug", LogLevel::kDebug},
     {"info", LogLevel::kInfo},
     {"warning", LogLevel::kWarning},
     {"error", LogLevel::kError},
     {"fatal", LogLevel::kFatal},
     {"warn", LogLevel::kWarning}}};

std::string_view NameOf(LogLevel level) {
  return std::find_if(kLevels.begin(), kLevels.end(),
                      [level](const auto& entry) { return entry.second == level; })
      ->first;
}

std::string HostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

// "2026-08-21T10:00:00.123456789Z"
std::string TimeNow() {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  std::tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string fraction = std::to_string(now.tv_nsec);
  fraction.insert(0, 9 - std::min<std::size_t>(fraction.size(), 9), '0');
  return std::string(text.data(), size) + "." + fraction + "Z";
}

// Length of the well-formed UTF-8 character at the front of `text`, 0 if there is none.
// Source: The Unicode Standard, table 3-7.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

void AppendHex(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// U+0080 to U+009F, among them a line break and a terminal's escape.
bool IsControlOfTwoBytes(std::string_view text) {
  return text.size() > 1 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

// Replaces what is no UTF-8 by a text that says which byte it was, so that every line is valid; and
// the controls of two bytes by a blank.
std::string AsUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    if (length == 0) {
      AppendHex(out, static_cast<unsigned char>(text[0]));
    } else if (IsControlOfTwoBytes(text)) {
      out += ' ';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

// Between double quotes, as Go quotes strings.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      AppendHex(out, static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

// The longest line that is left to the queue, without its end.
constexpr std::size_t kLongestBehind = PIPE_BUF - 1;
constexpr std::string_view kCut = "...";

std::string TextLine(LogLevel level, std::string_view scope, std::string_view message,
                     std::string_view instance) {
  std::string line = "time=\"" + TimeNow() + "\" level=";
  line += NameOf(level);
  line += " msg=" + Quoted(message) + " instance=";
  line += instance;
  line += " scope=";
  line += scope;
  line += " type=log ver=";
  line += Version();
  return line;
}

std::string JsonLine(LogLevel level, std::string_view scope, std::string_view message,
                     std::string_view instance) {
  std::string line;
  patch::JsonWriter(line)
      .BeginObject()
      .Member("instance", instance)
      .Member("level", NameOf(level))
      .Member("msg", message)
      .Member("scope", scope)
      .Member("time", TimeNow())
      .Member("type", "log")
      .Member("ver", Version())
      .EndObject();
  return line;
}

}  // namespace

struct Log::Sink : LineSink {
  Sink(const LogOptions& options, spdlog::sink_ptr target)
      : level(options.level),
        as_json(options.as_json),
        to_stdout(options.file.empty()),
        instance(AsUtf8(HostName())),
        logger("", std::move(target)) {
    logger.set_pattern("%v");  // the line is made here
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }

  [[nodiscard]] std::string Line(LogLevel line_level, std::string_view scope,
                                 std::string_view message) const {
    const std::string text = AsUtf8(message);
    return as_json ? JsonLine(line_level, scope, text, instance)
                   : TextLine(line_level, scope, text, instance);
  }

  // A message that makes its line too long is halved until it does not.
  [[nodiscard]] std::string LineBehind(LogLevel line_level, std::string_view scope,
                                       std::string_view message) const {
    std::string line = Line(line_level, scope, message);
    while (line.size() > kLongestBehind && !message.empty()) {
      message = message.substr(0, message.size() / 2);
      line = Line(line_level, scope, std::string(message).append(kCut));
    }
    return line;
  }

  void WriteNow(std::string_view line) {
    logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  // A pipe that has room has it for PIPE_BUF bytes, which no line behind exceeds.
  bool Write(std::string_view line) override {
    constexpr int kMilliseconds = 100;
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    if (to_stdout && ::poll(&output, 1, kMilliseconds) == 0) return false;
    WriteNow(line);
    return true;
  }

  const LogLevel level;
  const bool as_json;
  const bool to_stdout;
  const std::string instance;
  spdlog::logger logger;
  std::optional<LogQueue> queue;  // last: its thread uses the others
};

Result<Log> Log::Open(const LogOptions& options) {
  try {
    spdlog::sink_ptr target;
    if (options.file.empty()) {
      target = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    } else {
      target = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
    return Log(std::make_unique<Sink>(options, std::move(target)));
  } catch (const spdlog::spdlog_ex& failure) {
    return Fail(ErrorKind::kFile, std::string("the log cannot be written: ") + failure.what());
  }
}

Log Log::Silent() {
  return Log(nullptr);
}

Log::Log(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

bool Log::Writes(LogLevel level) const {
  return sink_ != nullptr && level >= sink_->level;
}

void Log::Write(LogLevel level, std::string_view scope, std::string_view message) {
  if (!Writes(level)) return;
  if (sink_->queue) {
    sink_->queue->Push(sink_->LineBehind(level, scope, message));
  } else {
    sink_->WriteNow(sink_->Line(level, scope, message));
  }
}

void Log::WriteBehind() {
  if (sink_ == nullptr) return;
  sink_->queue.emplace(*sink_, [sink = sink_.get()](std::uint64_t count) {
    return sink->Line(LogLevel::kWarning, kInjectorScope,
                      std::to_string(count) + " lines of the log were lost here: nobody read them");
  });
  if (!sink_->queue->Start()) sink_->queue.reset();
}

std::uint64_t Log::LinesLost() const {
  return sink_ != nullptr && sink_->queue ? sink_->queue->Lost() : 0;
}

Result<LogLevel> ParseLogLevel(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto& [name, level] : kLevels) {
    if (name == lower) return level;
  }
  return Fail(ErrorKind::kUsage, "\"" + std::string(text) +
                                     "\" is no log level; expected debug, info, warn, error or "
                                     "fatal");
}

}  // namespace injector::webhook
