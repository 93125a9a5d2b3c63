/*
** libFuzzer target: scripts for the shell, SQL and dot-commands, in safe mode.
**
** "cargo xtask fuzz script" compiles and runs it.  What must hold whatever the
** script says: nothing crashes, and nothing hangs once the statement that runs has
** been interrupted.
*/
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "shell.h"

static Shell shell;
static jmp_buf leave;

/* The shell is compiled to call this for exit(), of which safe mode makes use. */
void fuzz_exit(int rc);
void fuzz_exit(int rc){
  (void)rc;
  longjmp(leave, 1);
}

/* A script may ask for more than there is time for. */
static void onTimer(int iSignal){
  (void)iSignal;
  if( shell.db ) sqlite3_interrupt(shell.db);
}
static void setTimer(int nSecond){
  struct itimerval t = {{nSecond, 0}, {nSecond, 0}};
  setitimer(ITIMER_REAL, &t, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv){
  (void)argc; (void)argv;
  signal(SIGALRM, onTimer);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  sqlite3_initialize();
  sqlite3_hard_heap_limit64(300000000);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *a, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *a, size_t n){
  static FILE *pNull;
  FILE *pErr = stderr;
  FILE *in;
  if( n==0 ) return 0;
  if( pNull==0 ) pNull = fopen("/dev/null", "w");
  in = fmemopen((void*)a, n, "r");
  if( in==0 || pNull==0 ) abort();
  stderr = pNull;
  shellInit(&shell);
  shell.bInteractive = shell.bTerminal = shell.bLineEdit = 0;
  shell.bSafe = 1;
  shell.out = pNull;
  setTimer(2);
  if( setjmp(leave)==0 ){
    modeDefault(&shell);
    shell.zDbFile = shDup(":memory:");
    databaseOpen(&shell, OPEN_OR_EXIT);
    sqlite3_limit(shell.db, SQLITE_LIMIT_LENGTH, 1000000);
    shell.in = in;
    inputProcess(&shell, "<stdin>");
  }
  setTimer(0);
  if( setjmp(leave)==0 ) shellDestroy(&shell);
  stderr = pErr;
  fclose(in);
  return 0;
}
