#include "webhook/review_request.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "patch/annotation_values.h"
#include "patch/json_document.h"

namespace injector::webhook {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnsupportedMediaType = 415;

constexpr std::string_view kJson = "application/json";

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Parameters such as `; charset=utf-8` do not matter: JSON is UTF-8.
bool IsJson(std::string_view content_type) {
  return EqualsIgnoringCase(patch::Trim(content_type.substr(0, content_type.find(';'))), kJson);
}

bool IsIdentity(std::string_view content_encoding) {
  const std::string_view encoding = patch::Trim(content_encoding);
  return encoding.empty() || EqualsIgnoringCase(encoding, "identity");
}

// An idle connection must not hold what its largest review needed.
class ShrinksAtTheEnd {
 public:
  explicit ShrinksAtTheEnd(patch::JsonParser& parser) : parser_(parser) {}
  ~ShrinksAtTheEnd() { parser_.Shrink(); }
  ShrinksAtTheEnd(const ShrinksAtTheEnd&) = delete;
  ShrinksAtTheEnd& operator=(const ShrinksAtTheEnd&) = delete;

 private:
  patch::JsonParser& parser_;
};

// Why it is no review sent as JSON, if so.
std::optional<HttpReply> Refusal(const HttpRequest& request, Log& log) {
  if (request.method != "POST") {
    HttpReply reply = RefuseRequest(kMethodNotAllowed, "method not allowed, expected POST", log);
    reply.headers.emplace_back("Allow", "POST");
    return reply;
  }
  if (request.body.empty()) return RefuseRequest(kBadRequest, "empty body", log);
  if (!IsJson(request.content_type)) {
    return RefuseRequest(kUnsupportedMediaType, "invalid Content-Type, expected `application/json`",
                         log);
  }
  if (!IsIdentity(request.content_encoding)) {
    return RefuseRequest(kUnsupportedMediaType, "invalid Content-Encoding, expected `identity`",
                         log);
  }
  return std::nullopt;
}

}  // namespace

HttpReply AnswerReviewRequest(const HttpRequest& request, Log& log, const ReviewAnswers& answers) {
  thread_local patch::JsonParser parser;  // its buffers serve one review after the other
  const ShrinksAtTheEnd shrinks(parser);
  std::optional<Review> review;
  std::string what = "unknown exception";
  try {
    if (auto refusal = Refusal(request, log)) return *std::move(refusal);
    const auto root = parser.Parse(request.body);
    if (!root) return RefuseRequest(kBadRequest, "malformed JSON: " + root.error().Text(), log);
    auto read = ReadReview(*root);
    if (!read) {
      return RefuseRequest(kBadRequest, "malformed AdmissionReview: " + read.error().Text(), log);
    }
    review = *std::move(read);
    return answers.review(*review);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    // Nothing more is known of it.
  }
  return answers.exception(review ? &*review : nullptr, what);
}

HttpReply RefuseRequest(int status, std::string_view sentence, Log& log) {
  if (log.Writes(LogLevel::kWarning)) {
    log.Write(LogLevel::kWarning, kServiceScope,
              "request refused with " + std::to_string(status) + ": " + std::string(sentence));
  }
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::string(sentence) + "\n";
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return reply;
}

HttpReply JsonReply(std::string body) {
  HttpReply reply;
  reply.status = kOk;
  reply.content_type = kJson;
  reply.body = std::move(body);
  return reply;
}

}  // namespace injector::webhook
