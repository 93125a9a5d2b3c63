/*
** What the C side wants of a runtime for WebAssembly.  src/wasm/ has one.
*/
#ifndef SEAWALL_WASM_RUNTIME_H
#define SEAWALL_WASM_RUNTIME_H

/*
** A function: a module, the name that it is called by in SQL, and what it was
** declared to be.
*/
typedef struct SeawallWasm SeawallWasm;

/* Declarations, in SeawallWasmInfo.mFlags */
#define SEAWALL_WASM_DETERMINISTIC 0x01
#define SEAWALL_WASM_TRUSTED       0x02

/*
** What is known of a function.
*/
typedef struct SeawallWasmInfo SeawallWasmInfo;
struct SeawallWasmInfo {
  int nArg;                   /* Number of its arguments */
  int mFlags;                 /* SEAWALL_WASM_* */
};

/*
** A call.  Its values get in and out by pApi; where that has sqlite3_value_int and
** sqlite3_result_int, all 64 bits do.  xPoll is called every millisecond or two;
** when it returns other than SQLITE_OK, the call ends with that code.
*/
typedef struct SeawallWasmCall SeawallWasmCall;
struct SeawallWasmCall {
  const libsql_wasm_udf_api *pApi;
  sqlite3_context *pCtx;
  int nArg;
  sqlite3_value **apArg;
  const i64 *aLimit;          /* By SEAWALL_WASM_FUEL, _MEMORY, _STACK */
  int (*xPoll)(sqlite3_context*);
};

/*
** xCompile makes a function of a body as it is stored: a binary module, or text.
** zName is what the module exports it by; if that is NULL, xCompile tells if the body
** is a module, and makes none.
** xDeclare returns the body that is to be stored for one with other
** declarations, from sqlite3_malloc64(); NULL if the body can stay as it is.  Both
** return SQLITE_OK, or a code with a message from sqlite3_malloc() in *pzErr.
**
** xSame tells if two functions are the same.  xCall calls one, and sets the
** result or the error of the context.
*/
typedef struct SeawallWasmRuntime SeawallWasmRuntime;
struct SeawallWasmRuntime {
  int (*xCompile)(const char *zName, const void *pBody, i64 nBody, i64 nStack,
                  SeawallWasm**, SeawallWasmInfo*, char **pzErr);
  int (*xDeclare)(const void *pBody, i64 nBody, int mFlags,
                  void **ppOut, i64 *pnOut, char **pzErr);
  int (*xSame)(const SeawallWasm*, const SeawallWasm*);
  void (*xCall)(SeawallWasm*, const SeawallWasmCall*);
  void (*xFree)(SeawallWasm*);
};

/*
** NULL if the program was linked without it.
*/
extern const SeawallWasmRuntime *seawall_wasm_runtime(void);

#endif /* SEAWALL_WASM_RUNTIME_H */
