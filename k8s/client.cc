#include "k8s/client.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace injector::k8s {
namespace {

using nlohmann::json;

ApiErrorKind KindOf(int status) {
  switch (status) {
    case 401:
      return ApiErrorKind::kUnauthorized;
    case 403:
      return ApiErrorKind::kForbidden;
    case 404:
      return ApiErrorKind::kNotFound;
    case 409:
      return ApiErrorKind::kConflict;
    case 410:
      return ApiErrorKind::kGone;
    case 429:
      return ApiErrorKind::kTooManyRequests;
    default:
      return status >= 500 ? ApiErrorKind::kServerError : ApiErrorKind::kRefused;
  }
}

std::string TextMember(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Of a metav1.Status or of what some proxy says: bounded, on one line.
std::string MessageOf(const std::string& body) {
  constexpr std::size_t kShown = 300;
  const json status = json::parse(body, nullptr, /*allow_exceptions=*/false);
  std::string message = TextMember(status, "message");
  if (message.empty()) message = body;
  if (message.size() > kShown) message.resize(kShown);
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return message;
}

std::optional<std::chrono::milliseconds> RetryAfter(const std::string& text) {
  constexpr int kLongest = 300;
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end == text.data() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kLongest));
}

// What was asked for, without the query: "GET /api/v1/...".
std::string NameOf(const ApiRequest& request) {
  return request.method + " " + request.path.substr(0, request.path.find('?'));
}

ApiError ErrorOf(const ApiRequest& request, const ApiReply& reply) {
  return {KindOf(reply.status),
          NameOf(request) + ": " + std::to_string(reply.status) + " " + MessageOf(reply.body),
          reply.status, RetryAfter(reply.retry_after)};
}

ApiResult<json> ParseObject(const ApiRequest& request, const std::string& body) {
  json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (object.is_object()) return object;
  return ApiFail(ApiErrorKind::kBadReply, NameOf(request) + ": the answer is no JSON object");
}

std::string WithQuery(std::string_view path, const std::string& query) {
  std::string whole(path);
  whole += path.find('?') == std::string_view::npos ? '?' : '&';
  return whole + query;
}

// RFC 3986: everything but unreserved characters as %XX.
std::string Escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string escaped;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      escaped += c;
      continue;
    }
    escaped += '%';
    escaped += kHex[static_cast<unsigned char>(c) >> 4U];
    escaped += kHex[static_cast<unsigned char>(c) & 0xFU];
  }
  return escaped;
}

std::string ListMetadata(const json& list, const char* key) {
  const auto metadata = list.find("metadata");
  return metadata == list.end() ? std::string() : TextMember(*metadata, key);
}

std::string PageQuery(int limit, const std::string& token) {
  const std::string query = "limit=" + std::to_string(limit);
  return token.empty() ? query : query + "&continue=" + Escaped(token);
}

// "shop/redis"
std::string TitleOf(const json& object) {
  const std::string namespace_name = ListMetadata(object, "namespace");
  return (namespace_name.empty() ? "" : namespace_name + "/") + ListMetadata(object, "name");
}

// Hands out the objects of a list while its text is read, so that of them only one is there as
// parsed JSON, which can take ten times its text. None is, when the text is no JSON.
// Out: the rest of the list.
ApiResult<json> ReadList(const ApiRequest& request, const std::string& body,
                         const std::function<void(json)>& on_object) {
  constexpr int kMembers = 1;
  constexpr int kElements = 2;
  if (!json::accept(body)) return ParseObject(request, body);
  bool in_items = false;
  const auto visit = [&](int depth, json::parse_event_t event, json& value) {
    if (depth == kMembers && event == json::parse_event_t::key) in_items = value == "items";
    if (!in_items || depth != kElements || event != json::parse_event_t::object_end) return true;
    on_object(std::exchange(value, nullptr));
    return false;
  };
  return json::parse(body, visit, /*allow_exceptions=*/false);
}

// After its objects were handed out.
bool IsList(const json& list) {
  if (!list.is_object()) return false;
  const auto items = list.find("items");
  return items != list.end() && (items->is_array() || items->is_null()) && items->empty();
}

ApiError UnusableAlone(ApiError error, const std::string& last) {
  error.message += ", though one object was asked for: ";
  error.message += last.empty() ? "the first" : "the one that follows " + last;
  return error;
}

// One line of a watch: {"type": "...", "object": {...}}.
struct WatchLine {
  std::string type;
  json object;
};

