#include "patch/container_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace injector::patch {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

ContainerTemplate Parsed(std::string_view text) {
  const auto parsed = ParseContainerTemplate(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << (parsed ? "" : parsed.error().Text());
  return parsed.value_or(ContainerTemplate{});
}

Error Refused(std::string_view text) {
  const auto parsed = ParseContainerTemplate(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Error{} : parsed.error();
}

TEST(ParseContainerTemplate, NamedFieldsAreRead) {
  const ContainerTemplate read = Parsed(R"({"name":"n","image":"r/x:1","restartPolicy":"Never",
      "env":[{"name":"A","value":"1"},{"name":"B"}],
      "volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true},{"name":"w","mountPath":"/w"}],
      "ports":[{"containerPort":80},{"containerPort":81,"hostPort":82,"protocol":"UDP"}],
      "resources":{"claims":[{"name":"c"}]},
      "securityContext":{"windowsOptions":{}}})");
  EXPECT_EQ(read.name, "n");
  EXPECT_EQ(read.image, "r/x:1");
  EXPECT_EQ(read.restart_policy, "Never");
  EXPECT_THAT(read.env_names, ElementsAre("A", "B"));
  EXPECT_TRUE(read.HasEnv("B"));
  EXPECT_FALSE(read.HasEnv("C"));
  ASSERT_EQ(read.mounts.size(), 2U);
  EXPECT_EQ(read.mounts[0].volume + read.mounts[0].path, "v/v");
  EXPECT_TRUE(read.mounts[0].read_only);
  EXPECT_FALSE(read.mounts[1].read_only);
  ASSERT_EQ(read.ports.size(), 2U);
  EXPECT_EQ(read.ports[0].number, 80);
  EXPECT_EQ(read.ports[0].protocol, "TCP");
  EXPECT_EQ(read.ports[1].host_port, 82);
  EXPECT_EQ(read.ports[1].protocol, "UDP");
  EXPECT_THAT(read.claims, ElementsAre("c"));
  EXPECT_TRUE(read.has_windows_options);
  EXPECT_THAT(read.unknown_fields, IsEmpty());
}

TEST(ParseContainerTemplate, MembersAreAllButThoseThatArePlanned) {
  const ContainerTemplate read =
      Parsed(R"( {"tty":true,"name":"n","image":"x","env":[],"volumeMounts":[],
                  "restartPolicy":"Always","args":["\u00e4\"\n"]} )");
  EXPECT_EQ(read.members,
            "\"args\":[\"\xc3\xa4\\\"\\n\"],\"image\":\"x\",\"tty\":true,"
            "\"resources\":{}");
}

TEST(ParseContainerTemplate, ListsAreWrittenAsElements) {
  const ContainerTemplate read = Parsed(R"({"image":"x","env":[{"name":"A"},{"name":"B"}],
                                           "volumeMounts":[{"name":"v","mountPath":"/v"}]})");
  EXPECT_EQ(read.env, R"({"name":"A"},{"name":"B"})");
  EXPECT_EQ(read.volume_mounts, R"({"mountPath":"/v","name":"v"})");
}

TEST(ParseContainerTemplate, NullIsLikeMissing) {
  const ContainerTemplate read = Parsed(
      R"({"image":"x","name":null,"env":null,"volumeMounts":null,"resources":null,"ports":null})");
  EXPECT_EQ(read.name, "");
  EXPECT_EQ(read.env, "");
  EXPECT_EQ(read.volume_mounts, "");
  EXPECT_EQ(read.members, R"("image":"x","ports":null,"resources":{})");
}

TEST(ParseContainerTemplate, ResourcesStayAsDeclared) {
  EXPECT_EQ(Parsed(R"({"image":"x","resources":{"limits":{"cpu":"0.50"}}})").members,
            R"("image":"x","resources":{"limits":{"cpu":"0.50"}})");
}

TEST(ParseContainerTemplate, CanonicalIgnoresNameAndOrder) {
  EXPECT_EQ(Parsed(R"({"name":"a","image":"x","tty":true})").canonical,
            Parsed(R"({"tty":true,"image":"x","name":"b"})").canonical);
  EXPECT_NE(Parsed(R"({"image":"x"})").canonical, Parsed(R"({"image":"x","tty":true})").canonical);
}

