// The example components, without a runtime.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "file_output/file_binding.h"
#include "memory_pubsub/broker.h"
#include "sqlite_state/query_sql.h"
#include "sqlite_state/sqlite_store.h"
#include "support/scoped_temp_dir.h"
#include "timer_input/timer_binding.h"
#include "wait_for.h"
#include "yaml_secrets/yaml_store.h"

namespace injector::test {
namespace {

namespace sdk = dapr::component;
using sdk::ErrorKind;
using sdk::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A stream that keeps what it gets until the test settles it.
class FakeStream : public sdk::MessageStream {
 public:
  sdk::Delivery TryDeliver(sdk::Message& message, sdk::OutcomeHandler& handler) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!open_) return sdk::Delivery::kClosed;
    if (handlers_.size() >= limit_) return sdk::Delivery::kFull;
    data_.push_back(message.data);
    handlers_.push_back(std::move(handler));
    return sdk::Delivery::kAccepted;
  }
  sdk::Delivery Deliver(sdk::Message, sdk::OutcomeHandler) override {
    return sdk::Delivery::kClosed;
  }
  void SetMaxInFlight(std::size_t limit) override { limit_ = limit; }
  void OnReady(std::function<void()>) override {}
  bool IsOpen() const override { return open_; }
  void Close(const sdk::Error&) override { open_ = false; }

  void SettleFirst(Outcome::Kind kind) {
    sdk::OutcomeHandler handler;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      handler = std::move(handlers_.front());
      handlers_.pop_front();
    }
    handler({kind, ""});
  }
  // The same, but the place is free only when the outcome has been told: nobody slips in between.
  void SettleFirstBeforeItsPlaceIsFree(Outcome::Kind kind) {
    sdk::OutcomeHandler handler;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      handler = std::move(handlers_.front());
    }
    handler({kind, ""});
    const std::lock_guard<std::mutex> lock(mutex_);
    handlers_.pop_front();
  }
  std::vector<std::string> data() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return data_;
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> open_{true};
  std::atomic<std::size_t> limit_{100};
  std::deque<sdk::OutcomeHandler> handlers_;
  std::vector<std::string> data_;
};

class BrokerTest : public ::testing::Test {
 protected:
  void Publish(const std::string& data) {
    ASSERT_TRUE(broker_.Publish({data, "pubsub", "orders", {}, ""}));
  }
  memory_pubsub::Broker broker_;
  std::shared_ptr<FakeStream> stream_ = std::make_shared<FakeStream>();
};

TEST_F(BrokerTest, MessagePublishedBeforeTheSubscriptionIsKept) {
  ASSERT_TRUE(broker_.Init({}));
  Publish("a");
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, stream_));
  EXPECT_THAT(stream_->data(), ElementsAre("a"));
}

TEST_F(BrokerTest, RejectedMessageComesBackAfterTheDelay) {
  ASSERT_TRUE(broker_.Init({{"redeliveryDelay", "1"}}));
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, stream_));
  Publish("a");
  stream_->SettleFirst(Outcome::Kind::kRejected);
  EXPECT_TRUE(WaitFor([&] { return stream_->data().size() == 2; }));
  EXPECT_THAT(stream_->data(), ElementsAre("a", "a"));
}

TEST_F(BrokerTest, MessageIsGivenUpAfterMaxAttempts) {
  ASSERT_TRUE(broker_.Init({{"redeliveryDelay", "1"}, {"maxAttempts", "1"}, {"ordered", "true"}}));
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, stream_));
  Publish("a");
  Publish("b");
  stream_->SettleFirst(Outcome::Kind::kRejected);
  EXPECT_THAT(stream_->data(), ElementsAre("a", "b"));
}

TEST_F(BrokerTest, OrderedDeliveryRepeatsARejectedMessageBeforeTheNext) {
  ASSERT_TRUE(broker_.Init({{"redeliveryDelay", "1"}, {"ordered", "true"}}));
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, stream_));
  Publish("a");
  Publish("b");
  EXPECT_THAT(stream_->data(), ElementsAre("a"));
  stream_->SettleFirst(Outcome::Kind::kRejected);
  ASSERT_TRUE(WaitFor([&] { return stream_->data().size() == 2; }));
  stream_->SettleFirst(Outcome::Kind::kProcessed);
  EXPECT_THAT(stream_->data(), ElementsAre("a", "a", "b"));
}

