#include "runtime/probe/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>

#include "k8s/go_duration.h"
#include "runtime/probe/screen.h"

namespace injector::runtime {
namespace {

constexpr char kIntroduction[] =
    "Finds Dapr's pluggable components and calls them as daprd does, without daprd.";
constexpr char kFooter[] =
    "Sockets are looked for in --folder, DAPR_COMPONENTS_SOCKETS_FOLDER,\n"
    "DAPR_COMPONENT_SOCKETS_FOLDER or /tmp/dapr-components-sockets.\n"
    "Exit codes: 0 done; 1 something is broken or a call failed; 2 wrong usage.\n"
    "component-probe COMMAND --help explains each command.";

// Reads "65532", "65532:65532" or "self".
std::string TakeUser(const std::string& text, ProbeOptions& probe) {
  if (text == "self") {
    probe.daprd_user.reset();
    return "";
  }
  User user{0, 0};
  const char* const end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, user.uid);
  user.gid = user.uid;
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == ':')
    read = std::from_chars(read.ptr + 1, end, user.gid);
  if (read.ec != std::errc() || read.ptr != end) return "expected UID, UID:GID or self";
  probe.daprd_user = user;
  return "";
}

CLI::Option* AddDuration(CLI::App& app, const std::string& name, const std::string& text,
                         std::chrono::milliseconds& target) {
  return app
      .add_option(
          name,
          [&target](const CLI::results_t& values) {
            const auto duration = k8s::ParseGoDuration(values.at(0));
            if (!duration || duration->count() <= 0)
              throw CLI::ValidationError("\"" + values[0] + "\" is no duration like 500ms or 5s");
            target = std::chrono::ceil<std::chrono::milliseconds>(*duration);
            return true;
          },
          text)
      ->type_name("DURATION");
}

void AddCommon(CLI::App& app, Arguments& arguments) {
  app.add_option(
         "-o,--output",
         [&arguments](const CLI::results_t& values) {
           if (values.at(0) != "json" && values[0] != "text")
             throw CLI::ValidationError("-o takes text or json");
           arguments.json = values[0] == "json";
           return true;
         },
         "text, or json for programs")
      ->type_name("FORMAT");
  app.add_option("--folder", arguments.folder, "folder of the sockets")
      ->type_name("DIR")
      ->take_last();
  app.add_flag("--no-color", arguments.no_colour, "no colours (so does NO_COLOR)");
}

void AddDiscover(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "discover", "asks every socket what it serves, and says what daprd would do about it");
  AddCommon(command, arguments);
  AddDuration(command, "--connect-timeout", "until a connection stands; 3s by default",
              arguments.probe.connect_timeout);
  AddDuration(command, "--answer-timeout", "until the services are listed; 2s by default",
              arguments.probe.answer_timeout);
  command
      .add_option(
          "--daprd-user",
          [&arguments](const CLI::results_t& values) {
            const std::string fault = TakeUser(values.at(0), arguments.probe);
            if (!fault.empty()) throw CLI::ValidationError("--daprd-user: " + fault);
            return true;
          },
          "who must be able to connect; 65532 by default, as in Dapr's image")
      ->type_name("UID[:GID]|self");
  command.add_flag("--watch", arguments.watch, "look again when the folder changes, until stopped");
  command.footer(
      "\nStates: serves (daprd finds it); stale, mute, denied, closed (daprd hangs on it);\n"
      "v1-only, no-reflection (daprd gives up, and finds none at all); no-component.\n"
      "Exit code 1 when any socket is broken. Explanations: docs/runtime.md.\n\n"
      "  component-probe discover\n"
      "  component-probe discover --folder /run/sockets --daprd-user self -o json");
  command.callback([&arguments] { arguments.command = Command::kDiscover; });
}

void AddResources(CLI::App& command, Arguments& arguments) {
  command.add_option("--resources", arguments.resources, "folder of manifests; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_flag("--from-cluster", arguments.from_cluster, "manifests of a cluster's namespace");
  command.add_option("--kubeconfig", arguments.cluster.kubeconfig, "KUBECONFIG by default")
      ->type_name("FILE");
  command.add_option("--context", arguments.cluster.context, "the current one by default")
      ->type_name("NAME");
  command.add_option("-n,--namespace", arguments.cluster.name_space, "the context's by default")
      ->type_name("NAME");
  command.add_option("--app-id", arguments.app_id, "the application's id; probe by default")
      ->type_name("ID");
}

void AddRun(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "run", "loads and initialises all Components of a folder in daprd's order");
  AddCommon(command, arguments);
  AddResources(command, arguments);
  command.get_option("--app-id")->required();
  command.add_flag("--watch", arguments.watch,
                   "stay, and follow manifests, sockets and restarts until stopped");
  command.footer(
      "\nOne line for each manifest: ready; failed (and whether daprd would exit); parked (its\n"
      "secret store is not there); skipped (scopes, namespace); invalid; with --watch also lost\n"
      "(its component has gone) and closed (its manifest has). Exit code 1 unless all are\n"
      "ready or skipped. The variables NAMESPACE and POD_NAME are daprd's.\n\n"
      "  component-probe run --resources components/ --app-id orders");
  command.callback([&arguments] {
    if (arguments.resources.empty() && !arguments.from_cluster)
      throw CLI::RequiredError("--resources or --from-cluster");
    arguments.command = Command::kRun;
  });
}

