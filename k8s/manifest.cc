#include "k8s/manifest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "k8s/advice.h"
#include "k8s/json_text.h"
#include "k8s/manifest_text.h"
#include "k8s/yaml.h"

namespace injector::k8s {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t\r\n";

class FileReader {
 public:
  // In: `text` without byte order mark; `skipped` is that mark's length.
  FileReader(std::string_view text, std::size_t skipped) : text_(text), skipped_(skipped) {}

  tl::expected<std::vector<Manifest>, ByteFault> Run() && {
    for (const Segment& segment : SplitDocuments(text_)) {
      if (ReadAsJson(segment)) continue;
      if (auto fault = ReadAsYaml(segment)) return tl::unexpected(*std::move(fault));
    }
    return std::move(manifests_);
  }

 private:
  // Reads a segment that is JSON throughout, one value or many. False, and nothing kept, when it
  // is not: flow style YAML begins with the same brackets.
  bool ReadAsJson(const Segment& segment) {
    std::vector<std::pair<Json, Segment>> values;
    json_fault_.reset();
    for (std::size_t at = segment.content; at < segment.end;) {
      const std::string_view rest = text_.substr(at, segment.end - at);
      const bool bracket = rest.front() == '{' || rest.front() == '[';
      const std::size_t length = bracket ? JsonLength(rest) : 0;
      auto value = length == 0 ? Unclosed(rest, bracket) : ParseJsonText(rest.substr(0, length));
      if (!value) {
        json_fault_ = ByteFault{at + value.error().offset, std::move(value.error().message)};
        return false;
      }
      values.emplace_back(*std::move(value), Segment{at, at, at + length, at + length});
      at = std::min(text_.find_first_not_of(kBlank, at + length), segment.end);
    }
    for (auto& [value, place] : values) {
      Add(std::move(value), Syntax::kJson, place.content, place.end);
    }
    return true;
  }

  // Why a text that does not close is no JSON.
  static tl::expected<Json, ByteFault> Unclosed(std::string_view text, bool bracket) {
    if (!bracket) return tl::unexpected(ByteFault{0, "expected { or ["});
    return ParseJsonText(text);
  }

  std::optional<ByteFault> ReadAsYaml(const Segment& segment) {
    auto value =
        ParseYamlDocument(text_.substr(segment.begin, segment.limit - segment.begin), budget_);
    if (value) {
      Add(*std::move(value), Syntax::kYaml, segment.content, segment.end);
      return std::nullopt;
    }
    const YamlFault& fault = value.error();
    const std::size_t at = OffsetOf(fault.at, segment);
    const char first = text_[segment.content];
    const bool json = json_fault_ && (first == '{' || first == '[');
    // Both readers refuse it: the one that came further is the one that was meant.
    if (json && json_fault_->offset >= at) return std::move(json_fault_);
    return ByteFault{at, fault.message};
  }

  std::size_t OffsetOf(const TextPosition& position, const Segment& segment) const {
    std::size_t at = segment.begin;
    for (std::size_t line = 1; line < position.line; ++line) {
      const auto feed = text_.find('\n', at);
      if (feed == text_.npos || feed >= segment.limit) break;
      at = feed + 1;
    }
    return std::min(at + position.column - 1, segment.limit);
  }

  void Add(Json value, Syntax syntax, std::size_t begin, std::size_t end) {
    // Documents come in order: count on from the last one.
    for (; counted_ < begin; ++counted_) line_ += text_[counted_] == '\n' ? 1 : 0;
    manifests_.push_back({std::move(value), syntax, begin + skipped_, end + skipped_, line_});
  }

  std::string_view text_;
  std::size_t skipped_;
  std::size_t budget_ = kMaxAliasBytes;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
  std::optional<ByteFault> json_fault_;
  std::vector<Manifest> manifests_;
};

TextFault Locate(std::string_view text, const std::string& file, ByteFault fault) {
  const TextPosition at = PositionOf(text, fault.offset);
  return {file, at.line, at.column, std::move(fault.message)};
}

}  // namespace

TextResult<std::vector<Manifest>> ParseManifests(std::string_view text, const std::string& file) {
  if (text.size() > kMaxManifestBytes) {
    return tl::unexpected(TextFault{
        file, 0, 0,
        "larger than " + std::to_string(kMaxManifestBytes >> 20U) + " MiB; " + kDivideManifests});
  }
  const std::size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::string_view content = text.substr(skipped);
  if (auto fault = FindForbiddenByte(content)) {
    return tl::unexpected(Locate(content, file, *std::move(fault)));
  }
  auto manifests = FileReader(content, skipped).Run();
  if (!manifests) return tl::unexpected(Locate(content, file, std::move(manifests.error())));
  return *std::move(manifests);
}

}  // namespace injector::k8s
