#include "webhook/cli/command_line.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace injector::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using webhook::Command;
using webhook::FlagValues;
using webhook::Invocation;
using webhook::Spoken;

Invocation Parsed(std::vector<std::string> arguments) {
  auto parsed = webhook::ParseCommandLine(arguments);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
  return parsed.value_or(Invocation{Command::kVersion, {}});
}

Spoken Refused(std::vector<std::string> arguments) {
  const auto parsed = webhook::ParseCommandLine(arguments);
  EXPECT_FALSE(parsed.has_value());
  return parsed ? Spoken{-1, ""} : parsed.error();
}

std::string FirstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

TEST(CommandLine, CommandAndItsFlagsAreRead) {
  const Invocation parsed =
      Parsed({"component-injector", "serve", "--port", "1", "--log-level=debug"});
  EXPECT_EQ(parsed.command, Command::kServe);
  EXPECT_THAT(parsed.flags,
              ElementsAre(Pair("log-level", ElementsAre("debug")), Pair("port", ElementsAre("1"))));
}

TEST(CommandLine, StartedAsInjectorItServes) {
  const Invocation parsed =
      Parsed({"/injector", "--log-level", "info", "--enable-metrics", "--metrics-port", "9090",
              "--healthz-port", "8080", "--scheduler-enabled=true"});
  EXPECT_EQ(parsed.command, Command::kServe);
  EXPECT_THAT(parsed.flags, ElementsAre(Pair("enable-metrics", ElementsAre("true")),
                                        Pair("healthz-port", ElementsAre("8080")),
                                        Pair("log-level", ElementsAre("info")),
                                        Pair("metrics-port", ElementsAre("9090")),
                                        Pair("scheduler-enabled", ElementsAre("true"))));
}

TEST(CommandLine, StartedAsInjectorAloneItServes) {
  EXPECT_THAT(Parsed({"injector"}).flags, IsEmpty());
}

TEST(CommandLine, SingleDashServesToo) {
  EXPECT_THAT(Parsed({"injector", "-port=1", "-log-level", "debug"}).flags,
              ElementsAre(Pair("log-level", ElementsAre("debug")), Pair("port", ElementsAre("1"))));
}

TEST(CommandLine, SingleDashIsALetterElsewhere) {
  EXPECT_THAT(
      Parsed({"component-injector", "inject", "-f", "a.yaml", "-fb.yaml", "-n", "shop"}).flags,
      ElementsAre(Pair("filename", ElementsAre("a.yaml", "b.yaml")),
                  Pair("namespace", ElementsAre("shop"))));
}

TEST(CommandLine, LastOfRepeatedFlagsIsKeptLast) {
  EXPECT_THAT(Parsed({"injector", "--port=1", "--port=2"}).flags,
              ElementsAre(Pair("port", ElementsAre("1", "2"))));
}

TEST(CommandLine, RepeatableFlagTakesOneValueEach) {
  EXPECT_THAT(Parsed({"injector", "--resources", "a", "--resources", "b"}).flags,
              ElementsAre(Pair("resources", ElementsAre("a", "b"))));
}

TEST(CommandLine, SwitchTakesItsValueBehindAnEqualsSignOnly) {
  EXPECT_THAT(Parsed({"injector", "--enable-metrics=false"}).flags,
              ElementsAre(Pair("enable-metrics", ElementsAre("false"))));
  EXPECT_EQ(FirstLine(Refused({"injector", "--enable-metrics", "false"}).text),
            "serve: unexpected argument 'false'");
}

TEST(CommandLine, EmptyValueBehindAnEqualsSignIsAValue) {
  EXPECT_THAT(Parsed({"injector", "--log-file=", "--port=1"}).flags,
              ElementsAre(Pair("log-file", ElementsAre("")), Pair("port", ElementsAre("1"))));
}

TEST(CommandLine, UnknownFlagIsRefusedWithTheNearestOne) {
  const Spoken refused = Refused({"component-injector", "serve", "--prot", "1"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.text,
            "serve: unknown flag --prot, did you mean --port?\n"
            "Usage: component-injector serve [FLAGS]\n"
            "'component-injector serve --help' lists the flags.\n");
}

TEST(CommandLine, UnknownFlagWithAValueIsNamedWithoutIt) {
  EXPECT_EQ(FirstLine(Refused({"injector", "-metrics-prot=1"}).text),
            "serve: unknown flag --metrics-prot, did you mean --metrics-port?");
}

TEST(CommandLine, BeginningOfAFlagIsNearToIt) {
  EXPECT_EQ(FirstLine(Refused({"component-injector", "inject", "--file", "x"}).text),
            "inject: unknown flag --file, did you mean --filename?");
}

TEST(CommandLine, FlagLikeNoOtherGetsNoSuggestion) {
  EXPECT_EQ(FirstLine(Refused({"injector", "--zzzzzzzzzzzz"}).text),
            "serve: unknown flag --zzzzzzzzzzzz");
}

TEST(CommandLine, FlagOfAnotherCommandIsUnknown) {
  EXPECT_THAT(Refused({"component-injector", "review", "--max-body=1"}).text,
              StartsWith("review: unknown flag --max-body"));
}

TEST(CommandLine, FlagWithoutItsValueIsRefused) {
  const Spoken refused = Refused({"injector", "--port"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(FirstLine(refused.text), "serve: --port: 1 required PORT missing");
}

TEST(CommandLine, UnknownCommandIsRefusedWithTheCommands) {
  const Spoken refused = Refused({"component-injector", "inejct"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.text, StartsWith("unknown command 'inejct'\n\ncomponent-injector: "));
}

TEST(CommandLine, NoCommandIsRefusedWithTheCommands) {
  const Spoken refused = Refused({"component-injector"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.text, HasSubstr("\nCommands:\n  serve     "));
}

TEST(CommandLine, HelpOfTheProgramNamesTheCommands) {
  const Spoken help = Refused({"component-injector", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("\nCommands:\n  serve     "));
}

class CommandHelp : public testing::TestWithParam<std::string> {};

TEST_P(CommandHelp, ShowsFlagsAndHowTheProgramIsCalled) {
  const Spoken help = Refused({"component-injector", GetParam(), "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("Usage: component-injector " + GetParam()));
  EXPECT_THAT(help.text, HasSubstr("-h,--help"));
  EXPECT_EQ(Refused({"component-injector", "help", GetParam()}).text, help.text);
}

INSTANTIATE_TEST_SUITE_P(Table, CommandHelp,
                         testing::Values("serve", "review", "inject", "explain", "wait",
                                         "version"));

TEST(CommandLine, HelpOfInjectorIsThatOfServe) {
  EXPECT_EQ(Refused({"injector", "-help"}).text,
            Refused({"component-injector", "serve", "--help"}).text);
}

TEST(CommandLine, VersionIsACommandAndAFlag) {
  EXPECT_EQ(Parsed({"component-injector", "version"}).command, Command::kVersion);
  EXPECT_EQ(Parsed({"component-injector", "--version"}).command, Command::kVersion);
}

}  // namespace
}  // namespace injector::test
