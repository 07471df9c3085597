#include "webhook/counted_transport.h"

#include <utility>
#include <vector>

namespace injector::webhook {
namespace {

std::vector<std::string_view> PartsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

int CodeOf(const k8s::ApiResult<k8s::ApiReply>& reply) {
  return reply ? reply->status : 0;
}

}  // namespace

ApiCall DescribeApiCall(const k8s::ApiRequest& request) {
  const std::string_view whole = request.path;
  const std::string_view path = whole.substr(0, whole.find('?'));
  const std::string_view method = request.method == "PATCH" ? "patch" : "get";
  const std::vector<std::string_view> parts = PartsOf(path);
  // /api/v1/..., /apis/GROUP/VERSION/...
  std::size_t at = !parts.empty() && parts.front() == "apis" ? 3 : 2;
  if (parts.size() <= at) return {method, path};
  if (parts[at] == "namespaces" && parts.size() > at + 2) at += 2;
  const bool is_collection = parts.size() == at + 1;
  if (method != "get" || !is_collection) return {method, parts[at]};
  return {whole.find("watch=true", path.size()) == std::string_view::npos ? "list" : "watch",
          parts[at]};
}

k8s::ApiResult<k8s::ApiReply> CountedTransport::Send(const k8s::ApiRequest& request) {
  auto reply = transport_.Send(request);
  const ApiCall call = DescribeApiCall(request);
  recorder_.ApiCalled(call.verb, call.resource, CodeOf(reply));
  return reply;
}

k8s::ApiResult<k8s::ApiReply> CountedTransport::Stream(
    const k8s::ApiRequest& request, std::chrono::milliseconds silence,
    const std::function<bool(std::string_view line)>& on_line, std::stop_token stop) {
  constexpr int kOk = 200;
  const ApiCall call = DescribeApiCall(request);
  bool counted = false;
  const auto count = [&](int code) {
    if (!std::exchange(counted, true)) recorder_.ApiCalled(call.verb, call.resource, code);
  };
  auto reply = transport_.Stream(
      request, silence,
      [&](std::string_view line) {
        count(kOk);
        return on_line(line);
      },
      std::move(stop));
  count(CodeOf(reply));
  return reply;
}

}  // namespace injector::webhook
