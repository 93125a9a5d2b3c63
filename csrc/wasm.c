/*
** Functions in WebAssembly, that live in a database.  This stands in main.c.
**
** A build without a runtime (SEAWALL_WASM is not defined) refuses the statements,
** finds no function, and leaves the table to whoever can read it.
*/
#ifdef SEAWALL_WASM
# include "wasm_runtime.h"
# include "wasm_limit.c"
# include "wasm_find.c"
# include "wasm_statement.c"
# include "wasm_run.c"
# include "wasm_libsql.c"
#else
# include "wasm_none.c"
#endif

/*
** Functions are found without this.
*/
SQLITE_API int libsql_try_initialize_wasm_func_table(sqlite3 *db){
  return sqlite3SafetyCheckOk(db) ? SQLITE_OK : SQLITE_MISUSE_BKPT;
}
