/*
** What one call of a function may use: seawall_wasm_limit(), and the pragmas that
** are its like.
*/

/*
** The limits of a connection.  Each function that it has called holds one count,
** so that they outlive the client data of a connection that is being closed.
** The mutex of the connection guards them.
*/
typedef struct WasmLimits WasmLimits;
struct WasmLimits {
  int nRef;
  i64 aLimit[SEAWALL_WASM_STACK+1];
};
#define WASM_LIMITS "seawall_wasm_limits"

/*
** The limits: what they are at first, and how far they can be raised.
*/
static const struct WasmLimitDef {
  const char *zPragma;
  i64 nDefault, nMax;
} aWasmLimit[] = {
  /* SEAWALL_WASM_FUEL   */ { "wasm_fuel",   1000000000, LARGEST_INT64 },
  /* SEAWALL_WASM_MEMORY */ { "wasm_memory", 32<<20,     (i64)1<<32    },
  /* SEAWALL_WASM_STACK  */ { "wasm_stack",  1000,       100000        },
};

static void wasmLimitsUnref(void *p){
  WasmLimits *pLimits = (WasmLimits*)p;
  if( --pLimits->nRef==0 ) sqlite3_free(pLimits);
}

/*
** The limits of a connection, or NULL if there is no memory for them.
*/
static WasmLimits *wasmLimits(sqlite3 *db){
  WasmLimits *p = (WasmLimits*)sqlite3_get_clientdata(db, WASM_LIMITS);
  if( p==0 && (p = sqlite3_malloc(sizeof(*p)))!=0 ){
    int i;
    p->nRef = 1;
    for(i=0; i<ArraySize(aWasmLimit); i++) p->aLimit[i] = aWasmLimit[i].nDefault;
    if( sqlite3_set_clientdata(db, WASM_LIMITS, p, wasmLimitsUnref) ) p = 0;
  }
  return p;
}

SQLITE_API sqlite3_int64 seawall_wasm_limit(
  sqlite3 *db,
  int id,
  sqlite3_int64 iNew
){
  WasmLimits *p;
  sqlite3_int64 iOld = -1;
  if( !sqlite3SafetyCheckOk(db) || id<0 || id>=ArraySize(aWasmLimit) ){
    (void)SQLITE_MISUSE_BKPT;
    return -1;
  }
  sqlite3_mutex_enter(db->mutex);
  p = wasmLimits(db);
  if( p ){
    iOld = p->aLimit[id];
    if( iNew>=0 ) p->aLimit[id] = MIN(iNew, aWasmLimit[id].nMax);
  }
  sqlite3_mutex_leave(db->mutex);
  return iOld;
}

/*
** PRAGMA wasm_fuel and the others.
*/
SQLITE_PRIVATE int seawallLimitPragma(
  Parse *pParse,
  int id,
  const char *zRight
){
  sqlite3 *db = pParse->db;
  Vdbe *v = sqlite3GetVdbe(pParse);
  i64 iNew = -1;
  if( zRight ){
    if( sqlite3DecOrHexToI64(zRight, &iNew)!=0 || iNew<0
     || iNew>aWasmLimit[id].nMax
    ){
      sqlite3ErrorMsg(pParse, "%s takes a number from 0 to %lld, not %s",
                      aWasmLimit[id].zPragma, aWasmLimit[id].nMax, zRight);
      return 1;
    }
  }
  (void)seawall_wasm_limit(db, id, iNew);
  sqlite3VdbeAddInt64(v, 1, seawall_wasm_limit(db, id, -1));
  sqlite3VdbeAddOp2(v, OP_ResultRow, 1, 1);
  return 1;
}
