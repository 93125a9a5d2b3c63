/*
** The library for Rust programs calls these: to register the WALs that are
** written in Rust, for what the timeline can do besides, and for the runtime of
** WebAssembly.  A program that links the C
** part of it alone has none, and says so by linking this.  The runtime of
** fakewasm.c does if it is linked.
*/
extern const int noBackends;
const int noBackends = 1;

extern const void *const fakeWasm;
#pragma weak fakeWasm

int seawall_register_backends(void);
int seawall_register_backends(void){
  return 0;
}

const void *seawall_wasm_runtime(void);
const void *seawall_wasm_runtime(void){
  return &fakeWasm ? fakeWasm : 0;
}

const void *seawall_timeline_methods(void);
const void *seawall_timeline_methods(void){
  return 0;
}

int seawall_timeline_tables(void *db);
int seawall_timeline_tables(void *db){
  (void)db;
  return 0;
}