TEST(ParseContainerTemplate, RepeatedKeyCountsLast) {
  EXPECT_EQ(Parsed(R"({"image":"a","image":"b"})").image, "b");
  EXPECT_EQ(Parsed(R"({"image":5,"image":"b"})").image, "b");
}

TEST(ParseContainerTemplate, UnknownFieldsAreKeptAndNamed) {
  const ContainerTemplate read = Parsed(R"({"image":"x","Image":"y","ports":
                                           [{"containerPort":80,"appProtocol":"h2c"}]})");
  EXPECT_THAT(read.unknown_fields, ElementsAre("/Image", "/ports/0/appProtocol"));
  EXPECT_EQ(read.members, R"("Image":"y","image":"x","ports":[{"appProtocol":"h2c",)"
                          R"("containerPort":80}],"resources":{})");
}

// Numbers that are no integers are written in the shortest form of the same double, as Kubernetes
// itself holds them in objects whose fields it does not know; integers keep every digit.
TEST(ParseContainerTemplate, NumbersInUnknownFieldsKeepTheirValue) {
  const std::string numbers =
      "[0, -0, 18446744073709551615, -9223372036854775808, 1.10, 0.1, -0.0, 1e3, 1E-7, 1e300, "
      "5e-324, 123456789.123456789]";
  const ContainerTemplate read = Parsed(R"({"image":"x","new":)" + numbers + "}");
  EXPECT_EQ(json::parse("{" + read.members + "}")["new"], json::parse(numbers));
  EXPECT_THAT(read.members,
              testing::HasSubstr("[0,0,18446744073709551615,-9223372036854775808,1.1,0.1,-0.0,"
                                 "1000.0,1e-07,1e+300,5e-324,123456789.12345679]"));
}

TEST(ParseContainerTemplate, NumbersBeyondADoubleAreNoJson) {
  for (const char* number : {"1e400", "-1e400", "18446744073709551616"}) {
    const Error error = Refused(R"({"image":"x","new":)" + std::string(number) + "}");
    EXPECT_EQ(error.kind, ErrorKind::kInvalidContainer) << number;
  }
}

TEST(ParseContainerTemplate, WhatIsNoJsonObjectIsRefused) {
  for (const char* text : {"", " ", "{image: nope", "null", "[]", "\"x\"", "1", "{} {}", "{},",
                           "{\"image\":\"\xff\"}", "{\"image\":\"\\ud800\"}"}) {
    EXPECT_EQ(Refused(text).kind, ErrorKind::kInvalidContainer) << text;
  }
}

TEST(ParseContainerTemplate, DeepNestingIsRefused) {
  const std::string deep = std::string(600, '[') + std::string(600, ']');
  EXPECT_EQ(Refused(R"({"image":"x","new":)" + deep + "}").kind, ErrorKind::kInvalidContainer);
}

TEST(ParseContainerTemplate, FaultOfTheSchemaKeepsItsPlace) {
  const Error error = Refused(R"({"image":5})");
  EXPECT_EQ(error.kind, ErrorKind::kInvalidContainer);
  EXPECT_EQ(error.where, "/image");
  EXPECT_EQ(error.message, "expected a string, found a number");
}

TEST(ParseContainerTemplate, VolumesThatHoldTheIdentityAreReserved) {
  const Error token = Refused(
      R"({"image":"x","volumeMounts":[{"name":"v","mountPath":"/v"},
          {"name":"dapr-identity-token","mountPath":"/t"}]})");
  EXPECT_EQ(token.kind, ErrorKind::kReservedVolume);
  EXPECT_EQ(token.where, "/volumeMounts/1/name");
  EXPECT_EQ(
      Refused(R"({"image":"x","volumeMounts":[{"name":"kube-api-access-1x","mountPath":"/t"}]})")
          .kind,
      ErrorKind::kReservedVolume);
}

TEST(ParseContainerTemplate, ContainerWithoutImageHasItsOwnError) {
  for (const char* text : {"{}", R"({"image":""})", R"({"image":null})", R"({"name":"n"})"}) {
    EXPECT_EQ(Refused(text).kind, ErrorKind::kNoImage) << text;
  }
}

}  // namespace
}  // namespace injector::patch
