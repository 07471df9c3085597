#pragma once
// A thin owner of SQLite's handles. Not thread-safe: its user holds a lock.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dapr_component_sdk/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sqlite_state {

class Statement {
 public:
  // Binds the next parameter; the text is copied.
  Statement& Text(std::string_view value);
  Statement& Blob(std::string_view value);
  Statement& Integer(std::int64_t value);
  Statement& Real(double value);
  Statement& Null();

  // Out: whether there is a row. Errors: kUnavailable when the database is busy, else kUnknown.
  [[nodiscard]] dapr::component::Result<bool> Step();
  // Runs a statement that gives no rows. Out: how many rows it changed.
  [[nodiscard]] dapr::component::Result<std::int64_t> Run();

  // Columns of the current row, from 0; null is absent.
  [[nodiscard]] std::optional<std::string> Column(int index) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle);
  struct Finalizer {
    void operator()(sqlite3_stmt* handle) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> handle_;
  int next_ = 1;
};

class Database {
 public:
  // Opens or makes the file. Errors: kUnknown with SQLite's text.
  [[nodiscard]] static dapr::component::Result<Database> Open(const std::string& path);
  // Errors: kInternal with SQLite's text: the SQL is the program's own.
  [[nodiscard]] dapr::component::Result<Statement> Prepare(const std::string& sql);
  // Runs SQL that takes no parameters.
  [[nodiscard]] dapr::component::Result<void> Execute(const char* sql);

 private:
  explicit Database(sqlite3* handle);
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Closer> handle_;
};

}  // namespace sqlite_state
