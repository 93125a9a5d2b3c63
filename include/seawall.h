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
**    SEAWALL_WASM_MEMORY  bytes of memory of a module       67,108,864; <= 4 GiB
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

#ifdef __cplusplus
}  /* extern "C" */
#endif
#endif /* SEAWALL_H */
