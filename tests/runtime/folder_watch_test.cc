#include "runtime/folder_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::FolderWatch;
using namespace std::chrono_literals;

TEST(FolderWatch, QuietFolderEndsAtTheTimeout) {
  const ScopedTempDir folder;
  FolderWatch watch(folder.path());
  EXPECT_FALSE(watch.Wait(20ms));
}

TEST(FolderWatch, NewGoneAndChangedFilesAreSeen) {
  const ScopedTempDir folder;
  FolderWatch watch(folder.path());
  const std::string file = folder.Write("a", "text");
  EXPECT_TRUE(watch.Wait(10s));
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_TRUE(watch.Wait(10s));
  std::filesystem::remove(file);
  EXPECT_TRUE(watch.Wait(10s));
  EXPECT_FALSE(watch.Wait(20ms));
}

TEST(FolderWatch, FolderThatComesLaterIsWatched) {
  const ScopedTempDir folder;
  FolderWatch watch(folder / "later");
  EXPECT_FALSE(watch.Wait(20ms));
  std::filesystem::create_directory(folder / "later");
  EXPECT_TRUE(watch.Wait(10s));
  folder.Write("later/a", "text");
  EXPECT_TRUE(watch.Wait(10s));
  std::filesystem::remove_all(folder / "later");
  EXPECT_TRUE(watch.Wait(10s));
  std::filesystem::create_directory(folder / "later");
  EXPECT_TRUE(watch.Wait(10s));
}

}  // namespace
}  // namespace injector::test
