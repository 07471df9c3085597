#include "webhook/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "webhook/cli/help_text.h"
#include "webhook/cli/option_reader.h"

namespace injector::webhook {
namespace {

constexpr std::string_view kDaprName = "injector";
constexpr std::string_view kProgramName = "component-injector";

constexpr std::array kCommands = {Command::kServe,   Command::kReview, Command::kInject,
                                  Command::kExplain, Command::kCheck,  Command::kWait,
                                  Command::kVersion};

std::optional<Command> FindCommand(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](Command command) { return NameOf(command) == name; });
  if (found == kCommands.end()) return std::nullopt;
  return *found;
}

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string UsageLine(Command command) {
  return std::string(kProgramName) + " " + std::string(NameOf(command)) + " [FLAGS]";
}

tl::unexpected<Spoken> Misused(Command command, std::string_view message) {
  const std::string name(NameOf(command));
  return tl::unexpected(Spoken{
      kExitUsage, name + ": " + std::string(message) + "\nUsage: " + UsageLine(command) + "\n'" +
                      std::string(kProgramName) + " " + name + " --help' lists the flags.\n"});
}

// Breaks lines so that the text fits beside the flags.
std::string Wrapped(std::string_view text) {
  constexpr std::size_t kWidth = 62;
  std::string wrapped;
  std::size_t column = 0;
  while (!text.empty()) {
    const auto blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text = blank == text.npos ? std::string_view() : text.substr(blank + 1);
    const bool breaks = column != 0 && column + 1 + word.size() > kWidth;
    if (column != 0) wrapped += breaks ? '\n' : ' ';
    column = (breaks || column == 0 ? 0 : column + 1) + word.size();
    wrapped += word;
  }
  return wrapped;
}

// Dapr's rule for single dashes, and one of our own: `--flag=` is a flag with an empty value, which
// the parser would take from the next argument.
std::vector<std::string> Normalised(Command command, std::vector<std::string> arguments) {
  std::vector<std::string> normalised;
  for (std::string& argument : arguments) {
    const bool single_dash = argument.size() > 2 && argument[0] == '-' && argument[1] != '-';
    if (command == Command::kServe && single_dash) argument.insert(0, "-");
    const bool empty_value = argument.starts_with("--") && argument.ends_with('=') &&
                             argument.find('=') == argument.size() - 1;
    if (empty_value) argument.pop_back();
    normalised.push_back(std::move(argument));
    if (empty_value) normalised.emplace_back();
  }
  return normalised;
}

// One command's flags in CLI11's hands.
class CommandParser {
 public:
  explicit CommandParser(Command command)
      : command_(command), app_(std::string(HelpOf(command).purpose)) {
    constexpr std::size_t kColumn = 38;
    app_.name(std::string(kProgramName) + " " + std::string(NameOf(command)));
    app_.set_help_flag("-h,--help", "show this help")->group("Help");
    app_.footer("\n" + std::string(HelpOf(command).footer));
    app_.get_formatter()->column_width(kColumn);
    app_.allow_extras();  // so that we name them ourselves
    for (const FlagSpec& flag : AllFlags()) {
      if (flag.BelongsTo(command)) Add(flag);
    }
  }

  tl::expected<Invocation, Spoken> Parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      return tl::unexpected(Spoken{kExitDone, app_.help()});
    } catch (const CLI::ParseError& error) {
      return Misused(command_, error.what());
    }
    const auto extras = app_.remaining();
    if (!extras.empty()) return Misused(command_, DescribeExtra(extras.front()));
    Invocation invocation{command_, {}};
    for (const auto& [name, option] : options_) {
      if (option->count() != 0) invocation.flags[std::string(name)] = option->results();
    }
    return invocation;
  }

 private:
  void Add(const FlagSpec& flag) {
    std::string names = "--" + std::string(flag.name);
    if (flag.letter != 0) names = "-" + std::string(1, flag.letter) + "," + names;
    const std::string text = Wrapped(flag.text);
    CLI::Option* option = nullptr;
    if (flag.IsSwitch()) {
      option = app_.add_flag(names, switch_value_, text);
    } else {
      const CLI::callback_t accept = [](const CLI::results_t&) { return true; };
      option = app_.add_option(names, accept, text)->type_name(std::string(flag.value));
    }
    option->group(std::string(flag.group));
    option->multi_option_policy(flag.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                : CLI::MultiOptionPolicy::TakeLast);
    options_.emplace_back(flag.name, option);
  }

  [[nodiscard]] std::string DescribeExtra(const std::string& extra) const {
    const auto begin = extra.find_first_not_of('-');
    if (!extra.starts_with('-') || begin == extra.npos) {
      return "unexpected argument '" + extra + "'";
    }
    const std::string_view name = std::string_view(extra).substr(0, extra.find('='));
    std::string sentence = "unknown flag " + std::string(name);
    if (const auto nearest = NearestFlag(command_, name.substr(std::min(begin, name.size())))) {
      sentence += ", did you mean --" + std::string(*nearest) + "?";
    }
    return sentence;
  }

  Command command_;
  CLI::App app_;
  std::string switch_value_;  // CLI11 wants a place; the values are read from the options
  std::vector<std::pair<std::string_view, CLI::Option*>> options_;
};

bool AsksForHelp(std::string_view argument) {
  return argument == "--help" || argument == "-h" || argument == "help";
}

}  // namespace

tl::expected<Invocation, Spoken> ParseCommandLine(const std::vector<std::string>& arguments) {
  const auto parse = [](Command command, std::vector<std::string> rest) {
    return CommandParser(command).Parse(Normalised(command, std::move(rest)));
  };
  if (!arguments.empty() && BaseName(arguments[0]) == kDaprName) {
    return parse(Command::kServe, {arguments.begin() + 1, arguments.end()});
  }
  if (arguments.size() < 2) {
    return tl::unexpected(Spoken{kExitUsage, std::string(HelpOfProgram())});
  }
  const std::string& word = arguments[1];
  if (AsksForHelp(word)) {
    const auto topic = arguments.size() > 2 ? FindCommand(arguments[2]) : std::nullopt;
    if (topic) return parse(*topic, {"--help"});
    return tl::unexpected(Spoken{kExitDone, std::string(HelpOfProgram())});
  }
  if (word == "--version") return Invocation{Command::kVersion, {}};
  if (const auto command = FindCommand(word)) {
    return parse(*command, {arguments.begin() + 2, arguments.end()});
  }
  return tl::unexpected(
      Spoken{kExitUsage, "unknown command '" + word + "'\n\n" + std::string(HelpOfProgram())});
}

}  // namespace injector::webhook
