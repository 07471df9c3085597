#include "webhook/cli/cluster_serve_source.h"

#include <algorithm>
#include <random>
#include <utility>

#include "k8s/curl_transport.h"
#include "k8s/in_cluster.h"
#include "k8s/kubeconfig.h"
#include "webhook/webhook_configuration.h"

namespace injector::webhook {
namespace {

Result<std::unique_ptr<k8s::ClusterConfig>> FindCluster(const ClusterOptions& options) {
  if (auto config = k8s::InClusterConfig::Find(options.environment)) return config;
  if (options.kubeconfig.empty()) {
    return Fail(ErrorKind::kCluster,
                "this is no pod of a cluster, and there is no kubeconfig: name one with "
                "--kubeconfig, or files with --resources");
  }
  auto config = k8s::Kubeconfig::Load({options.kubeconfig}, "");
  if (!config) {
    return Fail(ErrorKind::kCluster,
                "this is no pod of a cluster, and the kubeconfig cannot be "
                "used: " +
                    config.error().message);
  }
  return *std::move(config);
}

std::vector<const ComponentFeed*> Pointers(
    const std::vector<std::unique_ptr<ComponentFeed>>& feeds) {
  std::vector<const ComponentFeed*> pointers;
  pointers.reserve(feeds.size());
  for (const auto& feed : feeds) pointers.push_back(feed.get());
  return pointers;
}

std::string CheckOf(const std::string& namespace_name) {
  std::string name(kComponents);
  return namespace_name.empty() ? name : name + " of " + namespace_name;
}

}  // namespace

Result<std::unique_ptr<ClusterServeSource>> ClusterServeSource::Find(const ServeContext& context) {
  auto config = FindCluster(context.options.cluster);
  if (!config) return tl::unexpected(std::move(config).error());
  context.Say(LogLevel::kInfo, "cluster " + (*config)->Server());
  return std::unique_ptr<ClusterServeSource>(new ClusterServeSource(context, *std::move(config)));
}

ClusterServeSource::ClusterServeSource(const ServeContext& context,
                                       std::unique_ptr<k8s::ClusterConfig> config)
    : context_(context),
      config_(std::move(config)),
      transport_(std::make_unique<k8s::CurlTransport>(*config_, calls_.get_token())),
      counted_(*transport_, context.metrics),
      client_(counted_),
      surroundings_(context.options.common, MissingTrustAnchors::kNothing),
      feeds_(MakeFeeds()),
      lists_(client_, context.metrics),
      components_(Pointers(feeds_), lists_, context.options.cluster.freshness, context.metrics) {
  context_.health.Add(kControlPlane);
  for (const auto& feed : feeds_) context_.health.Add(CheckOf(feed->NamespaceName()));
  AddGauges();
}

// A server that says nothing does not hold up the end.
ClusterServeSource::~ClusterServeSource() {
  calls_.request_stop();
}

ClusterServeSource::Feeds ClusterServeSource::MakeFeeds() {
  std::vector<std::string> namespaces = context_.options.cluster.namespaces;
  if (namespaces.empty()) namespaces.emplace_back();
  std::sort(namespaces.begin(), namespaces.end());
  namespaces.erase(std::unique(namespaces.begin(), namespaces.end()), namespaces.end());
  Feeds feeds;
  for (const std::string& name : namespaces) {
    feeds.push_back(std::make_unique<ComponentFeed>(
        name, context_.metrics,
        [this, check = CheckOf(name)](const FeedReport& report) { Note(check, report); }));
  }
  return feeds;
}

void ClusterServeSource::Note(const std::string& check, const FeedReport& report) {
  context_.Say(report.level, check + ": " + report.message);
  context_.health.Note(check, report.trouble);
  if (report.answered) context_.health.Set(check, true);
}

void ClusterServeSource::AddGauges() {
  context_.metrics.AddSampled("component_injector_cache_components", "Components in memory.",
                              [this] {
                                double size = 0;
                                for (const auto& feed : feeds_)
                                  size += static_cast<double>(feed->Store().Size());
                                return size;
                              });
  context_.metrics.AddSampled(
      "component_injector_cache_age_seconds",
      "Time since anything was heard of the Components in memory; of several namespaces the "
      "longest.",
      [this] {
        std::chrono::duration<double> age{0};
        for (const auto& feed : feeds_) {
          age = std::max<std::chrono::duration<double>>(age, feed->Age());
        }
        return age.count();
      });
}

Result<void> ClusterServeSource::Start() {
  const auto tell = [this](const ReloadReport& report) { context_.Tell(report); };
  ReadResources(nullptr, surroundings_, tell);
  anchors_watch_.emplace(nullptr, surroundings_, tell);
  for (const auto& feed : feeds_) StartFeed(*feed);
  StartControlPlane();
  return {};
}

void ClusterServeSource::StartFeed(ComponentFeed& feed) {
  threads_.emplace_back([this, &feed](const std::stop_token& stop) {
    feed.Run(client_, {}, std::random_device()(), stop);
  });
}

void ClusterServeSource::StartControlPlane() {
  threads_.emplace_back([this](const std::stop_token& stop) {
    const ServeOptions& options = context_.options;
    ControlPlaneOptions wanted{options.common.settings.control_plane_namespace};
    wanted.asks_version = options.cluster.asks_version;
    wanted.seeks_dapr_injector = options.own_certificate.mutating_name != kDaprInjectorName;
    wanted.accounts = options.callers.LiteralAccounts();
    ControlPlaneWatch watch(client_, std::move(wanted), surroundings_, uids_,
                            [this](const ControlPlaneReport& report) { Tell(report); });
    watch.Run([this] { context_.health.Set(kControlPlane, true); }, stop);
  });
}

void ClusterServeSource::Tell(const ControlPlaneReport& report) {
  context_.Say(report.level, "control plane: " + report.message);
  if (report.note) context_.health.Note(kOtherInjector, *report.note);
}

}  // namespace injector::webhook
