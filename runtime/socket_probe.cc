#include "runtime/socket_probe.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <memory>
#include <string>

#include "runtime/reflection.h"
#include "runtime/socket_connect.h"

namespace injector::runtime {
namespace {

using Clock = std::chrono::system_clock;

std::string Milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

void Judge(SocketReport& report, Verdict verdict, std::string detail, std::string advice = "") {
  report.verdict = verdict;
  report.detail = std::move(detail);
  report.advice = std::move(advice);
}

void JudgeConnection(SocketReport& report, const ConnectError& error) {
  const std::string& path = report.entry.path;
  switch (error.fault) {
    case ConnectFault::kAbsent:
      return Judge(report, Verdict::kVanished, "the file vanished while it was asked");
    case ConnectFault::kRefused:
      return Judge(report, Verdict::kStale,
                   "nobody listens: a process that was killed left it behind",
                   "start the component again, or remove " + path);
    case ConnectFault::kDenied:
      return Judge(report, Verdict::kDenied,
                   "this user may not connect: mode " + ModeText(report.entry.mode) + " of user " +
                       std::to_string(report.entry.owner),
                   "chmod 0666 " + path + ", and let everybody enter its folders (x)");
    case ConnectFault::kTooLong:
      return Judge(report, Verdict::kPathTooLong, error.message, "a shorter folder or name");
    case ConnectFault::kNotAccepted:
      return Judge(report, Verdict::kMute, "it accepts no connection: its queue is full",
                   "the component is stuck; restart it");
    case ConnectFault::kOther:
      break;
  }
  Judge(report, Verdict::kUnreachable, error.message);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& path) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  return grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments);
}

void TakeServices(SocketReport& report, std::vector<std::string> services) {
  for (const KindNames& names : kKinds) {
    if (std::find(services.begin(), services.end(), names.service) != services.end())
      report.kinds.push_back(names.kind);
  }
  report.services = std::move(services);
}

// v1alpha has answered: what is left are the services and the mode.
void JudgeServices(SocketReport& report, const std::optional<User>& daprd) {
  if (report.kinds.empty())
    return Judge(report, Verdict::kNoComponent, "none of its services is a component's",
                 "register PubSub, StateStore, InputBinding, OutputBinding or SecretStore of "
                 "dapr.proto.components.v1");
  if (daprd && !MayConnect(report.entry, *daprd))
    return Judge(report, Verdict::kClosed,
                 "user " + std::to_string(daprd->uid) + ", daprd's, may not connect: mode " +
                     ModeText(report.entry.mode) + " of user " + std::to_string(report.entry.owner),
                 "chmod 0666 " + report.entry.path);
  if (report.component.empty())
    return Judge(report, Verdict::kNameless, "the file's name has nothing before its last dot",
                 "name it <component>.sock");
  Judge(report, Verdict::kServes, "answers");
}

// v1alpha has not answered.
void JudgeReflection(SocketReport& report, const Error& alpha, const ProbeOptions& options,
                     const std::shared_ptr<grpc::Channel>& channel) {
  auto services = ListServices(channel, kReflectionV1, Clock::now() + options.answer_timeout);
  if (services) {
    report.reflection = kReflectionV1;
    TakeServices(report, std::move(*services));
  }
  if (alpha.kind == ErrorKind::kTimeout)
    return Judge(
        report, Verdict::kReflectionMute,
        "reflection v1alpha does not answer within " + Milliseconds(options.answer_timeout),
        "the component is stuck; restart it");
  if (alpha.kind != ErrorKind::kUnimplemented)
    return Judge(report, Verdict::kReflectionFails, "reflection v1alpha failed: " + alpha.message,
                 "daprd needs grpc.reflection.v1alpha.ServerReflection to list the services");
  if (services)
    return Judge(report, Verdict::kV1Only, "it has reflection v1, and not v1alpha",
                 "serve grpc.reflection.v1alpha.ServerReflection too");
  Judge(report, Verdict::kNoReflection, "it has no reflection service",
        "serve grpc.reflection.v1alpha.ServerReflection");
}

void Ask(SocketReport& report, const ProbeOptions& options) {
  const auto begin = Clock::now();
  const auto connected = ConnectTo(report.entry.path, begin + options.connect_timeout);
  if (!connected) return JudgeConnection(report, connected.error());
  const auto channel = OpenChannel(report.entry.path);
  if (!channel->WaitForConnected(begin + options.connect_timeout))
    return Judge(report, Verdict::kMute,
                 "it accepts connections and does not answer as an HTTP/2 server within " +
                     Milliseconds(options.connect_timeout),
                 "the component is stuck or no gRPC server; restart it");
  auto services = ListServices(channel, kReflectionV1Alpha, Clock::now() + options.answer_timeout);
  report.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  if (!services) return JudgeReflection(report, services.error(), options, channel);
  report.reflection = kReflectionV1Alpha;
  TakeServices(report, std::move(*services));
  JudgeServices(report, options.daprd_user);
}

}  // namespace

SocketReport ProbeSocket(const FolderEntry& entry, const ProbeOptions& options) {
  SocketReport report;
  report.entry = entry;
  report.component = ComponentNameOf(entry.name);
  switch (entry.type) {
    case FileType::kSocket:
      Ask(report, options);
      break;
    case FileType::kVanished:
      Judge(report, Verdict::kVanished, "the file vanished while the folder was listed");
      break;
    case FileType::kLink:
      Judge(report, Verdict::kNotASocket, "a link: daprd follows none",
            "put the socket itself into the folder");
      break;
    case FileType::kFolder:
      Judge(report, Verdict::kNotASocket, "a folder: daprd does not look into it");
      break;
    case FileType::kOther:
      Judge(report, Verdict::kNotASocket, "no socket: daprd warns and passes over");
      break;
  }
  return report;
}

}  // namespace injector::runtime
