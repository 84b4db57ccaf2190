//===- SQLite.cpp - SQLite with values, errors and no leaks ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits are set before the file is looked at: an attacker may have written it.
//
//===----------------------------------------------------------------------===//

#include "SQLite.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <sqlite3.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

char SQLiteError::ID;

void SQLiteError::log(raw_ostream &stream) const { stream << text; }

std::error_code SQLiteError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

static Error makeSQLiteError(int code, const char *text) {
  return make_error<SQLiteError>(code, text);
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

void Statement::Finalize::operator()(sqlite3_stmt *statement) const {
  sqlite3_finalize(statement);
}

Expected<bool> Statement::step() {
  int code = sqlite3_step(statement.get());
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  sqlite3 *database = sqlite3_db_handle(statement.get());
  return makeSQLiteError(sqlite3_extended_errcode(database),
                         sqlite3_errmsg(database));
}

int64_t Statement::getInteger(int column) const {
  return sqlite3_column_int64(statement.get(), column);
}

double Statement::getReal(int column) const {
  return sqlite3_column_double(statement.get(), column);
}

StringRef Statement::getText(int column) const {
  auto *text = reinterpret_cast<const char *>(
      sqlite3_column_text(statement.get(), column));
  return text ? StringRef(text, sqlite3_column_bytes(statement.get(), column))
              : StringRef();
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

void SQLite::Close::operator()(sqlite3 *database) const {
  sqlite3_close_v2(database);
}

/// The name that makes SQLite look at nothing but the file itself.
static std::string getImmutableName(StringRef path) {
  std::string name = "file://";
  for (char c : path)
    if (isAlnum(c) || StringRef("/._-").contains(c))
      name += c;
    else
      name += "%" + toHex(StringRef(&c, 1));
  return name + "?immutable=1";
}

static void harden(sqlite3 *database) {
  constexpr int longestValue = 4 << 20, longestStatement = 64 << 10;
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, longestValue);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, longestStatement);
  sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
}

Expected<SQLite> SQLite::open(StringRef path, Access access,
                              unsigned timeoutSeconds) {
  SQLite result;
  std::string name =
      access == Access::Immutable ? getImmutableName(path) : path.str();
  int flags = SQLITE_OPEN_NOMUTEX;
  if (access == Access::Immutable)
    flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  else
    flags |= SQLITE_OPEN_READWRITE;
  if (access == Access::Create)
    flags |= SQLITE_OPEN_CREATE;
  sqlite3 *database = nullptr;
  int code = sqlite3_open_v2(name.c_str(), &database, flags, nullptr);
  result.database.reset(database);
  if (!database)
    return makeSQLiteError(SQLITE_NOMEM, "out of memory");
  if (code != SQLITE_OK)
    return result.makeError(code);
  sqlite3_extended_result_codes(database, 1);
  harden(database);
  sqlite3_busy_timeout(database, int(timeoutSeconds) * 1000);
  for (StringRef pragma :
       {"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
        "PRAGMA mmap_size = 0", "PRAGMA synchronous = FULL"}) {
    Expected<Statement> statement = result.prepare(pragma);
    if (!statement)
      return statement.takeError();
    if (Error error = statement->step().takeError())
      return error;
  }
  return result;
}

Expected<std::string> SQLite::readHeader(StringRef path) {
  constexpr int size = 100;
  SQLite connection;
  sqlite3 *database = nullptr;
  int code =
      sqlite3_open_v2(path.str().c_str(), &database,
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY, nullptr);
  connection.database.reset(database);
  if (!database)
    return makeSQLiteError(SQLITE_NOMEM, "out of memory");
  sqlite3_file *file = nullptr;
  if (code == SQLITE_OK)
    code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER,
                                &file);
  if (code != SQLITE_OK)
    return connection.makeError(code);
  std::string bytes(size, '\0');
  if (!file || !file->pMethods)
    return makeSQLiteError(SQLITE_CANTOPEN, "unable to open database file");
  code = file->pMethods->xRead(file, bytes.data(), size, 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
    return makeSQLiteError(code, sqlite3_errstr(code));
  return bytes;
}

Error SQLite::makeError(int code) const {
  return makeSQLiteError(code, sqlite3_errmsg(database.get()));
}

Expected<Statement> SQLite::prepareText(StringRef text) const {
  sqlite3_stmt *statement = nullptr;
  int code = sqlite3_prepare_v2(database.get(), text.data(), int(text.size()),
                                &statement, nullptr);
  Statement result;
  result.statement.reset(statement);
  if (code != SQLITE_OK)
    return makeError(code);
  return result;
}

int SQLite::bind(Statement &statement, int at, int64_t value) {
  return sqlite3_bind_int64(statement.statement.get(), at, value);
}

int SQLite::bind(Statement &statement, int at, double value) {
  return sqlite3_bind_double(statement.statement.get(), at, value);
}

int SQLite::bind(Statement &statement, int at, StringRef value) {
  // A null pointer would be NULL.
  const char *data = value.empty() ? "" : value.data();
  return sqlite3_bind_text(statement.statement.get(), at, data,
                           int(value.size()), SQLITE_TRANSIENT);
}

int64_t SQLite::getNumChanged() const {
  return sqlite3_changes64(database.get());
}

Error SQLite::transact(function_ref<Error()> body) const {
  // For writing from the beginning: two readers that both want to write later
  // would wait for each other.
  if (Error error = execute("BEGIN IMMEDIATE"))
    return error;
  Error error = body();
  if (!error)
    error = execute("COMMIT");
  if (error)
    consumeError(execute("ROLLBACK"));
  return error;
}

bool SQLite::isReadOnly() const {
  return sqlite3_db_readonly(database.get(), "main") == 1;
}