TEST_F(BrokerTest, LostMessagesGoToTheNextStreamInTheirOrder) {
  ASSERT_TRUE(broker_.Init({}));
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, stream_));
  for (const char* data : {"a", "b", "c"}) Publish(data);
  stream_->Close({});
  for (int i = 0; i < 3; ++i) stream_->SettleFirst(Outcome::Kind::kLost);
  const auto next = std::make_shared<FakeStream>();
  ASSERT_TRUE(broker_.Subscribe({"orders", {}}, next));
  EXPECT_THAT(next->data(), ElementsAre("a", "b", "c"));
}

TEST_F(BrokerTest, FullTopicRefusesToPublish) {
  ASSERT_TRUE(broker_.Init({{"maxQueued", "1"}}));
  Publish("a");
  const auto published = broker_.Publish({"b", "pubsub", "orders", {}, ""});
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().kind, ErrorKind::kResourceExhausted);
}

TEST_F(BrokerTest, SettingThatIsNoNumberIsNamed) {
  const auto init = broker_.Init({{"maxInFlight", "many"}});
  ASSERT_FALSE(init);
  EXPECT_THAT(init.error().message, HasSubstr("maxInFlight is \"many\""));
}

class SqliteTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store_.Init({{"path", dir_ / "state.db"}})); }
  std::string Etag(const std::string& key) {
    sdk::GetRequest request;
    request.key = key;
    return store_.Get(request)->etag.value_or("none");
  }
  std::string Value(const std::string& key) {
    sdk::GetRequest request;
    request.key = key;
    return store_.Get(request)->data;
  }
  static sdk::SetRequest Set(const std::string& key, const std::string& value) {
    sdk::SetRequest request;
    request.key = key;
    request.value = value;
    return request;
  }
  ScopedTempDir dir_;
  sqlite_state::SqliteStore store_;
};

TEST_F(SqliteTest, ValueSurvivesANewStoreOnTheFile) {
  ASSERT_TRUE(store_.Set(Set("k", std::string("a\0b", 3))));
  sqlite_state::SqliteStore again;
  ASSERT_TRUE(again.Init({{"path", dir_ / "state.db"}}));
  sdk::GetRequest request;
  request.key = "k";
  EXPECT_EQ(again.Get(request)->data, std::string("a\0b", 3));
}

TEST_F(SqliteTest, OldEtagIsAMismatchAndCurrentOneWrites) {
  ASSERT_TRUE(store_.Set(Set("k", "1")));
  const std::string old = Etag("k");
  ASSERT_TRUE(store_.Set(Set("k", "2")));
  sdk::SetRequest request = Set("k", "3");
  request.etag = old;
  EXPECT_EQ(store_.Set(request).error().kind, ErrorKind::kEtagMismatch);
  request.etag = Etag("k");
  EXPECT_TRUE(store_.Set(request));
  EXPECT_EQ(Value("k"), "3");
}

TEST_F(SqliteTest, EtagOfAnotherShapeIsInvalid) {
  sdk::SetRequest request = Set("k", "1");
  request.etag = "not-an-etag";
  EXPECT_EQ(store_.Set(request).error().kind, ErrorKind::kEtagInvalid);
}

TEST_F(SqliteTest, FirstWriteWithoutEtagNeedsAnAbsentKey) {
  sdk::SetRequest request = Set("k", "1");
  request.concurrency = sdk::Concurrency::kFirstWrite;
  EXPECT_TRUE(store_.Set(request));
  EXPECT_EQ(store_.Set(request).error().kind, ErrorKind::kEtagMismatch);
}

TEST_F(SqliteTest, DeleteWithAnOldEtagKeepsTheValue) {
  ASSERT_TRUE(store_.Set(Set("k", "1")));
  sdk::DeleteRequest request;
  request.key = "k";
  request.etag = "0000000000000000";
  EXPECT_EQ(store_.Delete(request).error().kind, ErrorKind::kEtagMismatch);
  request.etag = Etag("k");
  EXPECT_TRUE(store_.Delete(request));
  EXPECT_EQ(Etag("k"), "none");
}

