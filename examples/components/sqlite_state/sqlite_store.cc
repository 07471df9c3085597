#include "sqlite_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "query_sql.h"

namespace sqlite_state {

using component::Concurrency;
using component::DeleteRequest;
using component::ErrorKind;
using component::EtagInvalid;
using component::EtagMismatch;
using component::Fail;
using component::GetRequest;
using component::GetResponse;
using component::Properties;
using component::QueryResponse;
using component::Result;
using component::SetRequest;
using component::StateFeature;

namespace {

constexpr std::size_t kEtagLength = 16;

constexpr char kSchema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value BLOB NOT NULL, etag TEXT NOT "
    "NULL, content_type TEXT NOT NULL, expires REAL) WITHOUT ROWID;";
// Expired rows count as absent; a write removes the one in its way.
constexpr char kAlive[] =
    "(expires IS NULL OR expires > ((julianday('now') - 2440587.5) * 86400.0))";
constexpr char kNewEtag[] = "lower(hex(randomblob(8)))";

// Reads a whole number; absent when there is none.
Result<std::optional<std::int64_t>> ReadInteger(const Properties& metadata, const char* name) {
  const auto found = metadata.find(name);
  if (found == metadata.end() || found->second.empty()) return std::optional<std::int64_t>();
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || stop != text.data() + text.size())
    return Fail(ErrorKind::kInvalidArgument,
                std::string(name) + " is \"" + text + "\", expected a whole number");
  return std::optional<std::int64_t>(value);
}

// Etags of this store are 16 hexadecimal digits; another shape was never given out.
Result<void> CheckEtag(const std::optional<std::string>& etag) {
  if (!etag) return {};
  const bool hexadecimal = etag->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (etag->size() == kEtagLength && hexadecimal) return {};
  return EtagInvalid("\"" + *etag + "\" is no etag of this store");
}

}  // namespace

Result<void> SqliteStore::Init(const Properties& metadata) {
  const auto path = metadata.find("path");
  if (path == metadata.end() || path->second.empty())
    return Fail(ErrorKind::kInvalidArgument, "metadata \"path\" is missing; name the file");
  const auto limit = ReadInteger(metadata, "maxTransaction");
  if (!limit) return tl::unexpected(limit.error());
  const std::lock_guard<std::mutex> lock(mutex_);
  max_transaction_ = limit->value_or(0);
  if (database_ && path_ == path->second) return {};  // a runtime that came back
  Result<Database> database = Database::Open(path->second);
  if (!database) return tl::unexpected(database.error());
  Result<void> made = database->Execute(kSchema);
  if (!made) return made;
  database_ = std::move(*database);
  path_ = path->second;
  return {};
}

Result<GetResponse> SqliteStore::Get(const GetRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto statement = database_->Prepare(
      std::string("SELECT value, etag, content_type FROM state WHERE key = ? AND ") + kAlive);
  if (!statement) return tl::unexpected(statement.error());
  const Result<bool> found = statement->Text(request.key).Step();
  if (!found) return tl::unexpected(found.error());
  GetResponse response;
  if (!*found) return response;
  response.data = statement->Column(0).value_or("");
  response.etag = statement->Column(1);
  response.content_type = statement->Column(2).value_or("");
  return response;
}

Result<void> SqliteStore::Set(const SetRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return InTransaction([&] { return Write(request); });
}

Result<void> SqliteStore::Delete(const DeleteRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return InTransaction([&] { return Remove(request); });
}

Result<void> SqliteStore::Write(const SetRequest& request) {
  const Result<void> etag = CheckEtag(request.etag);
  if (!etag) return etag;
  const auto ttl = ReadInteger(request.metadata, "ttlInSeconds");
  if (!ttl) return tl::unexpected(ttl.error());
  const bool expires = *ttl && **ttl > 0;
  const std::string values = std::string("?, ") + kNewEtag + ", ?, " +
                             (expires ? "((julianday('now') - 2440587.5) * 86400.0) + ?" : "NULL");
  std::string sql;
  if (request.etag) {
    sql = "UPDATE state SET (value, etag, content_type, expires) = (" + values +
          ") WHERE key = ? AND etag = ? AND " + kAlive;
  } else {
    const bool must_be_new = request.concurrency == Concurrency::kFirstWrite;
    sql = "INSERT INTO state (value, etag, content_type, expires, key) VALUES (" + values +
          ", ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, etag = excluded.etag, "
          "content_type = excluded.content_type, expires = excluded.expires";
    if (must_be_new) sql += std::string(" WHERE NOT ") + kAlive;
  }
  auto statement = database_->Prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  statement->Blob(request.value).Text(request.content_type);
  if (expires) statement->Integer(**ttl);
  statement->Text(request.key);
  if (request.etag) statement->Text(*request.etag);
  const Result<std::int64_t> changed = statement->Run();
  if (!changed) return tl::unexpected(changed.error());
  if (*changed == 0) return EtagMismatch("the value of this key has changed meanwhile");
  return {};
}

