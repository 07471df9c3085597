// State stores over a real socket, as the runtime calls them.
#include <gmock/gmock.h>

#include <thread>

#include "component_client.h"
#include "component_error_details.pb.h"
#include "hosted.h"
#include "sample_store.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StateServiceTest : public ::testing::Test {
 protected:
  StateServiceTest() : hosted_(dir_.path()), client_(dir_ / "sample.sock") {}
  void SetUp() override { ASSERT_TRUE(hosted_.started) << hosted_.started.error().message; }

  ScopedTempDir dir_;
  Hosted<SampleStore> hosted_;
  ComponentClient client_;
};

TEST_F(StateServiceTest, TwoInstancesOnOneSocketHaveSeparateState) {
  ASSERT_TRUE(client_.InitState("one").ok());
  ASSERT_TRUE(client_.InitState("two").ok());
  ASSERT_TRUE(client_.Set("one", "k", "1").ok());
  ASSERT_TRUE(client_.Set("two", "k", "2").ok());
  EXPECT_EQ(client_.Get("one", "k"), "1");
  EXPECT_EQ(client_.Get("two", "k"), "2");
}

TEST_F(StateServiceTest, CallerWithoutInstanceUsesTheDefaultOne) {
  ASSERT_TRUE(client_.InitState("").ok());
  ASSERT_TRUE(client_.Set("", "k", "1").ok());
  EXPECT_EQ(client_.Get("", "k"), "1");
}

TEST_F(StateServiceTest, InstanceThatWasNeverInitialisedIsRefusedWithoutEtagDetails) {
  const grpc::Status status = client_.Set("new", "k", "v");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("\"new\" is not initialised"));
  EXPECT_EQ(status.error_details(), "");
}

