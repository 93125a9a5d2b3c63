/*
** The library for Rust programs calls this to register the WALs that are
** written in Rust.  A program that links the C part of it alone has none, and
** says so by linking this.
*/
extern const int noBackends;
const int noBackends = 1;

int seawall_register_backends(void);
int seawall_register_backends(void){
  return 0;
}
