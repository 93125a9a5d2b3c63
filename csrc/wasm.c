/*
** Functions in WebAssembly, that live in a database.  This stands in main.c.
*/
#include "wasm_runtime.h"
#include "wasm_limit.c"
#include "wasm_find.c"
#include "wasm_statement.c"

/*
** Functions are found without this.
*/
SQLITE_API int libsql_try_initialize_wasm_func_table(sqlite3 *db){
  return sqlite3SafetyCheckOk(db) ? SQLITE_OK : SQLITE_MISUSE_BKPT;
}