Result<void> SqliteStore::Remove(const DeleteRequest& request) {
  const Result<void> etag = CheckEtag(request.etag);
  if (!etag) return etag;
  auto statement = database_->Prepare(
      request.etag ? std::string("DELETE FROM state WHERE key = ? AND etag = ? AND ") + kAlive
                   : "DELETE FROM state WHERE key = ?");
  if (!statement) return tl::unexpected(statement.error());
  statement->Text(request.key);
  if (request.etag) statement->Text(*request.etag);
  const Result<std::int64_t> changed = statement->Run();
  if (!changed) return tl::unexpected(changed.error());
  if (request.etag && *changed == 0)
    return EtagMismatch("the value of this key has changed meanwhile");
  return {};
}

template <typename Work>
Result<void> SqliteStore::InTransaction(const Work& work) {
  Result<void> begun = database_->Execute("BEGIN IMMEDIATE");
  if (!begun) return begun;
  Result<void> done = work();
  if (done) done = database_->Execute("COMMIT");
  if (!done) {
    const Result<void> undone = database_->Execute("ROLLBACK");
    static_cast<void>(undone);  // fails only when there is no transaction left
  }
  return done;
}

Result<void> SqliteStore::BulkSet(const std::vector<SetRequest>& requests, std::int64_t) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return InTransaction([&]() -> Result<void> {
    for (const SetRequest& request : requests) {
      Result<void> done = Write(request);
      if (!done) return done;
    }
    return {};
  });
}

Result<void> SqliteStore::BulkDelete(const std::vector<DeleteRequest>& requests, std::int64_t) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return InTransaction([&]() -> Result<void> {
    for (const DeleteRequest& request : requests) {
      Result<void> done = Remove(request);
      if (!done) return done;
    }
    return {};
  });
}

Result<void> SqliteStore::Transact(const std::vector<component::StateOperation>& operations,
                                   const Properties&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return InTransaction([&]() -> Result<void> {
    for (const component::StateOperation& operation : operations) {
      const auto* const set = std::get_if<SetRequest>(&operation);
      Result<void> done = set != nullptr ? Write(*set) : Remove(std::get<DeleteRequest>(operation));
      if (!done) return done;
    }
    return {};
  });
}

std::int64_t SqliteStore::MultiMaxSize() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return max_transaction_;
}

Result<QueryResponse> SqliteStore::Query(const component::Query& query) {
  const Result<SqlQuery> sql = BuildQuery(query);
  if (!sql) return tl::unexpected(sql.error());
  Properties page = {{"token", query.token}};
  const auto token = ReadInteger(page, "token");
  if (!token) return tl::unexpected(token.error());
  const std::int64_t offset = token->value_or(0);
  const std::int64_t limit = query.limit > 0 ? query.limit : -1;  // -1: SQLite's "no limit"
  const std::lock_guard<std::mutex> lock(mutex_);
  auto statement = database_->Prepare(
      std::string("SELECT key, value, etag, content_type FROM state WHERE ") + kAlive + " AND (" +
      sql->where + ") ORDER BY " + sql->order + " LIMIT ? OFFSET ?");
  if (!statement) return tl::unexpected(statement.error());
  for (const SqlValue& value : sql->values) {
    if (const auto* text = std::get_if<std::string>(&value)) statement->Text(*text);
    if (const auto* number = std::get_if<double>(&value)) statement->Real(*number);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) statement->Integer(*integer);
  }
  statement->Integer(limit).Integer(offset);
  QueryResponse response;
  Result<bool> row = statement->Step();
  for (; row && *row; row = statement->Step())
    response.items.push_back({statement->Column(0).value_or(""), statement->Column(1).value_or(""),
                              statement->Column(2), "", statement->Column(3).value_or("")});
  if (!row) return tl::unexpected(row.error());
  if (limit > 0 && static_cast<std::int64_t>(response.items.size()) == limit)
    response.token = std::to_string(offset + limit);
  return response;
}

std::vector<StateFeature> SqliteStore::Features() const {
  return {StateFeature::kEtag, StateFeature::kTtl};
}

}  // namespace sqlite_state
