#include <algorithm>
#include <thread>

#include "runtime/conformance/check.h"
#include "runtime/state_store.h"

namespace injector::runtime {
namespace {

// One store with keys of the check's own.
class Store {
 public:
  explicit Store(const ConformanceOptions& options, const std::string& suffix = "state")
      : store_(InstanceOf(options, suffix)), prefix_("conformance||" + options.run + "-") {}

  [[nodiscard]] std::string Key(const std::string& name) const { return prefix_ + name; }
  Result<pb::GetResponse> Get(const std::string& name) {
    pb::GetRequest request;
    request.set_key(Key(name));
    return store_.Get(request);
  }
  Result<void> Set(const std::string& name, const std::string& value,
                   const std::optional<std::string>& etag = std::nullopt) {
    return store_.Set(SetOf(name, value, etag));
  }
  Result<void> Delete(const std::string& name,
                      const std::optional<std::string>& etag = std::nullopt) {
    return store_.Delete(DeleteOf(name, etag));
  }
  [[nodiscard]] pb::SetRequest SetOf(const std::string& name, const std::string& value,
                                     const std::optional<std::string>& etag) const {
    pb::SetRequest request;
    request.set_key(Key(name));
    request.set_value(value);
    if (etag) request.mutable_etag()->set_value(*etag);
    request.mutable_options();  // always there
    return request;
  }
  [[nodiscard]] pb::DeleteRequest DeleteOf(const std::string& name,
                                           const std::optional<std::string>& etag) const {
    pb::DeleteRequest request;
    request.set_key(Key(name));
    if (etag) request.mutable_etag()->set_value(*etag);
    request.mutable_options();
    return request;
  }
  bool Has(const std::string& feature) {
    const auto features = store_.Features();
    return features && std::find(features->begin(), features->end(), feature) != features->end();
  }
  // "" when the key holds `value`, else what it holds.
  std::string Differs(const std::string& name, const std::string& value) {
    const auto got = Get(name);
    if (!got) return "Get answered: " + got.error().message;
    if (got->data() == value) return "";
    return name + " holds \"" + got->data() + "\" and not \"" + value + "\"";
  }
  StateStore& operator*() { return store_; }

