/*
** libsqlext.h: for extensions that use what libSQL adds to the entry point.
**
** Include this after, or instead of, "sqlite3ext.h".  An extension that
** includes "sqlite3ext.h" alone needs nothing of it, and loads into this
** library as into stock SQLite.
**
**    #include "libsqlext.h"
**    SQLITE_EXTENSION_INIT1
**    LIBSQL_EXTENSION_INIT1
**
**    int sqlite3_extension_init(sqlite3 *db, char **pzErrMsg,
**                               const sqlite3_api_routines *pApi,
**                               const libsql_api_routines *pLibsql){
**      SQLITE_EXTENSION_INIT2(pApi);
**      LIBSQL_EXTENSION_INIT2(pLibsql);
**      libsql_close_hook(db, xClose, pArg);
**      ...
**
** LIBSQL_EXTENSION_INIT1 defines the variable libsql_api, INIT2 sets it, and
** INIT3 declares it in further files of the same extension.  They are to
** libsql_api what the SQLITE_EXTENSION_... macros are to sqlite3_api: with
** SQLITE_CORE, or with SQLITE_OMIT_LOAD_EXTENSION, there is no table, and
** libsql_close_hook() is called directly.
**
** Stock SQLite passes three arguments.  The fourth parameter has no value
** then: it must not be read, not even to compare it with NULL.  An extension
** that is to load there too asks before LIBSQL_EXTENSION_INIT2:
**
**    void *pMethods = 0;
**    if( sqlite3_file_control(db, "main", SQLITE_FCNTL_WAL_METHODS_POINTER,
**                             &pMethods)==SQLITE_OK ){
**      LIBSQL_EXTENSION_INIT2(pLibsql);
**    }
**
** which stock SQLite answers with SQLITE_NOTFOUND.  While libsql_api is NULL,
** libsql_close_hook() must not be called.
**
** Of the functions that "libsql.h" declares, an extension reaches this one
** through the table.  The others are there for extensions that are linked
** with the library.  Since 0.2.  In libSQL all of this stands in its own
** "sqlite3ext.h".
*/
#ifndef LIBSQLEXT_H
#define LIBSQLEXT_H

#include "sqlite3ext.h"
#include "libsql.h"

#if !defined(SQLITE_CORE) && !defined(SQLITE_OMIT_LOAD_EXTENSION)
# define libsql_close_hook          libsql_api->close_hook
# define LIBSQL_EXTENSION_INIT1     const libsql_api_routines *libsql_api=0;
# define LIBSQL_EXTENSION_INIT2(v)  libsql_api=v;
# define LIBSQL_EXTENSION_INIT3     \
    extern const libsql_api_routines *libsql_api;
#else
# define LIBSQL_EXTENSION_INIT1     /*no-op*/
# define LIBSQL_EXTENSION_INIT2(v)  (void)v; /* unused parameter */
# define LIBSQL_EXTENSION_INIT3     /*no-op*/
#endif

#endif /* LIBSQLEXT_H */
