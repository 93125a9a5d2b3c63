/*
** faults.h: allocations and file operations that fail on demand, and the loop
** that lets every one of them fail in turn.
*/
#ifndef FAULTS_H
#define FAULTS_H

#include "check.h"
#include "managers.h"

/* What fails, and whether everything of the kind fails from then on. */
typedef struct Fault Fault;
struct Fault {
  const char *zName;
  int bFile;               /* File operations; else allocations */
  int bPersist;
};

/* The state of one turn. */
typedef struct World World;
struct World {
  const char *zWal;        /* WAL under test, one of azManager[] */
  const Fault *pFault;
  sqlite3 *db;             /* For the scenario; closed at the end of the turn */
  Managers m;
  PassCount own;           /* For managers that the scenario hands over */
  int nFault;              /* How often something failed */
};

/* Something to be done while things fail. */
typedef struct Scenario Scenario;
struct Scenario {
  const char *zName;
  void (*xPrepare)(World*);          /* Before, without faults.  May be NULL */
  int (*xRun)(World*);               /* Under faults.  Returns a result code */
  void (*xVerify)(World*, int rc);   /* After, without faults */
};

/*
** For every WAL and every kind of fault: let the first call fail, then the
** second, and so on, until a turn sees no fault.  Each turn starts SQLite with
** the managers registered, and an empty directory; it checks that the code of
** xRun is SQLITE_OK or one that the fault explains, and that afterwards no
** memory is in use, every log is closed and every manager destroyed once.
*/
void faultLoop(const Scenario *pScenario);

/* True if rc is what a fault of the kind in force may lead to. */
int faultExplains(const World *p, int rc);

/* "file:DB?wal=ZWAL", in a static buffer. */
const char *worldUri(const World *p, const char *zDb);

/* Open p->db, which may fail, and let it give extended result codes. */
int worldOpen(World *p, const char *zUri);

/* rc is what came of opening p->db, or of attaching to it, with ?wal=nope.
** SQLITE_OK if the message says that there is no such WAL; otherwise rc, for a
** fault to explain. */
int unknownWal(World *p, int rc);

/* Open a database with the WAL of the turn, outside of the faults. */
sqlite3 *worldReopen(World *p, const char *zDb);

#endif /* FAULTS_H */
