#include "webhook/resource_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

namespace fs = std::filesystem;
using webhook::ResourceFiles;

std::string Component(const std::string& name) {
  return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: " + name + "\n";
}

std::string Names(ResourceFiles& files) {
  std::string names;
  const auto components = files.Components("x", {}, std::chrono::steady_clock::now());
  for (const auto& component : *components->list) {
    names += (names.empty() ? "" : " ") + component->name;
  }
  return names;
}

TEST(ResourceFiles, EmptyUntilTheFirstReload) {
  ResourceFiles files({"/proc/none"});
  EXPECT_EQ(Names(files), "");
}

TEST(ResourceFiles, FolderIsReadByExtensionAndNotDeeper) {
  const ScopedTempDir folder;
  folder.Write("b.yaml", Component("b"));
  folder.Write("a.yml", Component("a"));
  folder.Write("c.json", R"({"apiVersion": "dapr.io/v1alpha1", "kind": "Component",
                             "metadata": {"name": "c"}})");
  folder.Write("d.txt", Component("d"));
  folder.Write(".e.yaml", Component("e"));
  folder.Write("sub/f.yaml", Component("f"));
  fs::create_directory(folder / "g.yaml");
  ResourceFiles files({folder.path()});
  ASSERT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "a b c");
}

TEST(ResourceFiles, FileNamedTwiceIsReadOnce) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path(), file, folder.path() + "/./a.yaml"});
  ASSERT_TRUE(files.Reload()) << "no duplicate Component";
  EXPECT_EQ(Names(files), "a");
}

TEST(ResourceFiles, NothingChangedIsNotNews) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path()});
  EXPECT_TRUE(files.Reload().value());
  EXPECT_FALSE(files.Reload().value());
  folder.Write("a.yaml", Component("a"));
  EXPECT_FALSE(files.Reload().value()) << "same bytes, younger file";
}

TEST(ResourceFiles, ChangeRightAfterReadingIsSeen) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path()});
  EXPECT_TRUE(files.Reload().value());
  for (const char* name : {"b", "c", "d"}) {
    folder.Write("a.yaml", Component(name));
    EXPECT_TRUE(files.Reload().value());
    EXPECT_EQ(Names(files), name);
  }
}

TEST(ResourceFiles, AddedAndRemovedFilesAreSeen) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path()});
  EXPECT_TRUE(files.Reload().value());
  folder.Write("b.yaml", Component("b"));
  EXPECT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "a b");
  fs::remove(folder / "a.yaml");
  EXPECT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "b");
}

// As the kubelet updates a mounted ConfigMap.
TEST(ResourceFiles, SwapOfTheDataLinkIsSeen) {
  const ScopedTempDir folder;
  folder.Write("..1/a.yaml", Component("old"));
  folder.Write("..2/a.yaml", Component("new"));
  fs::create_symlink("..1", folder / "..data");
  fs::create_symlink("..data/a.yaml", folder / "a.yaml");
  ResourceFiles files({folder.path()});
  EXPECT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "old");
  fs::create_symlink("..2", folder / "..data_tmp");
  fs::rename(folder / "..data_tmp", folder / "..data");
  EXPECT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "new");
}

TEST(ResourceFiles, FaultKeepsTheLastGoodSetAndIsToldOnce) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path()});
  EXPECT_TRUE(files.Reload().value());
  folder.Write("a.yaml", "a: 1\na: 2\n");
  const auto outcome = files.Reload();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, file + ":2:1: key \"a\" is there twice");
  EXPECT_EQ(Names(files), "a");
  EXPECT_FALSE(files.Reload().value());
  folder.Write("a.yaml", Component("b"));
  EXPECT_TRUE(files.Reload().value());
  EXPECT_EQ(Names(files), "b");
}

TEST(ResourceFiles, MissingPathIsNamed) {
  ResourceFiles files({"/proc/none/x.yaml"});
  EXPECT_EQ(files.Reload().error().message, "/proc/none/x.yaml: No such file or directory");
}

TEST(ResourceFiles, DeviceIsRefused) {
  ResourceFiles files({"/dev/zero"});
  EXPECT_EQ(files.Reload().error().message, "/dev/zero: expected a file or a folder");
}

TEST(ResourceFiles, FileBeyondTheLimitIsRefused) {
  const ScopedTempDir folder;
  const std::string file = folder.Write("a.yaml", "");
  fs::resize_file(file, (std::size_t{8} << 20) + 1);
  ResourceFiles files({file});
  EXPECT_EQ(files.Reload().error().message,
            file + ": larger than 8388608 bytes; divide it into several files");
}

TEST(ResourceFiles, FolderOfTooManyFilesIsRefused) {
  const ScopedTempDir folder;
  for (int i = 0; i <= 1000; ++i) folder.Write(std::to_string(i) + ".yaml", "");
  ResourceFiles files({folder.path()});
  EXPECT_EQ(files.Reload().error().message,
            folder.path() +
                ": holds more than 1000 manifest files; name the right folder, or divide "
                "it");
}

TEST(ResourceFiles, ReadersAndReloadsMayRunAtOnce) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", Component("a"));
  ResourceFiles files({folder.path()});
  ASSERT_TRUE(files.Reload());
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) EXPECT_EQ(Names(files), "a");
    });
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) EXPECT_TRUE(files.Reload());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace injector::test
