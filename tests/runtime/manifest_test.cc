#include "runtime/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>

#include "runtime/manifest_values.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::Application;
using runtime::LoadManifests;
using runtime::Manifest;
using runtime::ManifestSet;
using runtime::ResolveValues;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using namespace std::chrono_literals;

std::string Component(const std::string& name, const std::string& spec) {
  return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: " + name + "}\n" + spec +
         "\n";
}

ManifestSet Load(const ScopedTempDir& folder) {
  auto loaded = LoadManifests({folder.path()});
  EXPECT_TRUE(loaded);
  return loaded ? std::move(*loaded) : ManifestSet{};
}

Application Orders(std::map<std::string, std::string> variables = {}) {
  Application application;
  application.app_id = "orders";
  application.name_space = "shop";
  application.environment = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  application.make_uuid = [] { return "the-uuid"; };
  return application;
}

Manifest OnlyOne(const std::string& spec) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", Component("one", spec));
  const ManifestSet set = Load(folder);
  EXPECT_THAT(set.manifests, SizeIs(1));
  return set.manifests.empty() ? Manifest{} : set.manifests[0];
}

TEST(LoadManifests, FilesOfAFolderInTheirOrder) {
  const ScopedTempDir folder;
  folder.Write("b.YAML", Component("two", "spec: {type: state.redis, version: v1}"));
  folder.Write("a.yml", "# nothing\n---\n" + Component("one", "spec: {type: Pubsub.X}") + "---\n" +
                            Component("zero", "spec: {type: pubsub.Kafka}"));
  folder.Write("below/c.yaml", Component("deep", "spec: {type: state.redis}"));
  folder.Write("readme.txt", "text");
  const ManifestSet set = Load(folder);
  ASSERT_THAT(set.manifests, SizeIs(2));
  EXPECT_EQ(set.manifests[0].name, "zero");
  EXPECT_EQ(set.manifests[0].line, 8U);
  EXPECT_EQ(set.manifests[0].Component(), "kafka");
  EXPECT_EQ(set.manifests[1].name, "two");
  ASSERT_THAT(set.faults, SizeIs(2));
  EXPECT_TRUE(set.faults[0].warning);
  EXPECT_THAT(set.faults[0].place, HasSubstr("readme.txt"));
  EXPECT_THAT(set.faults[1].message, HasSubstr("incorrect type Pubsub.X"))
      << "the kind is compared with its case";
}

TEST(LoadManifests, FaultsAreNamedWithFileAndLineAndTheOthersLoad) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", "a: [1, 2\n---\n" + Component("untyped", "spec: {version: v1}") + "---\n" +
                             Component("a/b", "spec: {type: state.redis}") + "---\n" +
                             Component("good", "spec: {type: state.redis}"));
  const ManifestSet set = Load(folder);
  ASSERT_THAT(set.manifests, SizeIs(1));
  EXPECT_EQ(set.manifests[0].name, "good");
  ASSERT_THAT(set.faults, SizeIs(3));
  EXPECT_EQ(set.faults[0].place, (folder / "a.yaml") + ":2");
  EXPECT_EQ(set.faults[1].place, (folder / "a.yaml") + ":3");
  EXPECT_EQ(set.faults[1].name, "untyped");
  EXPECT_THAT(set.faults[1].message, HasSubstr("spec.type is missing"));
  EXPECT_THAT(set.faults[2].message, HasSubstr("cannot be part of a path"));
}

TEST(LoadManifests, OtherKindsArePassedOverInSilence) {
  const ScopedTempDir folder;
  folder.Write("a.yaml",
               "apiVersion: dapr.io/v1alpha1\nkind: Configuration\n---\n"
               "apiVersion: dapr.io/v2\nkind: Component\n---\njust: text\n");
  const ManifestSet set = Load(folder);
  EXPECT_THAT(set.manifests, IsEmpty());
  EXPECT_THAT(set.faults, IsEmpty());
}

TEST(LoadManifests, MissingFolderIsAnError) {
  const auto loaded = LoadManifests({"/nonexistent/folder"});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message,
            "cannot read folder /nonexistent/folder: No such file or directory; expected a folder "
            "of manifests");
}

TEST(LoadManifests, WhatIsNoManifestIsNamedWithWhatToDo) {
  const ScopedTempDir folder;
  folder.Write("a.yaml/b.yaml", "");
  ASSERT_EQ(::mkfifo((folder / "c.yaml").c_str(), 0600), 0);
  folder.Write("d.yaml", "kind: Component\nname: caf\xe9\n");
  std::filesystem::resize_file(folder.Write("e.yaml", ""), (std::size_t{8} << 20) + 1);
  folder.Write("f.yaml", Component("good", "spec: {type: state.x}"));
  const ManifestSet set = Load(folder);
  EXPECT_THAT(set.manifests, SizeIs(1));
  ASSERT_THAT(set.faults, SizeIs(4));
  EXPECT_EQ(set.faults[0].message, "a folder; name it too to have its files read");
  EXPECT_TRUE(set.faults[0].warning);
  EXPECT_EQ(set.faults[1].message, "no ordinary file; put the manifest itself there");
  EXPECT_EQ(set.faults[2].place, (folder / "d.yaml") + ":2");
  EXPECT_EQ(set.faults[2].message, "byte 0xE9 is not UTF-8; save the file as UTF-8");
  EXPECT_EQ(set.faults[3].message, "larger than 8 MiB; divide it into several files");
}

