#include "runtime/topic_scopes.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace injector::runtime {
namespace {

constexpr char kAllowed[] = "allowedTopics";
constexpr char kProtected[] = "protectedTopics";
constexpr char kPublishing[] = "publishingScopes";
constexpr char kSubscription[] = "subscriptionScopes";
constexpr int kForbidden = 403;

bool SameLetters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The property without its spaces; "" when there is none.
std::string Property(const Properties& metadata, std::string_view property) {
  for (const auto& [name, value] : metadata) {
    if (!SameLetters(name, property)) continue;
    std::string text = value;
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
  }
  return "";
}

// The parts of a text that is not empty; "a," has two.
std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t begin = 0;
  for (auto end = text.find(separator); end != std::string::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// "app=" is a scope with the topic "" alone, which refuses every other.
std::vector<std::string> ScopeOf(const std::string& property, const std::string& app_id) {
  std::vector<std::string> topics;
  for (const std::string& app : Split(property, ';')) {
    const auto sides = Split(app, '=');
    if (sides.size() < 2 || sides[0] != app_id) continue;
    if (sides[1].empty()) topics.emplace_back();
    for (std::string& topic : Split(sides[1], ',')) topics.push_back(std::move(topic));
  }
  return topics;
}

bool Contains(const std::vector<std::string>& topics, const std::string& topic) {
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

std::string Joined(const std::vector<std::string>& topics) {
  std::string text;
  for (const std::string& topic : topics) {
    if (topic.empty()) continue;
    text += (text.empty() ? "" : ", ") + topic;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

TopicScopes::TopicScopes(const Properties& metadata, std::string app_id, std::string prefix)
    : app_id_(std::move(app_id)),
      prefix_(std::move(prefix)),
      allowed_(Split(Property(metadata, kAllowed), ',')),
      protected_(Split(Property(metadata, kProtected), ',')),
      publishing_(ScopeOf(Property(metadata, kPublishing), app_id_)),
      subscribing_(ScopeOf(Property(metadata, kSubscription), app_id_)) {}

Result<std::string> TopicScopes::Check(const std::string& topic, const Scope& scope) const {
  const auto refuse = [&](const std::string& why) {
    Error error{ErrorKind::kLimit,
                "app id " + app_id_ + " may not " + scope.action + " topic " + topic + ": " + why};
    error.http_code = kForbidden;
    return tl::unexpected(std::move(error));
  };
  if (!allowed_.empty() && !Contains(allowed_, topic))
    return refuse("allowedTopics are " + Joined(allowed_) + "; add it there, or use one of them");
  const bool guarded = Contains(protected_, topic);
  if (Contains(scope.topics, topic) || (!guarded && scope.topics.empty())) return prefix_ + topic;
  const std::string add = "; add " + app_id_ + "=" + topic + " to " + scope.property;
  if (scope.topics.empty())
    return refuse("protectedTopics names it, and " + std::string(scope.property) +
                  " gives this application nothing" + add);
  return refuse(std::string(scope.property) + " gives this application: " + Joined(scope.topics) +
                add);
}

Result<std::string> TopicScopes::ForPublishing(const std::string& topic) const {
  return Check(topic, {kPublishing, "publish to", publishing_});
}

Result<std::string> TopicScopes::ForSubscribing(const std::string& topic) const {
  return Check(topic, {kSubscription, "subscribe to", subscribing_});
}

std::string TopicScopes::OfDelivery(const std::string& topic) const {
  return topic.starts_with(prefix_) ? topic.substr(prefix_.size()) : topic;
}

}  // namespace injector::runtime
