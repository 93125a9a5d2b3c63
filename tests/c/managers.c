/*
** See managers.h.
*/
#include "managers.h"
#include "check.h"

const char *const azManager[] = { "sqlite", "passthrough", "heap", "memory" };
int nManager = 3;

int registerManagers(Managers *pCount){
  libsql_wal_manager m;
  int rc;
  memset(pCount, 0, sizeof(*pCount));
  nManager = seawall_wal_find("memory") ? 4 : 3;
  m = passthrough_manager(&pCount->pass);
  rc = seawall_wal_register("passthrough", &m, 0);
  if( rc!=SQLITE_OK ) return rc;
  rc = heapwal_manager(&pCount->heap, &m);
  if( rc!=SQLITE_OK ) return rc;
  return seawall_wal_register("heap", &m, 0);
}

void checkManagers(const Managers *p){
  CHECK_INT("passthrough: logs left open", p->pass.nOpen-p->pass.nClose, 0);
  CHECK_INT("passthrough: savepoints not forgotten", p->pass.nLiveSavepoint, 0);
  CHECK_INT("passthrough: checkpoints with mode NOOP", p->pass.nNoop, 0);
  CHECK_INT("passthrough: times destroyed", p->pass.nDestroy, 1);
  CHECK_INT("heap: logs left open", p->heap.nOpen-p->heap.nClose, 0);
  CHECK_INT("heap: savepoints not forgotten", p->heap.nLiveSavepoint, 0);
  CHECK_INT("heap: positions never handed out", p->heap.nBadSavepoint, 0);
  CHECK_INT("heap: unknown checkpoint modes", p->heap.nBadMode, 0);
  CHECK_INT("heap: times destroyed", p->heap.nDestroy, 1);
}

int finishManagers(const Managers *p){
  int rc = finish();
  checkManagers(p);
  return rc || failures();
}