TEST(LoadManifests, InitTimeoutThatMeansNothingIsFiveSeconds) {
  EXPECT_EQ(OnlyOne("spec: {type: state.x, initTimeout: 1m30s}").init_timeout, 90s);
  for (const char* text : {"0s", "soon", "''", "-1s"})
    EXPECT_EQ(OnlyOne(std::string("spec: {type: state.x, initTimeout: ") + text + "}").init_timeout,
              5s)
        << text;
}

TEST(WhyNotFor, ScopesAndNamespaceDecide) {
  Manifest manifest;
  EXPECT_EQ(WhyNotFor(manifest, Orders()), "");
  manifest.scopes = {"billing", "orders"};
  EXPECT_EQ(WhyNotFor(manifest, Orders()), "");
  manifest.scopes = {"Orders"};
  EXPECT_THAT(WhyNotFor(manifest, Orders()), HasSubstr("scopes do not name app id orders"));
  manifest.scopes = {};
  manifest.name_space = "other";
  EXPECT_THAT(WhyNotFor(manifest, Orders()), HasSubstr("namespace other"));
}

TEST(ResolveValues, ScalarsAndObjectsBecomeText) {
  const Manifest manifest = OnlyOne(
      "spec: {type: state.x, metadata: [{name: a, value: text}, {name: b, value: 8}, {name: c, "
      "value: true}, {name: d, value: {k: [1]}}]}");
  const auto resolved = ResolveValues(manifest, Orders(), {});
  ASSERT_TRUE(resolved);
  EXPECT_THAT(resolved->values, ElementsAre(Pair("a", "text"), Pair("b", "8"), Pair("c", "true"),
                                            Pair("d", "{\"k\":[1]}")));
}

TEST(ResolveValues, TemplatesAreFilledIn) {
  const Manifest manifest =
      OnlyOne("spec: {type: state.x, metadata: [{name: a, value: '{namespace}/{appID}/{uuid}'}]}");
  EXPECT_EQ(ResolveValues(manifest, Orders(), {})->values.at("a"), "shop.orders/orders/the-uuid");
  const Manifest pod = OnlyOne("spec: {type: state.x, metadata: [{name: a, value: '{podName}'}]}");
  EXPECT_FALSE(ResolveValues(pod, Orders(), {}));
}

TEST(ResolveValues, NamespaceThatNobodyNamesIsDefault) {
  const Manifest manifest =
      OnlyOne("spec: {type: state.x, metadata: [{name: a, value: '{namespace}'}]}");
  Application application = Orders();
  application.name_space = "";
  const auto resolved = ResolveValues(manifest, application, {});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->values.at("a"), "default.orders");
  EXPECT_TRUE(resolved->names_namespace);
}

TEST(ResolveValues, TemplatesInSecretsAndVariablesAreFilledInToo) {
  const Manifest manifest = OnlyOne(
      "spec: {type: state.x, metadata: [{name: a, secretKeyRef: {name: db}}, {name: b, envRef: "
      "HOST}]}");
  const auto store = [](const std::string&, const std::string&) -> runtime::Result<std::string> {
    return "{appID}-db";
  };
  const auto resolved = ResolveValues(manifest, Orders({{"HOST", "{appID}-host"}}), store);
  ASSERT_TRUE(resolved);
  EXPECT_THAT(resolved->values, ElementsAre(Pair("a", "orders-db"), Pair("b", "orders-host")));
  EXPECT_FALSE(resolved->names_namespace);
}

TEST(ResolveValues, VariablesOfDaprAreRefused) {
  const Manifest manifest = OnlyOne(
      "spec: {type: state.x, metadata: [{name: a, envRef: HOST}, {name: b, envRef: DAPR_X}]}");
  const auto resolved = ResolveValues(manifest, Orders({{"HOST", "h"}, {"DAPR_X", "secret"}}), {});
  ASSERT_TRUE(resolved);
  EXPECT_THAT(resolved->values, ElementsAre(Pair("a", "h"), Pair("b", "")));
  ASSERT_THAT(resolved->warnings, SizeIs(1));
  EXPECT_THAT(resolved->warnings[0], HasSubstr("DAPR_X"));
  const auto limited =
      ResolveValues(manifest, Orders({{"HOST", "h"}, {"DAPR_ENV_KEYS", "OTHER"}}), {});
  EXPECT_EQ(limited->values.at("a"), "");
}

TEST(ResolveValues, SecretsComeFromTheStoreAndMissingOnesStayUnset) {
  const Manifest manifest = OnlyOne(
      "spec: {type: state.x, metadata: [{name: a, secretKeyRef: {name: db, key: pw}}, {name: b, "
      "secretKeyRef: {name: token}}, {name: c, secretKeyRef: {name: gone}}]}");
  const auto store = [](const std::string& secret,
                        const std::string& key) -> runtime::Result<std::string> {
    if (secret == "gone") return runtime::Fail(runtime::ErrorKind::kNotFound, "no secret gone");
    return secret + "/" + key;
  };
  const auto resolved = ResolveValues(manifest, Orders(), store);
  ASSERT_TRUE(resolved);
  EXPECT_THAT(resolved->values, ElementsAre(Pair("a", "db/pw"), Pair("b", "token/token")));
  EXPECT_THAT(resolved->warnings, ElementsAre(HasSubstr("no secret gone")));
  EXPECT_THAT(ResolveValues(manifest, Orders(), {})->warnings, SizeIs(3));
}

}  // namespace
}  // namespace injector::test
