#include "k8s/followed_file.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::FollowedFile;
using ::testing::HasSubstr;

class FollowedFileTest : public ::testing::Test {
 protected:
  ScopedTempDir folder_;
};

TEST_F(FollowedFileTest, TextIsThatOfTheFile) {
  FollowedFile file(folder_.Write("token", "one\n"));
  EXPECT_EQ(file.Text().value(), "one\n");
  EXPECT_EQ(file.Text().value(), "one\n");
}

TEST_F(FollowedFileTest, ChangeOfTheSameLengthIsSeenAtOnce) {
  FollowedFile file(folder_.Write("token", "one"));
  ASSERT_EQ(file.Text().value(), "one");
  folder_.Write("token", "two");
  EXPECT_EQ(file.Text().value(), "two");
}

TEST_F(FollowedFileTest, SwapOfASymbolicLinkAboveTheFileIsSeen) {
  namespace fs = std::filesystem;
  folder_.Write("first/token", "one");
  folder_.Write("second/token", "two");
  fs::create_directory_symlink(folder_ / "first", folder_ / "data");
  FollowedFile file(folder_ / "data/token");
  ASSERT_EQ(file.Text().value(), "one");
  fs::create_directory_symlink(folder_ / "second", folder_ / "new");
  fs::rename(folder_ / "new", folder_ / "data");
  EXPECT_EQ(file.Text().value(), "two");
}

TEST_F(FollowedFileTest, EmptyFileIsAnEmptyText) {
  EXPECT_EQ(FollowedFile(folder_.Write("token", "")).Text().value(), "");
}

TEST_F(FollowedFileTest, MissingFileIsNamed) {
  const auto text = FollowedFile(folder_ / "token").Text();
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_EQ(text.error().message, (folder_ / "token") + ": No such file or directory");
}

TEST_F(FollowedFileTest, FileThatGoesIsAFaultAndComesBack) {
  FollowedFile file(folder_.Write("token", "one"));
  ASSERT_TRUE(file.Text());
  std::filesystem::remove(folder_ / "token");
  EXPECT_FALSE(file.Text());
  folder_.Write("token", "two");
  EXPECT_EQ(file.Text().value(), "two");
}

TEST_F(FollowedFileTest, FolderIsRefused) {
  const auto text = FollowedFile(folder_.path()).Text();
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_THAT(text.error().message, HasSubstr("expected a file, found a folder"));
}

TEST_F(FollowedFileTest, FileBeyondTheBoundIsRefusedAndOneAtItIsNot) {
  EXPECT_TRUE(FollowedFile(folder_.Write("full", std::string(1U << 20U, 'x'))).Text());
  const auto text = FollowedFile(folder_.Write("big", std::string((1U << 20U) + 1, 'x'))).Text();
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("big: is longer than 1 MiB"));
}

TEST_F(FollowedFileTest, EndlessFileIsRefused) {
  const auto text = FollowedFile("/dev/zero").Text();
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "/dev/zero: is longer than 1 MiB");
}

}  // namespace
}  // namespace injector::test
