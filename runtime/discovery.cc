#include "runtime/discovery.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace injector::runtime {
namespace {

constexpr std::size_t kMaxThreads = 64;

const SocketReport* KnownBefore(const Discovery* before, const FolderEntry& entry) {
  if (before == nullptr) return nullptr;
  for (const SocketReport& report : before->sockets) {
    if (report.verdict == Verdict::kServes && report.entry.name == entry.name &&
        report.entry.identity == entry.identity)
      return &report;
  }
  return nullptr;
}

std::size_t CountServing(const Discovery& discovery) {
  return static_cast<std::size_t>(
      std::count_if(discovery.sockets.begin(), discovery.sockets.end(),
                    [](const SocketReport& report) { return report.verdict == Verdict::kServes; }));
}

std::string NamesOfKind(const Discovery& discovery, Kind kind) {
  std::string names;
  for (const SocketReport& report : discovery.sockets) {
    if (std::find(report.kinds.begin(), report.kinds.end(), kind) != report.kinds.end())
      names += (names.empty() ? "" : ", ") + report.component;
  }
  return names.empty() ? "none" : names;
}

std::string CountText(std::size_t components) {
  return std::to_string(components) + (components == 1 ? " component" : " components");
}

}  // namespace

Result<Discovery> Discover(const std::string& folder, const ProbeOptions& options,
                           const Discovery* before) {
  if (!folder.starts_with('/'))
    return Fail(ErrorKind::kManifest, "socket folder \"" + folder +
                                          "\" is not absolute; gRPC cannot connect below it: begin "
                                          "it with /");
  const auto entries = ListFolder(folder);
  if (!entries) return tl::unexpected(entries.error());
  Discovery discovery{folder, std::vector<SocketReport>(entries->size())};
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < entries->size(); i = next++) {
      const SocketReport* known = KnownBefore(before, (*entries)[i]);
      discovery.sockets[i] = known != nullptr ? *known : ProbeSocket((*entries)[i], options);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(entries->size(), kMaxThreads); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return discovery;
}

DaprdOutcome PredictDaprd(const Discovery& discovery) {
  const std::size_t count = CountServing(discovery);
  const std::string serving = CountText(count);
  for (const SocketReport& report : discovery.sockets) {
    const DaprdEffect effect = EffectOf(report.verdict);
    if (effect == DaprdEffect::kHangs)
      return {effect, "daprd would hang on " + report.entry.name + " for ever" +
                          (count == 0 ? "" : " and find none of " + serving + " in the folder")};
    if (effect == DaprdEffect::kAborts)
      return {effect,
              "daprd would give up its search at " + report.entry.name +
                  (count == 0 ? "" : " and register none of " + serving + " in the folder")};
  }
  return {DaprdEffect::kRegisters, "daprd would register " + serving};
}

const SocketReport* FindComponent(const Discovery& discovery, Kind kind,
                                  const std::string& component) {
  const SocketReport* found = nullptr;
  for (const SocketReport& report : discovery.sockets) {
    const bool has =
        std::find(report.kinds.begin(), report.kinds.end(), kind) != report.kinds.end();
    if (has && report.component == component) found = &report;
  }
  return found;
}

std::string WhyNotFound(const Discovery& discovery, Kind kind, const std::string& component) {
  const std::string wanted = std::string(NamesOf(kind).name) + " as " + component;
  for (const SocketReport& report : discovery.sockets) {
    if (report.component != component) continue;
    const std::string socket = report.entry.path + " does not serve " + wanted + ": ";
    if (report.verdict == Verdict::kServes || report.verdict == Verdict::kClosed)
      return socket + "register " + std::string(NamesOf(kind).service) + " in the component";
    return socket + report.detail + (report.advice.empty() ? "" : "; do: " + report.advice);
  }
  return "no socket in " + discovery.folder + " serves " + wanted +
         "; those that do: " + NamesOfKind(discovery, kind) +
         "; start the component with DAPR_COMPONENTS_SOCKETS_FOLDER=" + discovery.folder +
         ", or name its folder with --folder";
}

}  // namespace injector::runtime