TEST_F(SqliteTest, FailedTransactionChangesNothing) {
  sdk::SetRequest bad = Set("b", "2");
  bad.etag = "0000000000000000";
  const auto done = store_.Transact({Set("a", "1"), bad}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(Value("a"), "");
}

TEST_F(SqliteTest, ExpiredValueIsAbsent) {
  sdk::SetRequest request = Set("k", "1");
  request.metadata["ttlInSeconds"] = "1";
  ASSERT_TRUE(store_.Set(request));
  EXPECT_EQ(Value("k"), "1");
  EXPECT_TRUE(WaitFor([&] { return Value("k").empty(); }));
}

TEST_F(SqliteTest, QueryFiltersSortsAndPages) {
  for (const auto& [key, city, age] : {std::tuple("1", "Rome", 3), std::tuple("2", "Oslo", 1),
                                       std::tuple("3", "Rome", 2), std::tuple("4", "Bonn", 4)})
    ASSERT_TRUE(store_.Set(Set(key, std::string(R"({"home":{"city":")") + city + R"("},"age":)" +
                                        std::to_string(age) + "}")));
  ASSERT_TRUE(store_.Set(Set("5", "no json")));
  sdk::Query query;
  query.filter["OR"] = R"([{"EQ":{"home.city":"Rome"}},{"IN":{"home.city":["Bonn","Lima"]}}])";
  query.sort = {{"age", sdk::SortOrder::kDescending}};
  query.limit = 2;
  auto page = store_.Query(query);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[0].key, "4");
  EXPECT_EQ(page->items[1].key, "1");
  query.token = page->token;
  page = store_.Query(query);
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].key, "3");
}

TEST_F(SqliteTest, HostileFilterIsRefusedOrBound) {
  sdk::Query query;
  query.filter["EQ"] = R"({"a\") OR 1=1 --":"x' OR '1'='1"})";
  ASSERT_TRUE(store_.Set(Set("k", "{}")));
  EXPECT_TRUE(store_.Query(query)->items.empty());
  query.filter = {{"DROP", R"({"a":1})"}};
  EXPECT_EQ(store_.Query(query).error().kind, ErrorKind::kInvalidArgument);
  query.filter = {{"EQ", "{"}};
  EXPECT_EQ(store_.Query(query).error().kind, ErrorKind::kInvalidArgument);
  std::string deep = R"({"EQ":{"a":1}})";
  for (int i = 0; i < 20; ++i) deep = R"({"AND":[)" + deep + "]}";
  query.filter = {{"AND", "[" + deep + "]"}};
  EXPECT_EQ(store_.Query(query).error().kind, ErrorKind::kInvalidArgument);
}

TEST(FileBinding, AppendsLinesAndKnowsOnlyCreate) {
  const ScopedTempDir dir;
  file_output::FileBinding binding;
  ASSERT_TRUE(binding.Init({{"path", dir / "out.log"}}));
  ASSERT_TRUE(binding.Invoke({"one", {}, "create"}));
  ASSERT_TRUE(binding.Invoke({"two", {}, "create"}));
  EXPECT_EQ(binding.Invoke({"x", {}, "delete"}).error().kind, ErrorKind::kInvalidArgument);
  std::ifstream file(dir / "out.log");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "one\ntwo\n");
}

TEST(TimerBinding, RejectedTickIsFedAgainBeforeANewOne) {
  timer_input::TimerBinding binding;
  ASSERT_TRUE(binding.Init({{"interval", "1"}}));
  const auto stream = std::make_shared<FakeStream>();
  stream->SetMaxInFlight(1);
  ASSERT_TRUE(binding.Read(stream));
  ASSERT_TRUE(WaitFor([&] { return stream->data().size() == 1; }));
  stream->SettleFirstBeforeItsPlaceIsFree(Outcome::Kind::kRejected);
  ASSERT_TRUE(WaitFor([&] { return stream->data().size() == 2; }));
  EXPECT_THAT(stream->data(), ElementsAre(R"({"tick":1})", R"({"tick":1})"));
  stream->Close({});
}

TEST(YamlStore, ScalarIsOnePairAndMapSeveral) {
  const ScopedTempDir dir;
  yaml_secrets::YamlStore store;
  ASSERT_TRUE(store.Init(
      {{"secretsFile", dir.Write("s.yaml", "token: abc\ndb:\n  user: u\n  password: p\n")}}));
  EXPECT_EQ(store.Get("token", {}).value(), (sdk::Secret{{"token", "abc"}}));
  EXPECT_EQ(store.Get("db", {}).value(), (sdk::Secret{{"user", "u"}, {"password", "p"}}));
  EXPECT_EQ(store.Get("none", {}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(store.BulkGet({})->size(), 2U);
}

TEST(YamlStore, FaultNamesTheLineAndNeverQuotesASecret) {
  const ScopedTempDir dir;
  yaml_secrets::YamlStore store;
  const auto init = store.Init({{"secretsFile", dir.Write("s.yaml", "a: hunter2\nb: [hunter2\n")}});
  ASSERT_FALSE(init);
  EXPECT_THAT(init.error().message, HasSubstr("s.yaml:"));
  EXPECT_THAT(init.error().message, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace injector::test
