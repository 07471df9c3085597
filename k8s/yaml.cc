#include "k8s/yaml.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "k8s/manifest.h"
#include "k8s/value_builder.h"
#include "k8s/yaml_scalar.h"

namespace injector::k8s {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kMergeTag = "tag:yaml.org,2002:merge";
constexpr std::size_t kBytesPerValue = 64;

// Unwinds yaml-cpp's parser, whose event handlers cannot return a fault.
struct Refusal {
  YamlFault fault;
};

[[noreturn]] void Refuse(const YAML::Mark& mark, std::string message) {
  const auto at = [](int counted) {
    return counted < 0 ? 1 : static_cast<std::size_t>(counted) + 1;
  };
  throw Refusal{{{at(mark.line), at(mark.column)}, std::move(message)}};
}

// How many bytes a character that begins with `first` has after it.
int ContinuationsAfter(unsigned char first) {
  if (first < 0xC0) return 0;
  if (first < 0xE0) return 1;
  return first < 0xF0 ? 2 : 3;
}

// The text of a scalar as UTF-8: yaml-cpp writes the escapes \N and \_ as single bytes of Latin-1.
// In: the text is UTF-8 but for these, so a continuation that no character awaits is one of them.
std::string Utf8Of(const std::string& text) {
  std::string utf8;
  utf8.reserve(text.size());
  int awaited = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) {
      awaited = ContinuationsAfter(byte);
    } else if (awaited > 0) {
      --awaited;
    } else {
      utf8 += '\xC2';
    }
    utf8 += c;
  }
  return utf8;
}

struct Measure {
  std::size_t bytes = 0;
  std::size_t height = 0;  // containers inside one another
};

// Adds up `value` until it passes `limit`.
Measure MeasureOf(const Json& value, std::size_t limit) {
  Measure whole{kBytesPerValue, 0};
  if (value.is_string()) whole.bytes += value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return whole;
  for (auto member = value.begin(); member != value.end() && whole.bytes <= limit; ++member) {
    const Measure part = MeasureOf(*member, limit - whole.bytes);
    whole.bytes += part.bytes + (value.is_object() ? member.key().size() : 0);
    whole.height = std::max(whole.height, part.height);
  }
  ++whole.height;
  return whole;
}