ApiResult<WatchLine> ParseLine(const ApiRequest& request, std::string_view line) {
  json event = json::parse(line, nullptr, /*allow_exceptions=*/false);
  std::string type = TextMember(event, "type");
  if (type.empty() || !event.contains("object")) {
    return ApiFail(ApiErrorKind::kBadReply, NameOf(request) + ": a line is no watch event");
  }
  if (type != "ERROR") return WatchLine{std::move(type), std::move(event["object"])};
  const json& status = event["object"];
  const auto code = status.is_object() ? status.find("code") : status.end();
  const int number = code != status.end() && code->is_number_integer() ? code->get<int>() : 500;
  return tl::unexpected(ErrorOf(request, {number, "", status.dump()}));
}

}  // namespace

ApiResult<std::string> Client::Send(const ApiRequest& request) {
  auto reply = transport_.Send(request);
  if (!reply) return tl::unexpected(std::move(reply).error());
  if (reply->status != 200) return tl::unexpected(ErrorOf(request, *reply));
  return std::move(reply->body);
}

ApiResult<json> Client::Get(std::string_view path, Deadline deadline) {
  const ApiRequest request{"GET", std::string(path), "", "", deadline};
  const auto body = Send(request);
  if (!body) return tl::unexpected(body.error());
  return ParseObject(request, *body);
}

ApiResult<ObjectList> Client::List(std::string_view path, int page_size, Deadline deadline) {
  ObjectList list;
  auto version = ListEach(path, page_size, deadline,
                          [&](json object) { list.items.push_back(std::move(object)); });
  if (!version) return tl::unexpected(version.error());
  list.resource_version = *std::move(version);
  return list;
}

ApiResult<std::string> Client::ListEach(std::string_view path, int page_size, Deadline deadline,
                                        const std::function<void(json)>& on_object) {
  int limit = page_size;
  std::string token;
  std::string last;
  const auto hand_out = [&](json object) {
    last = TitleOf(object);
    on_object(std::move(object));
  };
  while (true) {
    const ApiRequest request{"GET", WithQuery(path, PageQuery(limit, token)), "", "", deadline};
    const auto body = Send(request);
    auto page = body ? ReadList(request, *body, hand_out) : tl::unexpected(body.error());
    const bool unusable = !page && page.error().kind == ApiErrorKind::kBadReply;
    if (unusable && limit > 1) {
      limit /= 2;  // it may have been too long
      continue;
    }
    if (unusable) return tl::unexpected(UnusableAlone(std::move(page.error()), last));
    if (!page) return tl::unexpected(page.error());
    if (!IsList(*page)) {
      return ApiFail(ApiErrorKind::kBadReply, NameOf(request) + ": the answer is no list");
    }
    token = ListMetadata(*page, "continue");
    if (token.empty()) return ListMetadata(*page, "resourceVersion");
  }
}

ApiResult<void> Client::Watch(std::string_view path, const WatchOptions& options,
                              const std::function<bool(std::string_view, json)>& on_event,
                              std::stop_token stop) {
  std::string query = "watch=true&allowWatchBookmarks=true&timeoutSeconds=" +
                      std::to_string(options.timeout.count());
  if (!options.resource_version.empty()) {
    query += "&resourceVersion=" + Escaped(options.resource_version);
  }
  if (options.send_initial_events) {
    query += "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  }
  const ApiRequest request{"GET", WithQuery(path, query), "", "",
                           std::chrono::steady_clock::now() + options.silence};
  std::optional<ApiError> fault;
  const auto on_line = [&](std::string_view line) {
    if (line.empty()) {
      if (options.on_open) options.on_open();
      return true;
    }
    auto event = ParseLine(request, line);
    if (!event) {
      fault = std::move(event.error());
      return false;
    }
    return on_event(event->type, std::move(event->object));
  };
  const auto reply = transport_.Stream(request, options.silence, on_line, std::move(stop));
  if (fault) return tl::unexpected(*std::move(fault));
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status != 200) return tl::unexpected(ErrorOf(request, *reply));
  return {};
}

ApiResult<json> Client::Patch(std::string_view path, const ObjectPatch& patch, Deadline deadline,
                              std::stop_token stop) {
  const char* type = patch.type == PatchType::kJson ? "application/json-patch+json"
                                                    : "application/strategic-merge-patch+json";
  const ApiRequest request{"PATCH", std::string(path), type, patch.text, deadline, std::move(stop)};
  const auto body = Send(request);
  if (!body) return tl::unexpected(body.error());
  return ParseObject(request, *body);
}

}  // namespace injector::k8s
