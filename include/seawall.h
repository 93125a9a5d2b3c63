/*
** seawall.h: what Seawall adds to SQLite on its own account.
*/
#ifndef SEAWALL_H
#define SEAWALL_H

#include "libsql.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
** Named WALs.  A registered WAL can be used by any connection:
**
**    file:app.db?wal=NAME          as a URI file name, in open and in ATTACH
**    libsql_open(..., "NAME")      as an argument
**
** Naming a WAL in a URI also means WAL mode: a new database is born in it,
** and one with a rollback journal is switched at its first transaction, as
** PRAGMA journal_mode=WAL does it (SQLITE_BUSY when others are using it).  A
** database that cannot be written, or whose VFS cannot do WAL, stays as it
** is.  The details are in docs/wal-contract.md of the source tree, which is
** installed as share/doc/seawall/wal-contract.md.
**
** The name "sqlite" stands for the stock WAL.  It is always there.
**
** seawall_wal_register() copies *pManager and takes over what it holds: its
** xDestroy is called exactly once, after it was unregistered, replaced or
** shut down and the last database that uses it is closed; or before
** returning, if the call fails.  A name is 1 to 64 of the characters
** a-z A-Z 0-9 . _ - and is compared byte by byte.  Registering a name again
** replaces the WAL for new connections.  makeDefault makes it the WAL of all
** connections that name none.  Returns SQLITE_MISUSE for a NULL manager, for
** one without xOpen, xClose, xLogDestroy or xLogExists, for a bad name, and
** for "sqlite", which cannot be replaced.  SQLITE_NOMEM may occur.
**
** What seawall_wal_find() returned may be registered again under its own
** name: nothing changes hands then, and with makeDefault it becomes the
** default.  Do not register it under another name or give it to
** libsql_open_v3(), unless it is &sqlite3_wal_manager: it would be destroyed
** twice.
**
** seawall_wal_unregister() returns SQLITE_NOTFOUND if there is no such name,
** and SQLITE_MISUSE for NULL and for "sqlite".  If it was the default, the
** stock WAL is the default again.
**
** seawall_wal_find() returns the manager of that name or NULL; of the
** default one for NULL.  It stays valid while it is registered or in use.
**
** seawall_wal_names() returns all names in their order, with a space between
** two.  seawall_wal_name() returns the name under which the WAL of an open
** database is registered: "unnamed" if it is not, or no longer; NULL if the
** connection has no database zSchema, where NULL stands for "main".  For a NULL
** connection it is the name of the default one.  Whether the database is in WAL
** mode at all, PRAGMA journal_mode tells; how many frames there are,
** sqlite3_wal_checkpoint_v2() with SQLITE_CHECKPOINT_NOOP.  Both texts are to be
** released by sqlite3_free(), and are NULL if there is no memory.  Since 0.2.
**
** All of them may be called at any time and from any thread, before the first
** connection too, since 0.1: they call sqlite3_initialize().  sqlite3_shutdown() removes
** every registered WAL.
*/
#define SEAWALL_WAL_NAME_MAX 64
SQLITE_API int seawall_wal_register(const char *zName,
                                    const libsql_wal_manager *pManager,
                                    int makeDefault);
SQLITE_API int seawall_wal_unregister(const char *zName);
SQLITE_API const libsql_wal_manager *seawall_wal_find(const char *zName);
SQLITE_API char *seawall_wal_names(void);
SQLITE_API char *seawall_wal_name(sqlite3 *db, const char *zSchema);

/*
** For xClose of a WAL manager, with the connection that it gets: non-zero if
** the database leaves WAL mode, and zero if it is closed or detached.  The lock
** on the file does not tell the one from the other in exclusive locking mode.
** Since 0.3.
*/
SQLITE_API int seawall_wal_leaving(sqlite3 *db);

/*
** Set in the flags of the one page that xFrames gets from
** libsql_wal_insert_frame().  Such a page must become the frame behind the
** last one: a log that would rather start again, or overwrite a frame that the
** same transaction has of the page, must not do so then.  Since 0.2.
*/
#define SEAWALL_PGHDR_INSERTED 0x8000

