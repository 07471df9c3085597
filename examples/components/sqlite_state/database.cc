#include "database.h"

#include <sqlite3.h>

namespace sqlite_state {

using dapr::component::ErrorKind;
using dapr::component::Fail;
using dapr::component::Result;

namespace {

dapr::component::Failure FailureOf(sqlite3* handle) {
  const int code = sqlite3_errcode(handle);
  const bool busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
  return Fail(busy ? ErrorKind::kUnavailable : ErrorKind::kUnknown,
              std::string("SQLite: ") + sqlite3_errmsg(handle));
}

}  // namespace

Statement::Statement(sqlite3_stmt* handle) : handle_(handle) {}

void Statement::Finalizer::operator()(sqlite3_stmt* handle) const {
  sqlite3_finalize(handle);
}

Statement& Statement::Text(std::string_view value) {
  sqlite3_bind_text64(handle_.get(), next_++, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::Blob(std::string_view value) {
  // A null pointer would bind NULL: an empty value is a value.
  sqlite3_bind_blob64(handle_.get(), next_++, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::Integer(std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), next_++, value);
  return *this;
}

Statement& Statement::Real(double value) {
  sqlite3_bind_double(handle_.get(), next_++, value);
  return *this;
}

Statement& Statement::Null() {
  sqlite3_bind_null(handle_.get(), next_++);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return FailureOf(sqlite3_db_handle(handle_.get()));
}

Result<std::int64_t> Statement::Run() {
  const Result<bool> stepped = Step();
  if (!stepped) return tl::unexpected(stepped.error());
  return sqlite3_changes64(sqlite3_db_handle(handle_.get()));
}

std::optional<std::string> Statement::Column(int index) const {
  if (sqlite3_column_type(handle_.get(), index) == SQLITE_NULL) return std::nullopt;
  const void* const data = sqlite3_column_blob(handle_.get(), index);
  const int bytes = sqlite3_column_bytes(handle_.get(), index);
  if (data == nullptr) return std::string();
  return std::string(static_cast<const char*>(data), static_cast<std::size_t>(bytes));
}

Database::Database(sqlite3* handle) : handle_(handle) {}

void Database::Closer::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Result<Database> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK)
    return Fail(
        ErrorKind::kUnknown,
        "cannot open " + path + ": " + (handle != nullptr ? sqlite3_errmsg(handle) : "no memory"));
  // Another process may hold the file for a moment.
  sqlite3_busy_timeout(handle, 2000);
  return database;
}

Result<Statement> Database::Prepare(const std::string& sql) {
  sqlite3_stmt* handle = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &handle, nullptr) != SQLITE_OK)
    return Fail(ErrorKind::kInternal, std::string("SQLite: ") + sqlite3_errmsg(handle_.get()));
  return Statement(handle);
}

Result<void> Database::Execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return FailureOf(handle_.get());
  return {};
}

}  // namespace sqlite_state