// "name=value" pairs.
void AddPairs(CLI::App& command, const std::string& flag, const std::string& text,
              Properties& target) {
  command
      .add_option(
          flag,
          [&target](const CLI::results_t& values) {
            for (const std::string& pair : values) {
              const auto equals = pair.find('=');
              if (equals == std::string::npos || equals == 0)
                throw CLI::ValidationError("\"" + pair + "\" is not NAME=VALUE");
              target[pair.substr(0, equals)] = pair.substr(equals + 1);
            }
            return true;
          },
          text)
      ->type_name("NAME=VALUE")
      ->type_size(1)
      ->expected(-1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

struct CallHelp {
  Command command;
  const char* name;
  const char* text;
  std::vector<std::string_view> words;  // behind NAME; one that may be left out is in brackets
  const char* example;
};

const std::vector<CallHelp>& CallHelps() {
  static const std::vector<CallHelp> kHelps = {
      {Command::kPublish,
       "publish",
       "publishes one message",
       {"TOPIC", "DATA"},
       "publish memory-example orders '{\"id\": 1}' --content-type application/json"},
      {Command::kSubscribe,
       "subscribe",
       "prints and acknowledges the messages of a topic",
       {"TOPIC"},
       "subscribe memory-example orders --count 10"},
      {Command::kGet,
       "get",
       "reads a key; the key goes as it is, without daprd's prefix",
       {"KEY"},
       "get sqlite-example 'orders||cart' --init path=state.db"},
      {Command::kSet,
       "set",
       "writes a key",
       {"KEY", "VALUE"},
       "set smallest cart '{\"apples\": 3}' --etag 7"},
      {Command::kDelete, "delete", "deletes a key", {"KEY"}, "delete smallest cart --etag 7"},
      {Command::kQuery,
       "query",
       "finds values; a query as Dapr's API takes it",
       {"QUERY"},
       "query sqlite-example '{\"filter\": {\"EQ\": {\"city\": \"Rome\"}}}'"},
      {Command::kInvoke,
       "invoke",
       "calls an output binding",
       {"OPERATION", "[DATA]"},
       "invoke file-example create 'a line' --init path=out.log"},
      {Command::kRead,
       "read",
       "prints and acknowledges the events of an input binding",
       {},
       "read timer-example --init interval=500 --count 3"},
      {Command::kSecret,
       "secret",
       "reads one secret, or all",
       {"[KEY]"},
       "secret yaml-example db --init secretsFile=secrets.yaml"},
  };
  return kHelps;
}

bool IsStream(Command command) {
  return command == Command::kSubscribe || command == Command::kRead;
}

void AddCallFlags(CLI::App& command, const CallHelp& help, Arguments& arguments) {
  AddResources(command, arguments);
  command.add_option("--instance", arguments.instance, "name of the instance; NAME by default")
      ->type_name("TEXT");
  AddPairs(command, "--init", "metadata for Init, as in a manifest; repeatable", arguments.init);
  AddPairs(command, "--metadata", "metadata of the call; repeatable", arguments.metadata);
  AddDuration(command, "--timeout", "until the call ends; 10s by default", arguments.timeout);
  if (help.command == Command::kPublish || help.command == Command::kSet)
    command.add_option("--content-type", arguments.content_type)->type_name("TYPE");
  if (help.command == Command::kSet || help.command == Command::kDelete) {
    command.add_option("--etag", arguments.etag, "only if the value still has it")
        ->type_name("ETAG");
    command.add_flag("--first-write", arguments.first_write, "only if nobody wrote before");
  }
  if (!IsStream(help.command)) return;
  command.add_option("--count", arguments.count, "end after so many messages")->type_name("N");
  command.add_flag("--reject", arguments.reject, "answer that messages were not processed");
}

void AddCall(CLI::App& app, const CallHelp& help, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(help.name, help.text);
  AddCommon(command, arguments);
  command.add_option("NAME", arguments.name, "component, or manifest with --resources")
      ->type_name("")
      ->required();
  for (const std::string_view word : help.words) {
    const bool optional = word.front() == '[';
    command
        .add_option(
            std::string(optional ? word.substr(1, word.size() - 2) : word),
            [&arguments](const CLI::results_t& values) {
              arguments.words.push_back(values.at(0));
              return true;
            },
            optional ? "may be left out" : "")
        ->type_name("")
        ->required(!optional);
  }
  AddCallFlags(command, help, arguments);
  command.footer(std::string("\nDATA, VALUE, QUERY: \"-\" reads standard input. The answer is one "
                             "JSON value a line; bytes that are no UTF-8 come "
                             "in base64.\n\n  component-probe ") +
                 help.example);
  command.callback([&arguments, &help] { arguments.command = help.command; });
}

void AddKind(CLI::App& command, Arguments& arguments) {
  command
      .add_option(
          "--kind",
          [&arguments](const CLI::results_t& values) {
            for (const KindNames& names : kKinds) {
              if (names.name != values.at(0)) continue;
              arguments.kind = names.kind;
              return true;
            }
            throw CLI::ValidationError("--kind takes pubsub, state, input, output or secretstore");
          },
          "pubsub, state, input, output or secretstore")
      ->type_name("KIND")
      ->required();
}

void AddTarget(CLI::App& command, Arguments& arguments) {
  AddCommon(command, arguments);
  command.add_option("NAME", arguments.name, "component, or manifest with --resources")
      ->type_name("")
      ->required();
  AddKind(command, arguments);
  AddResources(command, arguments);
  AddPairs(command, "--init", "metadata for Init, as in a manifest; repeatable", arguments.init);
  AddPairs(command, "--metadata", "metadata of calls; repeatable", arguments.metadata);
  AddDuration(command, "--timeout", "until a call ends; 10s by default", arguments.timeout);
  command.add_option("--data", arguments.data, "what a binding is invoked with")->type_name("TEXT");
}

void AddConformance(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "conformance", "checks whether a component does what daprd and applications rely on");
  AddTarget(command, arguments);
  AddDuration(command, "--patience", "for what must happen; 5s by default", arguments.patience);
  command
      .add_option("--start", arguments.start,
                  "starts the component; with it, a kill and a restart are checked too")
      ->type_name("COMMAND");
  command.footer(
      "\nEach check passes, fails, is not supported (the protocol leaves it open) or is not run.\n"
      "Exit code 1 when one fails. The checks write keys, topics and instances of their own.\n\n"
      "  component-probe conformance smallest --kind state\n"
      "  component-probe conformance smallest --kind state --start ./smallest-component");
  command.callback([&arguments] { arguments.command = Command::kConformance; });
}

void AddBench(CLI::App& app, Arguments& arguments) {
  CLI::App& command =
      *app.add_subcommand("bench", "calls a component for a while: calls per second, latency");
  AddTarget(command, arguments);
  command.add_option("--callers", arguments.callers, "at once; 8 by default")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  AddDuration(command, "--duration", "2s by default", arguments.duration);
  command.footer(
      "\nstate: Set and Get in turn; pubsub: Publish; output: Invoke of the first operation, with\n"
      "--data; secretstore: BulkGet; input: Ping.\n\n"
      "  component-probe bench smallest --kind state --callers 32 --duration 5s");
  command.callback([&arguments] { arguments.command = Command::kBench; });
}

tl::unexpected<Spoken> Misused(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream text;
  text << "component-probe: " << error.what() << "\n";
  const auto chosen = app.get_subcommands();
  text << "'component-probe " << (chosen.empty() ? "" : chosen.front()->get_name() + " ")
       << "--help' explains it.\n";
  return tl::unexpected(Spoken{kExitUsage, text.str()});
}

bool HasCommand(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

std::string HelpOf(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.help() : chosen.front()->help("component-probe");
}

}  // namespace

tl::expected<Arguments, Spoken> ParseCommandLine(const std::vector<std::string>& arguments,
                                                 const Environment& environment) {
  Arguments result;
  result.folder = SocketFolderOf(environment);
  CLI::App app(kIntroduction, "component-probe");
  app.footer(std::string("\n") + kFooter);
  app.require_subcommand(1);
  result.app_id = "probe";
  AddDiscover(app, result);
  AddRun(app, result);
  for (const CallHelp& help : CallHelps()) AddCall(app, help, result);
  AddConformance(app, result);
  AddBench(app, result);
  if (arguments.size() < 2) return tl::unexpected(Spoken{kExitUsage, app.help()});
  if (!arguments[1].starts_with('-') && !HasCommand(app, arguments[1]))
    return tl::unexpected(Spoken{kExitUsage, "component-probe: there is no command \"" +
                                                 arguments[1] +
                                                 "\"\n'component-probe --help' lists them.\n"});
  std::vector<std::string> words(arguments.rbegin(), arguments.rend() - 1);
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return tl::unexpected(Spoken{kExitDone, HelpOf(app)});
  } catch (const CLI::ParseError& error) {
    return Misused(app, error);
  }
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(result.folder, ignored);
  if (!ignored && !result.folder.empty()) result.folder = absolute.string();
  return result;
}

}  // namespace injector::runtime