class DocumentReader : public YAML::EventHandler {
 public:
  explicit DocumentReader(std::size_t& alias_budget) : alias_budget_(alias_budget) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    OnScalar(mark, "?", anchor, "");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& raw) override {
    const std::string text = Utf8Of(raw);
    if (builder_.AwaitsKey()) return TakeKey(mark, tag, anchor, text);
    auto value = ResolveScalar(tag, text);
    if (!value) Refuse(mark, std::move(value.error()));
    Remember(mark, anchor, *value);
    Check(mark, builder_.Value(*std::move(value)));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) Refuse(mark, "an alias stands inside the value that it names");
    const auto& [value, measure] = found->second;
    if (builder_.AwaitsKey()) {
      if (!value.is_string())
        Refuse(mark, "expected a string as key, found an alias of another type");
      return Check(mark, builder_.Key(value.get<std::string>()));
    }
    if (builder_.Depth() + measure.height > kMaxManifestDepth) {
      Refuse(mark, "nested deeper than " + std::to_string(kMaxManifestDepth) + " levels");
    }
    Spend(mark, measure.bytes);
    Check(mark, builder_.Value(value));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(mark, anchor, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(mark, anchor, Json::object());
  }
  void OnSequenceEnd() override { End(); }
  void OnMapEnd() override { End(); }

  [[nodiscard]] Json Take() { return builder_.Take(); }

 private:
  struct Opened {
    YAML::Mark mark;
    YAML::anchor_t anchor;
  };

  void TakeKey(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
               const std::string& text) {
    if (tag == kMergeTag || (tag == "?" && text == "<<")) return Check(mark, builder_.MergeKey());
    auto key = ResolveKey(tag, text);
    if (!key) Refuse(mark, std::move(key.error()));
    Remember(mark, anchor, Json(*key));
    Check(mark, builder_.Key(*std::move(key)));
  }

  void Begin(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
    if (builder_.AwaitsKey()) Refuse(mark, "expected a string as key, found a map or a list");
    Check(mark, builder_.Begin(std::move(empty)));
    opened_.push_back({mark, anchor});
  }

  void End() {
    const Opened opened = opened_.back();
    opened_.pop_back();
    Remember(opened.mark, opened.anchor, builder_.Innermost());
    Check(opened.mark, builder_.End());
  }

  // Anchored values are copied as well, so they count as aliases do.
  void Remember(const YAML::Mark& mark, YAML::anchor_t anchor, const Json& value) {
    if (anchor == YAML::NullAnchor) return;
    const Measure measure = MeasureOf(value, alias_budget_);
    Spend(mark, measure.bytes);
    anchored_.insert_or_assign(anchor, std::pair(value, measure));
  }

  void Spend(const YAML::Mark& mark, std::size_t bytes) {
    if (bytes > alias_budget_) {
      Refuse(mark, "anchors and aliases make the file larger than " +
                       std::to_string(kMaxAliasBytes >> 20U) + " MiB");
    }
    alias_budget_ -= bytes;
  }

  static void Check(const YAML::Mark& mark, ValueBuilder::Outcome outcome) {
    if (!outcome) Refuse(mark, std::move(outcome.error()));
  }

  std::size_t& alias_budget_;
  ValueBuilder builder_;
  std::vector<Opened> opened_;
  std::unordered_map<YAML::anchor_t, std::pair<Json, Measure>> anchored_;
};

// Finds out whether anything follows, and where.
class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { Stop(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { Stop(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { Stop(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    Stop(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Stop(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Stop(mark);
  }
  void OnMapEnd() override {}

 private:
  static void Stop(const YAML::Mark& mark) {
    Refuse(mark, "expected the end of the document; separate documents with a line of ---");
  }
};

Json ReadOnlyDocument(std::string_view text, std::size_t& alias_budget) {
  // yaml-cpp takes the end of the text for a missing quote, but not a document's end.
  std::istringstream stream(std::string(text) + (text.ends_with('\n') ? "...\n" : ""));
  YAML::Parser parser(stream);
  DocumentReader reader(alias_budget);
  if (!parser.HandleNextDocument(reader)) return nullptr;
  SecondDocument rest;
  parser.HandleNextDocument(rest);
  return reader.Take();
}

YamlFault FaultOf(const YAML::Exception& exception) {
  const TextPosition at{static_cast<std::size_t>(std::max(exception.mark.line, 0)) + 1,
                        static_cast<std::size_t>(std::max(exception.mark.column, 0)) + 1};
  if (dynamic_cast<const YAML::DeepRecursion*>(&exception) != nullptr) {
    return {at, "nested deeper than " + std::to_string(kMaxManifestDepth) + " levels"};
  }
  const std::string& why = exception.msg;
  if (why == YAML::ErrorMsg::DOC_IN_SCALAR || why == YAML::ErrorMsg::EOF_IN_SCALAR) {
    return {at, "expected the end of a quoted string, found the end of the document"};
  }
  return {at, "expected YAML: " + why};
}

}  // namespace

tl::expected<Json, YamlFault> ParseYamlDocument(std::string_view text, std::size_t& alias_budget) {
  try {
    return ReadOnlyDocument(text, alias_budget);
  } catch (const Refusal& refusal) {
    return tl::unexpected(refusal.fault);
  } catch (const YAML::Exception& exception) {
    return tl::unexpected(FaultOf(exception));
  } catch (const std::runtime_error& error) {
    return tl::unexpected(YamlFault{{}, std::string("expected YAML: ") + error.what()});
  }
}

}  // namespace injector::k8s
