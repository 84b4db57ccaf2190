//===- SQLite.h - SQLite with values, errors and no leaks -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A connection and its statements. Values are bound, never part of a
// statement's text. It must not know what is stored.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_SQLITE_H
#define SEEDNORM_LIB_TUNING_SQLITE_H

#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>

struct sqlite3;
struct sqlite3_stmt;

namespace seednorm::tuning {

/// What SQLite reports, with its code.
class SQLiteError : public llvm::ErrorInfo<SQLiteError> {
public:
  static char ID;
  SQLiteError(int code, std::string text) : code(code), text(std::move(text)) {}

  int getCode() const { return code; }
  void log(llvm::raw_ostream &stream) const override;
  std::error_code convertToErrorCode() const override;

private:
  int code;
  std::string text;
};

class Statement {
public:
  /// Goes to the next row; false: there is none.
  llvm::Expected<bool> step();

  /// Of the row, from 0. What is of another type is converted.
  int64_t getInteger(int column) const;
  double getReal(int column) const;
  llvm::StringRef getText(int column) const;

private:
  friend class SQLite;
  struct Finalize {
    void operator()(sqlite3_stmt *statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement;
};

/// A connection that trusts nothing that the file says.
class SQLite {
public:
  enum class Access {
    Create,
    ReadWrite,
    /// For directories that cannot be written to: nobody else must.
    Immutable
  };

  static llvm::Expected<SQLite> open(llvm::StringRef path, Access access,
                                     unsigned timeoutSeconds);

  /// The first bytes of the file, zeros after its end; takes no lock and reads
  /// nothing else. Closing a file of one's own here would release the locks
  /// that other connections of the process hold.
  static llvm::Expected<std::string> readHeader(llvm::StringRef path);

  /// With the values for the question marks: integers, numbers, texts.
  template <typename... Values>
  llvm::Expected<Statement> prepare(llvm::StringRef text,
                                    const Values &...values) const {
    llvm::Expected<Statement> result = prepareText(text);
    if (!result)
      return result;
    int at = 0;
    for (int code : {0, bind(*result, ++at, values)...})
      if (code)
        return makeError(code);
    return result;
  }

  /// A statement that has no rows.
  template <typename... Values>
  llvm::Error execute(llvm::StringRef text, const Values &...values) const {
    llvm::Expected<Statement> statement = prepare(text, values...);
    return statement ? statement->step().takeError() : statement.takeError();
  }

  /// How many rows the last statement changed.
  int64_t getNumChanged() const;

  /// Nothing of what `body` did remains if it, or the end, fails.
  llvm::Error transact(llvm::function_ref<llvm::Error()> body) const;

  /// Whether it could only be opened for reading.
  bool isReadOnly() const;

private:
  struct Close {
    void operator()(sqlite3 *database) const;
  };

  llvm::Expected<Statement> prepareText(llvm::StringRef text) const;
  llvm::Error makeError(int code) const;
  static int bind(Statement &statement, int at, int64_t value);
  static int bind(Statement &statement, int at, double value);
  static int bind(Statement &statement, int at, llvm::StringRef value);

  std::unique_ptr<sqlite3, Close> database;
};

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_SQLITE_H
