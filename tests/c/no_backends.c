/*
** The library for Rust programs calls these: to register the WALs that are
** written in Rust, and for the runtime of WebAssembly.  A program that links the C
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
