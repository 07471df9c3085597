#include "webhook/cli/review.h"

#include <chrono>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "webhook/cli/option_reader.h"
#include "webhook/handler.h"
#include "webhook/resource_files.h"
#include "webhook/resource_watch.h"
#include "webhook/surroundings.h"

namespace injector::webhook {
namespace {

constexpr std::size_t kLargestReview = std::size_t{8} << 20;  // the webhook's own limit

// The text of `in`, one byte more than allowed when it is too long.
std::string ReadText(std::istream& in) {
  std::string text(kLargestReview + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

HttpReply Ask(AdmissionHandler& handler, std::string_view body) {
  constexpr std::chrono::seconds kTimeout{10};
  HttpRequest request;
  request.method = "POST";
  request.path = "/mutate";
  request.content_type = "application/json";
  request.body = body;
  request.deadline = std::chrono::steady_clock::now() + kTimeout;
  return handler.Handle(request);
}

}  // namespace

int RunReview(const ReviewOptions& options, std::istream& in, std::ostream& out,
              std::ostream& err) {
  ResourceFiles resources(options.common.resources);
  FileSurroundings surroundings(options.common, MissingTrustAnchors::kPlaceholder);
  bool readable = true;
  ReadResources(&resources, surroundings, [&](const ReloadReport& report) {
    if (report.good) return;
    const bool fatal = report.what == "resources";
    readable = readable && !fatal;
    err << (fatal ? "" : "warning: no trust anchors, the answer holds a placeholder: ")
        << report.message << '\n';
  });
  if (!readable) return kExitUsage;
  const std::string body = ReadText(in);
  if (body.size() > kLargestReview) {
    err << "the review is longer than " << kLargestReview << " bytes\n";
    return kExitUsage;
  }
  NoRecorder recorder;
  Log log = Log::Silent();
  AdmissionHandler handler(
      {options.common.settings, options.callers, resources, surroundings, recorder, log});
  constexpr int kOk = 200;
  const HttpReply reply = Ask(handler, body);
  if (reply.status != kOk) {
    err << reply.body;
    return kExitUsage;
  }
  out << reply.body << std::flush;
  return kExitDone;
}

}  // namespace injector::webhook