/*
** What one call of a function in WebAssembly may use (CREATE FUNCTION ... LANGUAGE
** wasm; docs/wasm-functions.md of the source tree, which is installed as
** share/doc/seawall/wasm-functions.md).  A call that needs more ends with an SQL error
** that names the function and the limit.
**
**    SEAWALL_WASM_FUEL    instructions, roughly          1,000,000,000 at first
**    SEAWALL_WASM_MEMORY  bytes of memory of a module       33,554,432; <= 4 GiB
**    SEAWALL_WASM_STACK   calls that have not returned           1,000; <= 100,000
**
** seawall_wasm_limit() sets a limit of a connection to iNew and returns the one
** before.  A negative iNew leaves it as it is, one that is too large becomes the
** largest.  Returns -1 if db is not an open connection or id is none of these, if
** there is no memory, and if the library was built without WebAssembly.  Statements that are running see it at the next call.
** PRAGMA wasm_fuel, wasm_memory and wasm_stack do the same.  Since 0.3.
*/
#define SEAWALL_WASM_FUEL    0
#define SEAWALL_WASM_MEMORY  1
#define SEAWALL_WASM_STACK   2
SQLITE_API sqlite3_int64 seawall_wasm_limit(sqlite3 *db, int id,
                                            sqlite3_int64 iNew);

/*
** The history of a database that has the log "timeline" (file:app.db?wal=timeline;
** docs/timeline.md of the source tree, which is installed as
** share/doc/seawall/timeline.md).  In SQL there are the tables timeline_commits,
** timeline_diff(from, to) and timeline_info.
**
** zSchema names a database of the connection; NULL is "main".  zAt is the number
** of a commit, or a time such as 2026-11-22T10:00:00Z.  xProgress, if it is not
** NULL, is told how many bytes are done and how many there are, and ends the work
** with SQLITE_INTERRUPT if it returns non-zero.  What went wrong, sqlite3_errmsg()
** tells.  A library without timelines returns SQLITE_ERROR.  Since 0.3.
**
** seawall_timeline_restore() sets the database back to what it was then, by a new
** commit, whose number is put into *piCommit unless that is NULL.  SQLITE_BUSY
** while somebody else writes.
**
** seawall_timeline_export() writes the database as it was then to a new file, which
** any SQLite opens.
**
** seawall_timeline_branch() begins another database there, in a new file, with the
** same history up to then.
**
** seawall_timeline_prune() forgets what is more than zKeep says: "all", or one or
** more of "1000 commits", "30d" and "10GB", with commas between them.  The number of
** the oldest commit that is left is put into *piOldest unless that is NULL.
**
** seawall_timeline_keep() has that done from time to time from now on, as long as
** this process has the database open, unless zKeep is NULL.  Returns what is kept,
** in the same form, to be released by sqlite3_free(); NULL after an error.
** PRAGMA timeline_keep does the same.
**
** seawall_timeline_verify() reads everything, and compares it with its checksums.
** SQLITE_OK if all is as it was written, and SQLITE_CORRUPT if not: then
** sqlite3_errmsg() names the first damage by file, byte and commit, and the last
** commit that can be trusted.
*/
typedef int (*seawall_progress)(void *pArg, sqlite3_int64 nDone,
                                sqlite3_int64 nTotal);
SQLITE_API int seawall_timeline_restore(sqlite3 *db, const char *zSchema,
                                        const char *zAt,
                                        sqlite3_int64 *piCommit);
SQLITE_API int seawall_timeline_export(sqlite3 *db, const char *zSchema,
                                       const char *zAt, const char *zFile,
                                       seawall_progress xProgress, void *pArg);
SQLITE_API int seawall_timeline_branch(sqlite3 *db, const char *zSchema,
                                       const char *zAt, const char *zFile,
                                       seawall_progress xProgress, void *pArg);
SQLITE_API int seawall_timeline_prune(sqlite3 *db, const char *zSchema,
                                      const char *zKeep,
                                      seawall_progress xProgress, void *pArg,
                                      sqlite3_int64 *piOldest);
SQLITE_API char *seawall_timeline_keep(sqlite3 *db, const char *zSchema,
                                       const char *zKeep);
SQLITE_API int seawall_timeline_verify(sqlite3 *db, const char *zSchema,
                                       seawall_progress xProgress, void *pArg);

#ifdef __cplusplus
}  /* extern "C" */
#endif
#endif /* SEAWALL_H */
