/*
** libFuzzer target: arguments for functions in WebAssembly that return them.  What
** comes back is what went in, or an error says why not.
**
** "cargo xtask fuzz wasm_values" compiles and runs it.  Its input is a list of
** calls: a byte that chooses the function and the kind of the argument, a length,
** and the argument.
*/
#include "seawall.h"
#include "check.h"
#include <stdint.h>

#define HEAP "(memory (export \"memory\") 1) (global $n (mut i32) (i32.const 1001))" \
  "(func (export \"libsql_malloc\") (param i32) (result i32) (local i32)" \
  " (local.set 1 (global.get $n)) (global.set $n (i32.add (local.get 1) (local.get 0)))" \
  " (local.get 1))"
#define ECHO(NAME,KIND) "CREATE FUNCTION " NAME " LANGUAGE wasm AS '(module " HEAP \
  "(func (export \"" NAME "\") (param " KIND ") (result " KIND ") local.get 0))';"

static void expect(int bHolds, const char *zWhat){
  if( !bHolds ){
    fprintf(stderr, "does not hold: %s\n", zWhat);
    abort();
  }
}

/* Bind what the input says, and return the kind of it. */
static int bindValue(sqlite3_stmt *p, int eKind, const uint8_t *a, int n){
  sqlite3_int64 i = 0;
  double r;
  memcpy(&i, a, n<8 ? (size_t)n : 8);
  memcpy(&r, &i, 8);
  switch( eKind ){
    case 0:  sqlite3_bind_int64(p, 1, i); break;
    case 1:  sqlite3_bind_double(p, 1, r); break;
    case 2:  sqlite3_bind_text(p, 1, (const char*)a, n, SQLITE_STATIC); break;
    case 3:  sqlite3_bind_blob(p, 1, n ? (const void*)a : "", n, SQLITE_STATIC); break;
    case 4:  sqlite3_bind_text16(p, 1, a, n & ~1, SQLITE_STATIC); break;
    default: sqlite3_bind_null(p, 1);
  }
  return eKind;
}

/*
** True if the input is a text whose characters SQLite replaces: surrogates, those
** that stand alone among them, and what is no character.
*/
static int isReplaced(int eKind, const uint8_t *a, int n){
  int i;
  if( eKind!=4 ) return 0;
  for(i=0; i+1<n; i+=2){
    if( a[i+1]>=0xd8 ) return 1;
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *a, size_t n){
  static const char azName[] = "ird";
  sqlite3 *db = 0;
  sqlite3_stmt *aStmt[3];
  int i;
  if( sqlite3_open(":memory:", &db)!=SQLITE_OK ) abort();
  if( n>0 && (a[0] & 0x80) ) sqlite3_exec(db, "PRAGMA encoding='UTF-16'", 0, 0, 0);
  expect(sqlite3_exec(db, ECHO("i","i64") ECHO("r","f64") ECHO("d","i32"), 0, 0, 0)
         ==SQLITE_OK, "create");
  for(i=0; i<3; i++){
    char zSql[100];
    sqlite3_snprintf(sizeof(zSql), zSql, "SELECT %c(?1), %c(?1) IS ?1, typeof(?1)",
                     azName[i], azName[i]);
    expect(sqlite3_prepare_v2(db, zSql, -1, &aStmt[i], 0)==SQLITE_OK, "prepare");
  }
  while( n>=2 ){
    int iFunc = (a[0] & 0x0f) % 3;
    int eKind = (a[0]>>4 & 7) % 6;
    int nValue = (size_t)a[1]<n-2 ? a[1] : (int)(n-2);
    sqlite3_stmt *p = aStmt[iFunc];
    int rc;
    bindValue(p, eKind, &a[2], nValue);
    rc = sqlite3_step(p);
    if( rc==SQLITE_ROW ){
      const char *zType = (const char*)sqlite3_column_text(p, 2);
      int bSame = sqlite3_column_int(p, 1);
      expect(bSame || (iFunc==1 && zType[0]=='i') || isReplaced(eKind, &a[2], nValue),
             "what comes back went in");
    }else{
      expect(strstr(sqlite3_errmsg(db), "Calling function ")!=0, "the error says why");
    }
    sqlite3_reset(p);
    sqlite3_clear_bindings(p);
    a += 2+nValue;
    n -= 2+(size_t)nValue;
  }
  for(i=0; i<3; i++) sqlite3_finalize(aStmt[i]);
  if( sqlite3_close(db)!=SQLITE_OK || sqlite3_memory_used()!=0 ) abort();
  return 0;
}