 private:
  StateStore store_;
  std::string prefix_;
};

Finding MissingKey(const ConformanceOptions& options) {
  Store store(options);
  const auto got = store.Get("missing");
  if (!got) return Broken("Get of a key that is not there", got.error());
  if (!got->data().empty()) return Broken("a key that is not there has data");
  if (got->has_etag()) return Broken("a key that is not there has an etag");
  return Pass();
}

Finding SetGet(const ConformanceOptions& options) {
  Store store(options);
  for (const std::string value : {"{\"a\":1}", "{\"a\":2}"}) {
    const auto set = store.Set("set", value);
    if (!set) return Broken("Set", set.error());
    const std::string fault = store.Differs("set", value);
    if (!fault.empty()) return Broken(fault);
  }
  return Pass();
}

Finding Bytes(const ConformanceOptions& options) {
  Store store(options);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const auto set = store.Set("bytes", bytes);
  if (!set) return Broken("Set of bytes that are no text", set.error());
  const auto got = store.Get("bytes");
  if (!got) return Broken("Get", got.error());
  return got->data() == bytes ? Pass() : Broken("bytes that are no text come back changed");
}

Finding LargeValue(const ConformanceOptions& options) {
  constexpr std::size_t kBytes = 3U << 20U;
  Store store(options);
  const std::string value(kBytes, 'x');
  const auto set = store.Set("large", value);
  if (!set) return Broken("Set of 3 MiB", set.error());
  const auto got = store.Get("large");
  if (!got) return Broken("Get of 3 MiB", got.error());
  (void)store.Delete("large");
  return got->data() == value ? Pass() : Broken("3 MiB come back changed");
}

Finding Delete(const ConformanceOptions& options) {
  Store store(options);
  const auto set = store.Set("delete", "v");
  if (!set) return Broken("Set", set.error());
  const auto gone = store.Delete("delete");
  if (!gone) return Broken("Delete", gone.error());
  const auto got = store.Get("delete");
  if (!got) return Broken("Get after Delete", got.error());
  return got->data().empty() ? Pass() : Broken("the value is still there");
}

Finding DeleteMissing(const ConformanceOptions& options) {
  Store store(options);
  const auto gone = store.Delete("never-set");
  return gone ? Pass() : Broken("Delete of a key that is not there", gone.error());
}

Finding EtagChanges(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  std::string first;
  for (const std::string value : {"1", "2"}) {
    const auto set = store.Set("etag", value);
    if (!set) return Broken("Set", set.error());
    const auto got = store.Get("etag");
    if (!got) return Broken("Get", got.error());
    if (!got->has_etag()) return Broken("Get has no etag, and the store says ETAG");
    if (got->etag().value() == first) return Broken("the etag is the same after another Set");
    first = got->etag().value();
  }
  return Pass();
}

// What a write with an etag that is no longer true must come to.
Finding JudgeStale(const std::string& call, const Result<void>& result) {
  if (result) return Broken(call + " succeeded");
  if (result.error().kind == ErrorKind::kEtagMismatch) return Pass();
  if (result.error().kind == ErrorKind::kEtagInvalid)
    return Broken(call + " answered that the etag is invalid: daprd says 400");
  return Broken(call + " answered " + CodeName(result.error().grpc_code) +
                " without one violation of etag in its details, so daprd says 500 and not 409: " +
                result.error().message);
}

// Writes twice and hands back the first etag.
Result<std::string> StaleEtag(Store& store, const std::string& name) {
  std::string first;
  for (const std::string value : {"1", "2"}) {
    auto set = store.Set(name, value);
    if (!set) return tl::unexpected(set.error());
    auto got = store.Get(name);
    if (!got) return tl::unexpected(got.error());
    if (first.empty()) first = got->etag().value();
  }
  return first;
}

Finding StaleSet(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  const auto stale = StaleEtag(store, "stale-set");
  if (!stale) return Broken("writing", stale.error());
  const Finding finding = JudgeStale("Set with a stale etag", store.Set("stale-set", "3", *stale));
  if (finding.outcome != Outcome::kPass) return finding;
  const std::string fault = store.Differs("stale-set", "2");
  return fault.empty() ? Pass() : Broken("after the refusal " + fault);
}

Finding StaleDelete(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  const auto stale = StaleEtag(store, "stale-delete");
  if (!stale) return Broken("writing", stale.error());
  const Finding finding =
      JudgeStale("Delete with a stale etag", store.Delete("stale-delete", *stale));
  if (finding.outcome != Outcome::kPass) return finding;
  const std::string fault = store.Differs("stale-delete", "2");
  return fault.empty() ? Pass() : Broken("after the refusal " + fault);
}

Finding CurrentEtag(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  const auto set = store.Set("current", "1");
  if (!set) return Broken("Set", set.error());
  const auto got = store.Get("current");
  if (!got) return Broken("Get", got.error());
  const auto again = store.Set("current", "2", got->etag().value());
  if (!again) return Broken("Set with the current etag", again.error());
  const auto newer = store.Get("current");
  if (!newer) return Broken("Get", newer.error());
  const auto gone = store.Delete("current", newer->etag().value());
  return gone ? Pass() : Broken("Delete with the current etag", gone.error());
}

Finding FirstWrite(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  const auto set = store.Set("first", "1");
  if (!set) return Broken("Set", set.error());
  pb::SetRequest second = store.SetOf("first", "2", std::nullopt);
  second.mutable_options()->set_concurrency(pb::StateOptions::CONCURRENCY_FIRST_WRITE);
  const auto written = (*store).Set(second);
  if (written) return Absent("first-write replaces a value that is there");
  return JudgeStale("Set as first-write of a key that is there", written);
}

Finding BulkGet(const ConformanceOptions& options) {
  Store store(options);
  const auto set = store.Set("bulk-1", "1");
  if (!set) return Broken("Set", set.error());
  pb::BulkGetRequest request;
  request.add_items()->set_key(store.Key("bulk-1"));
  request.add_items()->set_key(store.Key("bulk-missing"));
  const auto got = (*store).BulkGet(request);
  if (!got) return Broken("BulkGet", got.error());
  if (got->items_size() != 2)
    return Broken("two keys were asked for, " + std::to_string(got->items_size()) + " came");
  for (const auto& item : got->items()) {
    const bool missing = item.key() == store.Key("bulk-missing");
    if (missing && !item.error().empty())
      return Broken("a key that is not there has the error: " + item.error());
    if (item.data() != (missing ? "" : "1"))
      return Broken("the value of " + item.key() + " is wrong");
  }
  return Pass();
}

Finding BulkWrite(const ConformanceOptions& options) {
  Store store(options);
  pb::BulkSetRequest set;
  pb::BulkDeleteRequest gone;
  for (const char* name : {"bulk-a", "bulk-b"}) {
    *set.add_items() = store.SetOf(name, name, std::nullopt);
    *gone.add_items() = store.DeleteOf(name, std::nullopt);
  }
  const auto written = (*store).BulkSet(set);
  if (!written) return Broken("BulkSet", written.error());
  const std::string fault = store.Differs("bulk-b", "bulk-b");
  if (!fault.empty()) return Broken("after BulkSet " + fault);
  const auto deleted = (*store).BulkDelete(gone);
  if (!deleted) return Broken("BulkDelete", deleted.error());
  const std::string left = store.Differs("bulk-a", "");
  return left.empty() ? Pass() : Broken("after BulkDelete " + left);
}

Finding BulkStale(const ConformanceOptions& options) {
  Store store(options);
  if (!store.Has("ETAG")) return Absent("no feature ETAG");
  const auto stale = StaleEtag(store, "bulk-stale");
  if (!stale) return Broken("writing", stale.error());
  pb::BulkSetRequest set;
  *set.add_items() = store.SetOf("bulk-stale", "3", *stale);
  *set.add_items() = store.SetOf("bulk-other", "3", std::nullopt);
  return JudgeStale("BulkSet with a stale etag", (*store).BulkSet(set));
}

pb::TransactionalStateRequest TransactionOf(const Store& store, bool fails) {
  pb::TransactionalStateRequest request;
  *request.add_operations()->mutable_set() = store.SetOf("tx-a", "new", std::nullopt);
  *request.add_operations()->mutable_set() = store.SetOf("tx-a", "newer", std::nullopt);
  *request.add_operations()->mutable_delete_() = store.DeleteOf("tx-b", std::nullopt);
  if (fails)
    *request.add_operations()->mutable_set() = store.SetOf("tx-c", "new", "0000000000000000");
  return request;
}

Finding Transaction(const ConformanceOptions& options, bool fails) {
  Store store(options);
  if (!store.Has("TRANSACTIONAL")) return Absent("no feature TRANSACTIONAL");
  if (fails && !store.Has("ETAG")) return Absent("no feature ETAG, so none can be made to fail");
  for (const char* name : {"tx-a", "tx-b", "tx-c"}) {
    const auto set = store.Set(name, "old");
    if (!set) return Broken("Set", set.error());
  }
  const auto limit = (*store).MaxOperations();
  const pb::TransactionalStateRequest request = TransactionOf(store, fails);
  if (limit && *limit && **limit < request.operations_size())
    return Absent("it takes " + std::to_string(**limit) + " operations, too few for this check");
  const auto done = (*store).Transact(request);
  if (fails == done.has_value())
    return Broken(fails ? "a transaction with a stale etag succeeded"
                        : "Transact answered: " + done.error().message);
  std::string fault = store.Differs("tx-a", fails ? "old" : "newer");
  if (fault.empty()) fault = store.Differs("tx-b", fails ? "old" : "");
  return fault.empty() ? Pass() : Broken("afterwards " + fault);
}

Finding TransactionApplies(const ConformanceOptions& options) {
  return Transaction(options, false);
}

Finding TransactionAtomic(const ConformanceOptions& options) {
  return Transaction(options, true);
}

Finding Query(const ConformanceOptions& options) {
  Store store(options);
  const std::string value = "{\"run\":\"" + options.run + "\"}";
  const auto set = store.Set("query", value);
  if (!set) return Broken("Set", set.error());
  pb::QueryRequest request;
  (*request.mutable_query()->mutable_filter())["EQ"].set_value(value);
  request.mutable_query()->mutable_pagination()->set_limit(10);
  const auto found = (*store).Query(request);
  if (!found && !store.Has("QUERY_API")) return Absent("no feature QUERY_API");
  if (!found) return Broken("Query", found.error());
  if (found->items_size() != 1 || found->items(0).key() != store.Key("query"))
    return Broken(std::to_string(found->items_size()) + " values found, and one has the value");
  return Pass();
}

Finding Concurrent(const ConformanceOptions& options) {
  constexpr int kThreads = 16;
  constexpr int kRounds = 20;
  Store store(options);
  std::vector<std::string> faults(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&store, &fault = faults[static_cast<std::size_t>(i)], i] {
      const std::string name = "thread-" + std::to_string(i);
      for (int round = 0; round < kRounds && fault.empty(); ++round) {
        const auto set = store.Set(name, std::to_string(round));
        fault = set ? store.Differs(name, std::to_string(round)) : set.error().message;
      }
      (void)store.Delete(name);
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& fault : faults)
    if (!fault.empty()) return Broken(fault);
  return Pass();
}

Finding Ping(const ConformanceOptions& options) {
  Store store(options);
  const auto done = (*store).Ping();
  return done ? Pass() : Broken("Ping", done.error());
}

}  // namespace

std::vector<Check> StateChecks() {
  return {
      {"state/missing-key", "a key that is not there: OK, no data, no etag", MissingKey},
      {"state/set-get", "what was set is read, also after an overwrite", SetGet},
      {"state/bytes", "values are bytes and come back as they were", Bytes},
      {"state/large-value", "a value of 3 MiB is stored and read", LargeValue},
      {"state/delete", "what was deleted is gone", Delete},
      {"state/delete-missing", "deleting what is not there succeeds", DeleteMissing},
      {"state/etag-changes", "each write gives another etag", EtagChanges},
      {"state/etag-current", "writes with the current etag succeed", CurrentEtag},
      {"state/etag-stale-set", "Set with a stale etag: FAILED_PRECONDITION, violation of etag",
       StaleSet},
      {"state/etag-stale-delete", "Delete with a stale etag: the same", StaleDelete},
      {"state/first-write", "first-write does not replace a value", FirstWrite},
      {"state/bulk-get", "BulkGet answers for every key, also for one that is not there", BulkGet},
      {"state/bulk-write", "BulkSet and BulkDelete work on all keys", BulkWrite},
      {"state/bulk-stale", "BulkSet with a stale etag is refused as Set is", BulkStale},
      {"state/transaction", "a transaction applies its operations in order", TransactionApplies},
      {"state/transaction-atomic", "a transaction that fails changes nothing", TransactionAtomic},
      {"state/query", "Query finds by EQ, operands as JSON text", Query},
      {"state/concurrency", "16 callers at once do not disturb each other", Concurrent},
      {"state/ping", "Ping answers", Ping},
  };
}

}  // namespace injector::runtime
