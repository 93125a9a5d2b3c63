/*
** libFuzzer target: a module for a function in WebAssembly, as a binary or as text.
** Whatever it is, it is refused or does what a function may do, within its limits.
**
** "cargo xtask fuzz wasm_module" compiles and runs it.
*/
#include "seawall.h"
#include "check.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *a, size_t n){
  static const char *const azCall[] = {
    "f()", "f(1)", "f(-2.5)", "f('text')", "f(x'00ff')", "f(NULL)", "f(1,2)",
    "f('a',x'')", "f(i,'b',3)", "f(f(1))",
  };
  sqlite3 *db = 0;
  sqlite3_str *pSql;
  char *zSql;
  size_t i;
  if( sqlite3_open(":memory:", &db)!=SQLITE_OK ) abort();
  seawall_wasm_limit(db, SEAWALL_WASM_FUEL, 300000);
  seawall_wasm_limit(db, SEAWALL_WASM_MEMORY, 8<<20);
  seawall_wasm_limit(db, SEAWALL_WASM_STACK, 100);
  pSql = sqlite3_str_new(db);
  sqlite3_str_appendf(pSql, "CREATE FUNCTION f LANGUAGE wasm%s AS x'",
                      n>0 && (a[n-1] & 1) ? " DETERMINISTIC TRUSTED" : "");
  for(i=0; i<n; i++) sqlite3_str_appendf(pSql, "%02x", a[i]);
  sqlite3_str_appendall(pSql, "'");
  zSql = sqlite3_str_finish(pSql);
  if( sqlite3_exec(db, zSql, 0, 0, 0)==SQLITE_OK ){
    for(i=0; i<sizeof(azCall)/sizeof(azCall[0]); i++){
      char *zCall = sqlite3_mprintf("SELECT %s FROM (SELECT 1 AS i UNION ALL SELECT 2)",
                                    azCall[i]);
      sqlite3_exec(db, zCall, 0, 0, 0);
      sqlite3_free(zCall);
    }
    if( sqlite3_exec(db, "DROP FUNCTION f", 0, 0, 0)!=SQLITE_OK ) abort();
  }
  sqlite3_free(zSql);
  if( sqlite3_close(db)!=SQLITE_OK || sqlite3_memory_used()!=0 ) abort();
  return 0;
}
