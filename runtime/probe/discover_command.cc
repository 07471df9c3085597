#include "runtime/probe/discover_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "runtime/discovery.h"
#include "runtime/folder_watch.h"

namespace injector::runtime {
namespace {

std::string TimeText(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(time.count()) / 1000);
  return text.data();
}

Tint TintOf(Verdict verdict) {
  if (verdict == Verdict::kServes) return Tint::kGood;
  return IsBroken(verdict) ? Tint::kBad : Tint::kDoubtful;
}

nlohmann::ordered_json ToJson(const SocketReport& report) {
  nlohmann::ordered_json value;
  value["socket"] = report.entry.path;
  value["component"] = report.component;
  value["state"] = WordOf(report.verdict);
  value["kinds"] = nlohmann::ordered_json::array();
  for (const Kind kind : report.kinds) value["kinds"].push_back(NamesOf(kind).name);
  value["services"] = report.services;
  value["reflection"] = report.reflection;
  value["mode"] = ModeText(report.entry.mode);
  value["owner"] = report.entry.owner;
  value["milliseconds"] = static_cast<double>(report.took.count()) / 1000;
  value["detail"] = report.detail;
  value["advice"] = report.advice;
  value["daprd"] = WordOf(EffectOf(report.verdict));
  return value;
}

nlohmann::ordered_json ToJson(const Discovery& discovery, const DaprdOutcome& outcome) {
  nlohmann::ordered_json value;
  value["folder"] = discovery.folder;
  value["sockets"] = nlohmann::ordered_json::array();
  for (const SocketReport& report : discovery.sockets) value["sockets"].push_back(ToJson(report));
  value["daprd"] = WordOf(outcome.effect);
  value["sentence"] = outcome.sentence;
  return value;
}

void PrintTable(const Discovery& discovery, const Screen& screen) {
  Table table({"SOCKET", "KINDS", "REFLECTION", "TIME", "MODE", "STATE"});
  for (const SocketReport& report : discovery.sockets) {
    const std::string kinds = KindsText(report.kinds);
    table.Add({{report.entry.name},
               {kinds.empty() ? "-" : kinds},
               {report.reflection.empty() ? "-" : report.reflection},
               {report.took.count() == 0 ? "-" : TimeText(report.took)},
               {ModeText(report.entry.mode)},
               {std::string(WordOf(report.verdict)), TintOf(report.verdict)}});
  }
  table.Print(screen);
}

void Print(const Discovery& discovery, const Screen& screen) {
  const DaprdOutcome outcome = PredictDaprd(discovery);
  if (screen.json) return screen.Line(ToJson(discovery, outcome));
  if (discovery.sockets.empty()) {
    std::error_code ignored;
    const bool there = std::filesystem::exists(discovery.folder, ignored);
    screen.out << "no sockets in " << discovery.folder << (there ? "" : ", which does not exist")
               << "; daprd would find no component; start one with DAPR_COMPONENTS_SOCKETS_FOLDER="
               << discovery.folder << '\n'
               << std::flush;
    return;
  }
  PrintTable(discovery, screen);
  for (const SocketReport& report : discovery.sockets) {
    if (report.verdict == Verdict::kServes) continue;
    screen.out << report.entry.name << ": " << report.detail << "; daprd "
               << WordOf(EffectOf(report.verdict)) << '\n';
    if (!report.advice.empty()) screen.out << "  do: " << report.advice << '\n';
  }
  const bool good = outcome.effect == DaprdEffect::kRegisters;
  screen.out << screen.Tinted(outcome.sentence, good ? Tint::kGood : Tint::kBad) << '\n'
             << std::flush;
}

bool AnyBroken(const Discovery& discovery) {
  return std::any_of(discovery.sockets.begin(), discovery.sockets.end(),
                     [](const SocketReport& report) { return IsBroken(report.verdict); });
}

}  // namespace

std::string KindsText(const std::vector<Kind>& kinds) {
  std::string text;
  for (const Kind kind : kinds) {
    if (!text.empty()) text += ", ";
    text += NamesOf(kind).name;
  }
  return text;
}

int RunDiscover(const Arguments& arguments, const Screen& screen) {
  constexpr std::chrono::hours kLongest(24);
  FolderWatch watch(arguments.folder);
  screen.Progress("asking the sockets in " + arguments.folder);
  auto discovery = Discover(arguments.folder, arguments.probe);
  screen.Progress("");
  if (!discovery) return screen.Fault(discovery.error().message);
  Print(*discovery, screen);
  while (arguments.watch) {
    if (!watch.Wait(kLongest)) continue;
    auto again = Discover(arguments.folder, arguments.probe, &*discovery);
    if (!again) return screen.Fault(again.error().message);
    discovery = std::move(again);
    Print(*discovery, screen);
  }
  return AnyBroken(*discovery) ? kExitFailed : kExitDone;
}

}  // namespace injector::runtime
