#include "patch/container_names.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using patch::ContainerNames;

const ParsedPod& Pod() {
  static const ParsedPod pod(R"({"spec": {
    "containers": [{"name": "orders"}, {"name": "ledger"}, {"name": "ledger-2"}],
    "initContainers": [{"name": "migrate"}]}})");
  return pod;
}

TEST(ContainerNames, FreeLabelIsTakenAsItIs) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("kafka"), "kafka");
}

TEST(ContainerNames, NameOfAContainerGetsTheNextFreeNumber) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("orders"), "orders-2");
  EXPECT_EQ(names.Take("ledger"), "ledger-3");
}

TEST(ContainerNames, NameOfAnInitContainerIsHeld) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("migrate"), "migrate-2");
}

TEST(ContainerNames, DaprdIsHeldThoughThePodLacksIt) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("daprd"), "daprd-2");
}

TEST(ContainerNames, EachNameTakenIsHeld) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("kafka"), "kafka");
  EXPECT_EQ(names.Take("kafka"), "kafka-2");
  EXPECT_EQ(names.Take("kafka"), "kafka-3");
  EXPECT_EQ(names.Take("kafka-2"), "kafka-2-2");
}

TEST(ContainerNames, DotsAndCapitalsBecomeALabel) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take("acme.Ledger.v2"), "acme-ledger-v2");
}

TEST(ContainerNames, LongNameIsCutWithoutADashAtTheEnd) {
  ContainerNames names(Pod().View());
  EXPECT_EQ(names.Take(std::string(62, 'x') + "-archive"), std::string(62, 'x'));
}

TEST(ContainerNames, NumberFitsIntoALongName) {
  ContainerNames names(Pod().View());
  const std::string longest(63, 'x');
  EXPECT_EQ(names.Take(longest), longest);
  EXPECT_EQ(names.Take(longest), std::string(61, 'x') + "-2");
}

TEST(ContainerNames, CutBeforeTheNumberLeavesNoDoubleDash) {
  ContainerNames names(Pod().View());
  const std::string name = std::string(60, 'x') + "-yz";
  EXPECT_EQ(names.Take(name), name);
  EXPECT_EQ(names.Take(name), std::string(60, 'x') + "-2");
}

TEST(ContainerNames, TenthOfANameHasTwoDigits) {
  ContainerNames names(Pod().View());
  for (int i = 1; i < 10; ++i) static_cast<void>(names.Take("kafka"));
  EXPECT_EQ(names.Take("kafka"), "kafka-10");
}

}  // namespace
}  // namespace injector::test
