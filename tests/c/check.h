/*
** check.h: named checks for the C test programs.
**
** A check that fails prints its name, what was expected and what was there,
** and the program goes on.  main() ends with "return finish();", which is 0
** when every check held.
*/
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "seawall.h"

/* What is being tested, printed with each failure.  printf() style. */
void context(const char *zFormat, ...);

void checkTrue(const char *zFile, int iLine, const char *zWhat, int bOk);
void checkInt(const char *zFile, int iLine, const char *zWhat,
              sqlite3_int64 iGot, sqlite3_int64 iWant);
void checkText(const char *zFile, int iLine, const char *zWhat,
               const char *zGot, const char *zWant);

#define CHECK(WHAT, X)            checkTrue(__FILE__, __LINE__, WHAT, (X)!=0)
#define CHECK_INT(WHAT, GOT, WANT)  checkInt(__FILE__, __LINE__, WHAT, GOT, WANT)
#define CHECK_TEXT(WHAT, GOT, WANT) checkText(__FILE__, __LINE__, WHAT, GOT, WANT)

/* The result of a statement, or of several, as sqlText() gives it. */
#define CHECK_SQL(DB, SQL, WANT) do{ \
    char *zSqlText_ = sqlText(DB, SQL); \
    checkText(__FILE__, __LINE__, SQL, zSqlText_, WANT); \
    sqlite3_free(zSqlText_); \
  }while(0)

/* Run SQL that gives no rows or whose rows do not matter. */
int sqlExec(sqlite3 *db, const char *zFormat, ...);

/* Run SQL that must run: a check that fails tells the message. */
void sqlRun(sqlite3 *db, const char *zFormat, ...);

/* Prepare a statement that must be prepared. */
sqlite3_stmt *sqlPrepare(sqlite3 *db, const char *zSql);

/* All columns of all rows, "a|b c|d", NULL as "null"; or "CODE message" of
** the first statement that fails.  To be freed with sqlite3_free(). */
char *sqlText(sqlite3 *db, const char *zSql);

/* The first column of the first row, or -1 when there is none. */
sqlite3_int64 sqlInt(sqlite3 *db, const char *zSql);

/* Open a database that must open: flags READWRITE, CREATE and URI. */
sqlite3 *openDb(const char *zUri);

/* Close a connection that must close. */
void closeDb(sqlite3 *db);

/* Does a file exist? Delete a database with its journal, log and index. */
int fileExists(const char *zName);
void removeDb(const char *zName);

/* Shut SQLite down, check that it gave back all memory, and tell what main()
** returns. */
int finish(void);

/* How many checks failed so far. */
int failures(void);

/* 100 in a plain run; less under tools that make a program many times
** slower, as SEAWALL_TEST_EFFORT says in percent.  n*effort()/100, at least 1. */
int scaled(int n);

#endif /* CHECK_H */
