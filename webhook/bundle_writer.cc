#include "webhook/bundle_writer.h"

#include <algorithm>
#include <utility>

#include "k8s/pause.h"
#include "webhook/webhook_configuration.h"

namespace injector::webhook {
namespace {

using k8s::ApiError;
using k8s::ApiErrorKind;
using k8s::ApiResult;
using nlohmann::json;

// Twenty replicas that begin at once need up to twelve.
constexpr int kMostTries = 30;

ApiError WithAdvice(ApiError error, const BundleTarget& target) {
  if (error.kind == ApiErrorKind::kForbidden) {
    error.message +=
        "; add to the ClusterRole: {apiGroups: [admissionregistration.k8s.io], resources: [" +
        target.resource + "], resourceNames: [" + target.name +
        "], verbs: [get, list, watch, patch]}";
  }
  return error;
}

}  // namespace

std::string BundleTarget::Collection() const {
  return "/apis/admissionregistration.k8s.io/v1/" + resource;
}

BundleWriter::BundleWriter(k8s::Client& client, BundleTarget target, BundleListener& listener,
                           const BundleTimes& times)
    : client_(client),
      target_(std::move(target)),
      listener_(listener),
      times_(times),
      random_(std::random_device{}()) {}

ApiResult<json> BundleWriter::Patch(const k8s::ObjectPatch& patch, const Limits& limits) {
  const auto deadline = std::min(limits.last, std::chrono::steady_clock::now() + times_.call);
  auto object =
      client_.Patch(target_.Collection() + "/" + target_.name, patch, deadline, limits.stop);
  if (!object) return tl::unexpected(WithAdvice(std::move(object).error(), target_));
  return object;
}

ApiResult<BundleWriter::Tried> BundleWriter::Try(const BundleWish& wish, const Limits& limits,
                                                 json& object) {
  auto read = Patch({k8s::PatchType::kJson, "[]"}, limits);
  if (!read) return tl::unexpected(std::move(read).error());
  object = *std::move(read);
  const auto change =
      ChangeBundles(object, target_.service, wish, std::chrono::system_clock::now());
  if (!change) {
    return k8s::ApiFail(ApiErrorKind::kRefused, target_.Title() + ": " + change.error().Text());
  }
  if (!*change) return Tried::kDone;
  auto written = Patch({k8s::PatchType::kStrategicMerge, (*change)->patch}, limits);
  if (!written && written.error().kind == ApiErrorKind::kConflict) return Tried::kConflict;
  if (!written) return tl::unexpected(std::move(written).error());
  object = *std::move(written);
  ++writes_;
  listener_.Written((*change)->bundle);
  return Tried::kDone;
}

ApiResult<json> BundleWriter::Write(const BundleWish& wish, k8s::Deadline last,
                                    const std::stop_token& stop) {
  std::uniform_int_distribution<long> jitter(0, times_.conflict_jitter.count());
  for (int i = 0; i < kMostTries && !stop.stop_requested(); ++i) {
    json object;
    const auto tried = Try(wish, {last, stop}, object);
    if (!tried) return tl::unexpected(tried.error());
    if (*tried == Tried::kDone) return object;
    listener_.Conflict();
    k8s::Pause(std::chrono::milliseconds(jitter(random_)), stop);
  }
  return k8s::ApiFail(ApiErrorKind::kConflict,
                      target_.Title() + ": somebody else changed it before each of our tries");
}

}  // namespace injector::webhook
