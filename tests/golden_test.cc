// Golden cases: every folder of tests/fixtures is one (tests/support/golden_case.h says what is in
// it), and every rule of fixtures/rows.txt has at least one.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "patch/admission.h"
#include "tests/support/golden_answer.h"
#include "tests/support/golden_case.h"
#include "tests/support/golden_command_line.h"
#include "tests/support/pod_invariants.h"
#include "tests/support/pretty_json.h"

namespace injector::test {
namespace {

using testing::IsEmpty;
using Json = nlohmann::ordered_json;

// The review with another pod in it.
std::string WithPod(const std::string& review, const Json& pod) {
  Json changed = Json::parse(review);
  changed["request"]["object"] = pod;
  return changed.dump();
}

Json PodOf(const std::string& review) {
  return Json::parse(review).at("request").at("object");
}

Json Patched(const GoldenCase& golden, const patch::Admission& admission) {
  return PodOf(golden.review).patch(Json::parse(admission.patch));
}

std::string SubjectOf(const patch::Decision& decision) {
  switch (patch::KindOfSubject(decision.reason)) {
    case patch::SubjectKind::kPod:
      return "pod";
    case patch::SubjectKind::kContainer:
      return "container " + decision.subject;
    case patch::SubjectKind::kComponent:
      return "component " + decision.subject;
  }
  return "";
}

Json DecisionsOf(const patch::Admission& admission) {
  Json list = Json::array();
  for (const patch::Decision& decision : admission.decisions) {
    list.push_back(
        {{"subject", SubjectOf(decision)}, {"reason", patch::Describe(decision.reason).id}});
  }
  return list;
}

Json ResponseOf(const patch::Admission& admission) {
  if (admission.allowed) return {{"allowed", true}};
  return {{"allowed", false}, {"status", {{"message", admission.message}}}};
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  void ExpectGolden(const char* file, const Json& value) {
    const std::string text = PrettyJson(value);
    if (MatchesGolden(golden_.folder / file, text)) return;
    ADD_FAILURE() << golden_.folder / file << " differs; UPDATE_GOLDEN=1 would write\n" << text;
  }

  const GoldenCase& golden_ = LoadGoldenCase(GetParam());
};

TEST_P(Golden, AnswerEqualsFixture) {
  const patch::Admission admission = AskPlanner(golden_, golden_.review);
  ExpectGolden("decisions.json", DecisionsOf(admission));
  if (std::filesystem::exists(golden_.folder / "warnings.json")) {
    ExpectGolden("warnings.json", patch::BuildWarnings(admission.decisions));
  }
  if (admission.patch.empty()) {
    ExpectGolden("response.json", ResponseOf(admission));
    EXPECT_TRUE(AbsentGolden(golden_.folder / "patch.json"));
    EXPECT_TRUE(AbsentGolden(golden_.folder / "pod.json"));
  } else {
    ExpectGolden("patch.json", Json::parse(admission.patch));
    ExpectGolden("pod.json", Patched(golden_, admission));
    EXPECT_TRUE(AbsentGolden(golden_.folder / "response.json"));
  }
}

TEST_P(Golden, SecondPassChangesNothing) {
  const patch::Admission first = AskPlanner(golden_, golden_.review);
  if (first.patch.empty()) return;
  const patch::Admission second =
      AskPlanner(golden_, WithPod(golden_.review, Patched(golden_, first)));
  EXPECT_TRUE(second.allowed);
  EXPECT_EQ(second.patch, "");
}

TEST_P(Golden, PatchedPodKeepsTheInvariants) {
  const patch::Admission admission = AskPlanner(golden_, golden_.review);
  if (admission.patch.empty()) return;
  EXPECT_THAT(BrokenInvariants(PodOf(golden_.review), Patched(golden_, admission)), IsEmpty());
}

TEST_P(Golden, OrderOfComponentsDoesNotMatter) {
  GoldenCase reversed = golden_;
  std::reverse(reversed.component_files.begin(), reversed.component_files.end());
  reversed.resources = ReadManifests(reversed.component_files);
  EXPECT_EQ(AskPlanner(reversed, golden_.review).patch, AskPlanner(golden_, golden_.review).patch);
}

TEST_P(Golden, WebhookAnswersThePlannersPatch) {
  const patch::Admission admission = AskPlanner(golden_, golden_.review);
  const Json response = ResponseIn(AskWebhook(golden_));
  EXPECT_EQ(response.at("uid"), Json::parse(golden_.review).at("request").at("uid"));
  EXPECT_EQ(response.at("allowed"), admission.allowed);
  EXPECT_EQ(response.value("patchType", ""), admission.patch.empty() ? "" : "JSONPatch");
  EXPECT_EQ(response.value("patch", Json()),
            admission.patch.empty() ? Json() : Json::parse(admission.patch));
  EXPECT_EQ(response.value("status", Json::object()).value("message", ""), admission.message);
  EXPECT_EQ(response.value("warnings", std::vector<std::string>()),
            patch::BuildWarnings(admission.decisions));
}

TEST_P(Golden, ReviewPrintsTheWebhooksBytes) {
  const auto files = AsFiles(golden_);
  if (files) {
    EXPECT_EQ(AskReview(*files), AskWebhook(*files));
  }
}

// Whether `inject` has a say: it judges no callers and takes nothing but objects.
bool IsForInject(const patch::Admission& admission) {
  const patch::Reason verdict = admission.Verdict();
  return verdict != patch::Reason::kPodCallerNotAllowed && verdict != patch::Reason::kPodMalformed;
}

TEST_P(Golden, InjectMakesThePatchedPod) {
  const auto files = AsFiles(golden_);
  if (!files) return;
  const patch::Admission admission = AskPlanner(*files, files->review);
  if (!IsForInject(admission)) return;
  const Json pod = admission.patch.empty() ? PodOf(files->review) : Patched(*files, admission);
  EXPECT_EQ(AskInject(*files), nlohmann::json(pod));
}

TEST_P(Golden, FolderHoldsWhatItShould) {
  EXPECT_THAT(FaultsOfFolder(GetParam()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Golden, testing::ValuesIn(GoldenCaseNames()),
                         [](const auto& tested) { return tested.param; });

TEST(GoldenRows, EveryRowHasACaseAndEveryCaseKnownRows) {
  std::map<std::string, int> cases_of_row;
  for (const std::string& row : AllRows()) {
    EXPECT_TRUE(cases_of_row.emplace(row, 0).second) << "row " << row << " is listed twice";
  }
  for (const std::string& name : GoldenCaseNames()) {
    const auto rows = RowsOfCase(name);
    EXPECT_FALSE(rows.empty()) << name << "/case.md names no row";
    for (const std::string& row : rows) {
      const auto known = cases_of_row.find(row);
      EXPECT_NE(known, cases_of_row.end()) << name << " names the unknown row " << row;
      if (known != cases_of_row.end()) ++known->second;
    }
  }
  for (const auto& [row, count] : cases_of_row) {
    EXPECT_GT(count, 0) << "no case proves row " << row;
  }
}

}  // namespace
}  // namespace injector::test
