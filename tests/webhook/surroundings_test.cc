#include "webhook/surroundings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

namespace fs = std::filesystem;
using webhook::FileSurroundings;
using webhook::MissingTrustAnchors;

constexpr const char* kPem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
constexpr const char* kOtherPem = "-----BEGIN CERTIFICATE-----\nMB==\n-----END CERTIFICATE-----\n";

webhook::CommonOptions OptionsFor(const std::string& file) {
  webhook::CommonOptions options;
  options.trust_anchors_file = file;
  return options;
}

TEST(FileSurroundings, TrustAnchorsAreTheFilesText) {
  const ScopedTempDir folder;
  FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                MissingTrustAnchors::kPlaceholder);
  EXPECT_TRUE(surroundings.Reload().value());
  EXPECT_EQ(surroundings.Current()->trust_anchors, kPem);
  EXPECT_FALSE(surroundings.Current()->trust_anchors_placeholder);
}

TEST(FileSurroundings, MissingFileLeavesNothingWhileServing) {
  FileSurroundings surroundings(OptionsFor("/proc/none/ca.crt"), MissingTrustAnchors::kNothing);
  EXPECT_EQ(surroundings.Reload().error().message, "/proc/none/ca.crt: No such file or directory");
  EXPECT_EQ(surroundings.Current()->trust_anchors, "");
  EXPECT_FALSE(surroundings.Reload().value()) << "told once";
}

TEST(FileSurroundings, MissingFileIsAPlaceholderOffline) {
  FileSurroundings surroundings(OptionsFor("/proc/none/ca.crt"), MissingTrustAnchors::kPlaceholder);
  EXPECT_FALSE(surroundings.Reload());
  EXPECT_TRUE(surroundings.Current()->trust_anchors_placeholder);
  EXPECT_NE(surroundings.Current()->trust_anchors, "");
}

TEST(FileSurroundings, FileWithoutCertificateIsRefused) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("ca.crt", "hello");
  FileSurroundings surroundings(OptionsFor(file), MissingTrustAnchors::kNothing);
  EXPECT_EQ(surroundings.Reload().error().message,
            file + ": expected the trust anchors as PEM, found no certificate");
}

TEST(FileSurroundings, LastGoodTrustAnchorsStay) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("ca.crt", kPem);
  FileSurroundings surroundings(OptionsFor(file), MissingTrustAnchors::kNothing);
  EXPECT_TRUE(surroundings.Reload().value());
  fs::remove(file);
  EXPECT_FALSE(surroundings.Reload());
  EXPECT_EQ(surroundings.Current()->trust_anchors, kPem);
}

TEST(FileSurroundings, FileThatComesBackUnchangedIsTold) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("ca.crt", kPem);
  FileSurroundings surroundings(OptionsFor(file), MissingTrustAnchors::kNothing);
  EXPECT_TRUE(surroundings.Reload().value());
  fs::remove(file);
  EXPECT_FALSE(surroundings.Reload());
  folder.Write("ca.crt", kPem);
  EXPECT_TRUE(surroundings.Reload().value()) << "or the fault would be shown for ever";
  EXPECT_FALSE(surroundings.Reload().value());
}

TEST(FileSurroundings, SwapOfTheDataLinkIsSeen) {
  const ScopedTempDir folder;
  folder.Write("..1/ca.crt", kPem);
  folder.Write("..2/ca.crt", kOtherPem);
  fs::create_symlink("..1", folder / "..data");
  fs::create_symlink("..data/ca.crt", folder / "ca.crt");
  FileSurroundings surroundings(OptionsFor(folder / "ca.crt"), MissingTrustAnchors::kNothing);
  EXPECT_TRUE(surroundings.Reload().value());
  fs::create_symlink("..2", folder / "..data_tmp");
  fs::rename(folder / "..data_tmp", folder / "..data");
  EXPECT_TRUE(surroundings.Reload().value());
  EXPECT_EQ(surroundings.Current()->trust_anchors, kOtherPem);
}

TEST(FileSurroundings, WhatIsSetStaysOverReloads) {
  const ScopedTempDir folder;
  FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                MissingTrustAnchors::kNothing);
  surroundings.SetMtls(false);
  surroundings.SetServerMinor(31);
  EXPECT_TRUE(surroundings.Reload().value());
  EXPECT_FALSE(surroundings.Current()->mtls_enabled);
  EXPECT_EQ(surroundings.Current()->server_minor, 31);
}

bool HasToken(webhook::IdentityToken rule, const std::string& root) {
  webhook::CommonOptions options;
  options.identity_token = rule;
  return FileSurroundings(options, MissingTrustAnchors::kNothing, root).Current()->identity_token;
}

TEST(FileSurroundings, IdentityTokenFollowsTheRule) {
  const ScopedTempDir folder;
  EXPECT_TRUE(HasToken(webhook::IdentityToken::kAlways, folder.path()));
  EXPECT_FALSE(HasToken(webhook::IdentityToken::kAuto, folder.path()));
  folder.Write("var/run/secrets/kubernetes.io/serviceaccount/token", "t");
  EXPECT_TRUE(HasToken(webhook::IdentityToken::kAuto, folder.path()));
  EXPECT_FALSE(HasToken(webhook::IdentityToken::kNever, folder.path()));
}

TEST(FileSurroundings, DaprsOwnTokenCountsToo) {
  const ScopedTempDir folder;
  folder.Write("var/run/secrets/dapr.io/sentrytoken/token", "t");
  EXPECT_TRUE(HasToken(webhook::IdentityToken::kAuto, folder.path()));
}

}  // namespace
}  // namespace injector::test
