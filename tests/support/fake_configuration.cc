#include "tests/support/fake_configuration.h"

#include "k8s/base64.h"

namespace injector::test {
namespace {

constexpr const char* kPath =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/injector";

k8s::ApiReply Status(int status) {
  return {status, "", R"({"kind": "Status", "message": "scripted"})"};
}

int Take(std::deque<int>& statuses) {
  const int status = statuses.front();
  statuses.pop_front();
  return status;
}

}  // namespace

FakeConfiguration::FakeConfiguration() {
  object_ = nlohmann::json::parse(R"({"metadata": {"name": "injector"}, "webhooks": [
    {"name": "sidecar-injector.dapr.io", "failurePolicy": "Ignore",
     "clientConfig": {"service": {"namespace": "dapr-system", "name": "injector"}}}]})");
  Stamp();
}

void FakeConfiguration::SetBundle(const std::string& pem) {
  const std::lock_guard lock(mutex_);
  std::string encoded;
  k8s::AppendBase64(encoded, pem);
  object_["webhooks"][0]["clientConfig"]["caBundle"] = encoded;
  Stamp();
}

std::string FakeConfiguration::Bundle(std::size_t webhook) const {
  const std::lock_guard lock(mutex_);
  return *k8s::DecodeBase64(object_["webhooks"][webhook]["clientConfig"].value("caBundle", ""));
}

k8s::ApiResult<k8s::ApiReply> FakeConfiguration::Send(const k8s::ApiRequest& request) {
  std::unique_lock lock(mutex_);
  if (hangs_) {
    ++hanging_;
    changed_.notify_all();
    changed_.wait_until(lock, request.stop, request.deadline, [] { return false; });
    return k8s::ApiFail(k8s::ApiErrorKind::kTimeout, "scripted");
  }
  if (request.path != kPath || request.method != "PATCH") return Status(404);
  const bool write = request.content_type == "application/strategic-merge-patch+json";
  calls_.emplace_back(write ? "write" : "read");
  if (!refused_.empty()) return Status(Take(refused_));
  if (write && !refused_writes_.empty()) return Status(Take(refused_writes_));
  if (write && !Merge(nlohmann::json::parse(request.body))) return Status(409);
  k8s::ApiReply reply{200, "", object_.dump()};
  if (write && undone_) {
    for (auto& webhook : object_["webhooks"]) webhook["clientConfig"].erase("caBundle");
    Stamp();
  }
  return reply;
}

k8s::ApiResult<k8s::ApiReply> FakeConfiguration::Stream(
    const k8s::ApiRequest& request, std::chrono::milliseconds,
    const std::function<bool(std::string_view)>& on_line, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  calls_.emplace_back("watch");
  watch_times_.push_back(std::chrono::steady_clock::now());
  if (request.path.find("fieldSelector=metadata.name%3Dinjector&watch=true") == std::string::npos) {
    return Status(400);
  }
  if (watch_forbidden_) return Status(403);
  if (!watch_answers_.empty()) {
    k8s::ApiReply answer = std::move(watch_answers_.front());
    watch_answers_.pop_front();
    return answer;
  }
  const std::string key = "resourceVersion=";
  const std::size_t version = request.path.find(key);
  const bool from_version = version != std::string::npos;
  if (from_version && versions_forgotten_) return Status(410);
  lock.unlock();
  on_line("");
  lock.lock();
  int seen = from_version ? std::stoi(request.path.substr(version + key.size())) : -1;
  while (changed_.wait(lock, stop, [&] { return version_ > seen; }) && !stop.stop_requested()) {
    seen = version_;
    const nlohmann::json event = {{"type", "MODIFIED"}, {"object", object_}};
    lock.unlock();
    const bool more = on_line(event.dump());
    lock.lock();
    if (!more) break;
  }
  return k8s::ApiReply{200, "", ""};
}

void FakeConfiguration::Stamp() {
  object_["metadata"]["resourceVersion"] = std::to_string(++version_);
  changed_.notify_all();
}

bool FakeConfiguration::Merge(const nlohmann::json& patch) {
  if (patch["metadata"]["resourceVersion"] != object_["metadata"]["resourceVersion"]) {
    return false;
  }
  for (const auto& change : patch["webhooks"]) {
    for (auto& webhook : object_["webhooks"]) {
      if (webhook["name"] != change["name"]) continue;
      webhook["clientConfig"].merge_patch(change["clientConfig"]);
    }
  }
  ++writes_;
  write_times_.push_back(std::chrono::steady_clock::now());
  Stamp();
  return true;
}

}  // namespace injector::test
