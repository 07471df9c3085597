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
  auto [stop, fault] = std::from_chars(text.data(), end, user.uid);
  user.gid = user.uid;
  if (fault == std::errc() && stop != end && *stop == ':')
    std::tie(stop, fault) = [&] {
      const auto group = std::from_chars(stop + 1, end, user.gid);
      return std::pair(group.ptr, group.ec);
    }();
  if (fault != std::errc() || stop != end) return "expected UID, UID:GID or self";
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
  app.add_option("--folder", arguments.folder, "folder of the sockets")->type_name("DIR");
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
  AddDiscover(app, result);
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
