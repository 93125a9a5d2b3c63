/*
** Ctrl-C.  The first one interrupts the statement that is running; a second
** one, when the first was not honoured, ends the shell.
**
** A signal handler has no argument to find its state by: the two variables
** below are the only global state of the shell.
*/
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>
#include "shell.h"

static sqlite3 *volatile pWatched = 0;
static volatile sig_atomic_t nPending = 0;

/*
** The SIGINT handler.  sqlite3_interrupt() may be called from here.
*/
static void onInterrupt(int iSignal){
  (void)iSignal;
  nPending++;
  if( nPending>1 ){
    static const char zMsg[] = "Program interrupted.\n";
    ssize_t n = write(2, zMsg, sizeof(zMsg)-1);
    (void)n;
    _exit(1);
  }
  if( pWatched ) sqlite3_interrupt(pWatched);
}

/*
** Start to listen.
*/
void signalInit(void){
  struct sigaction act;
  memset(&act, 0, sizeof(act));
  act.sa_handler = onInterrupt;
  sigemptyset(&act.sa_mask);
  sigaction(SIGINT, &act, 0);
}

/*
** The connection to interrupt.  NULL before it is closed.
*/
void signalWatch(sqlite3 *db){
  pWatched = db;
}

/*
** How many Ctrl-C have come since signalClear().
*/
int signalPending(void){
  return nPending;
}
void signalClear(void){
  nPending = 0;
}

/*
** Wait until there is something to read from fd.  Return false if there has
** been a Ctrl-C since signalClear().  SIGINT is blocked whenever this does
** not wait, so that none can slip in between the question and the waiting.
*/
int signalWaitInput(int fd){
  sigset_t sInt, sOld;
  fd_set aRead;
  sigemptyset(&sInt);
  sigaddset(&sInt, SIGINT);
  sigprocmask(SIG_BLOCK, &sInt, &sOld);
  if( nPending==0 ){
    FD_ZERO(&aRead);
    FD_SET(fd, &aRead);
    pselect(fd+1, &aRead, 0, 0, 0, &sOld);
  }
  sigprocmask(SIG_SETMASK, &sOld, 0);
  return nPending==0;
}