TEST_F(StateServiceTest, FailedInitReportsItsErrorAndLeavesTheInstanceClosed) {
  pb::InitRequest request;
  (*request.mutable_metadata()->mutable_properties())["fail"] = "yes";
  pb::InitResponse response;
  const grpc::Status status =
      client_.Call<pb::StateStore>(&pb::StateStore::Stub::Init, "x", request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "told to fail");
  EXPECT_EQ(client_.Set("x", "k", "v").error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(StateServiceTest, RepeatedInitKeepsTheObject) {
  ASSERT_TRUE(client_.InitState("x").ok());
  ASSERT_TRUE(client_.Set("x", "k", "v").ok());
  ASSERT_TRUE(client_.InitState("x").ok());
  EXPECT_EQ(client_.Get("x", "k"), "v");
  EXPECT_EQ(hosted_.made(), 1);
}

TEST_F(StateServiceTest, EtagMismatchHasTheDetailTheRuntimeLooksFor) {
  ASSERT_TRUE(client_.InitState("x").ok());
  const grpc::Status status = client_.Set("x", "stale", "v");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  dapr::component::wire::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 9);
  EXPECT_EQ(details.details_size(), 1);
}

TEST_F(StateServiceTest, EmptyEtagIsNotTheAbsentOne) {
  ASSERT_TRUE(client_.InitState("x").ok());
  pb::DeleteRequest request;
  pb::DeleteResponse response;
  request.set_key("k");
  EXPECT_TRUE(
      client_.Call<pb::StateStore>(&pb::StateStore::Stub::Delete, "x", request, &response).ok());
  request.mutable_etag();
  EXPECT_EQ(client_.Call<pb::StateStore>(&pb::StateStore::Stub::Delete, "x", request, &response)
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(StateServiceTest, FeaturesIncludeWhatTheInterfacesSay) {
  pb::FeaturesResponse response;
  ASSERT_TRUE(client_
                  .Call<pb::StateStore>(&pb::StateStore::Stub::Features, "x", pb::FeaturesRequest(),
                                        &response)
                  .ok());
  EXPECT_THAT(response.features(), ElementsAre("TRANSACTIONAL", "QUERY_API"));
}

TEST_F(StateServiceTest, PingIsAnsweredBeforeInit) {
  pb::PingResponse response;
  EXPECT_TRUE(
      client_.Call<pb::StateStore>(&pb::StateStore::Stub::Ping, "", pb::PingRequest(), &response)
          .ok());
}

TEST_F(StateServiceTest, QueryOperandWithoutTypeUrlIsHandedOverAsJsonText) {
  ASSERT_TRUE(client_.InitState("x").ok());
  pb::QueryRequest request;
  (*request.mutable_query()->mutable_filter())["EQ"].set_value(R"({"state":"CA"})");
  request.mutable_query()->mutable_pagination()->set_limit(3);
  pb::QueryResponse response;
  ASSERT_TRUE(client_
                  .Call<pb::QueriableStateStore>(&pb::QueriableStateStore::Stub::Query, "x",
                                                 request, &response)
                  .ok());
  ASSERT_EQ(response.items_size(), 1);
  EXPECT_EQ(response.items(0).key(), "EQ");
  EXPECT_EQ(response.items(0).data(), R"({"state":"CA"})");
  EXPECT_EQ(response.token(), "3");
}

TEST_F(StateServiceTest, TransactionWithAnEmptyOperationIsRefused) {
  ASSERT_TRUE(client_.InitState("x").ok());
  pb::TransactionalStateRequest request;
  request.add_operations()->mutable_set()->set_key("k");
  request.add_operations();
  pb::TransactionalStateResponse response;
  const grpc::Status status = client_.Call<pb::TransactionalStateStore>(
      &pb::TransactionalStateStore::Stub::Transact, "x", request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("operation 1"));
}

TEST_F(StateServiceTest, MultiMaxSizeIsTheStores) {
  ASSERT_TRUE(client_.InitState("x").ok());
  pb::MultiMaxSizeResponse response;
  ASSERT_TRUE(client_
                  .Call<pb::TransactionalStoreMultiMaxSize>(
                      &pb::TransactionalStoreMultiMaxSize::Stub::MultiMaxSize, "x",
                      pb::MultiMaxSizeRequest(), &response)
                  .ok());
  EXPECT_EQ(response.max_size(), 12);
}

TEST_F(StateServiceTest, BulkGetReportsEachKeyAndBulkDeleteTheRows) {
  ASSERT_TRUE(client_.InitState("x").ok());
  ASSERT_TRUE(client_.Set("x", "a", "1").ok());
  pb::BulkGetRequest request;
  request.add_items()->set_key("a");
  request.add_items()->set_key("missing");
  pb::BulkGetResponse response;
  ASSERT_TRUE(
      client_.Call<pb::StateStore>(&pb::StateStore::Stub::BulkGet, "x", request, &response).ok());
  ASSERT_EQ(response.items_size(), 2);
  EXPECT_EQ(response.items(0).data(), "1");
  EXPECT_EQ(response.items(1).error(), "");
  pb::BulkDeleteRequest remove;
  remove.add_items()->set_key("a");
  pb::BulkDeleteResponse removed;
  EXPECT_EQ(client_.Call<pb::StateStore>(&pb::StateStore::Stub::BulkDelete, "x", remove, &removed)
                .error_code(),
            grpc::StatusCode::INTERNAL);
}

TEST_F(StateServiceTest, ExceptionOfAHandlerIsAnInternalErrorAndTheServerLives) {
  ASSERT_TRUE(client_.InitState("x").ok());
  EXPECT_EQ(client_.Get("x", "throw"), "failed: the component threw: boom");
  EXPECT_TRUE(client_.Set("x", "k", "v").ok());
}

TEST_F(StateServiceTest, AnswerOverFourMebibytesIsRefusedInWords) {
  ASSERT_TRUE(client_.InitState("x").ok());
  EXPECT_THAT(client_.Get("x", "big"), HasSubstr("at most 4194304 (4 MiB)"));
}

TEST_F(StateServiceTest, RequestOfFiveMebibytesPasses) {
  ASSERT_TRUE(client_.InitState("x").ok());
  EXPECT_TRUE(client_.Set("x", "k", std::string(5 << 20, 'x')).ok());
}

TEST_F(StateServiceTest, BlockedHandlersDoNotStopOthers) {
  ASSERT_TRUE(client_.InitState("x").ok());
  std::vector<std::thread> blocked;
  for (int i = 0; i < 20; ++i) blocked.emplace_back([this] { client_.Get("x", "wait"); });
  // More handlers than threads at first: all get one while the others still block.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (hosted_["x"].waiting < 20 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(hosted_["x"].waiting, 20);
  EXPECT_TRUE(client_.Set("x", "k", "v").ok());
  hosted_["x"].Release();
  for (std::thread& thread : blocked) thread.join();
}

TEST_F(StateServiceTest, HundredInstancesFromManyThreadsAreMadeOnceEach) {
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([this, &failures] {
      ComponentClient client(dir_ / "sample.sock");
      for (int i = 0; i < 100; ++i) {
        const std::string instance = "instance-" + std::to_string(i);
        if (!client.InitState(instance).ok()) ++failures;
        if (!client.Set(instance, "k", instance).ok()) ++failures;
        if (client.Get(instance, "k") != instance) ++failures;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(hosted_.made(), 100);
}

}  // namespace
}  // namespace injector::test
