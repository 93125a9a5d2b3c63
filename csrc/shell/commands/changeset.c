/*
** ".session": recording what changes, to be written as a changeset.
*/
/* Without these, sqlite3.h does not tell about sessions. */
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <string.h>
#include "shell.h"

struct Recording {
  char *zName;
  sqlite3_session *pSession;
  char **azFilter;       /* GLOB patterns of tables that are left out */
  int nFilter;
};

/*
** The command that is being run.
*/
typedef struct Request Request;
struct Request {
  Shell *p;
  Connection *pConn;
  Recording *pRec;       /* The one that is named, or the first, or NULL */
  int iRec;              /* Where it is in pConn->apRecording[] */
  char **azArg;          /* What follows the name of the command */
  int nArg;
  int rc;                /* DOT_*: what it returns if the arguments are right */
};

/*
** Forget which tables are left out.
*/
static void clearFilter(Recording *pRec){
  int i;
  for(i=0; i<pRec->nFilter; i++) sqlite3_free(pRec->azFilter[i]);
  sqlite3_free(pRec->azFilter);
  pRec->azFilter = 0;
  pRec->nFilter = 0;
}

/*
** End a recording.  The last one takes its place.
*/
static void closeRecording(Connection *pConn, int i){
  Recording *pRec = pConn->apRecording[i];
  pConn->apRecording[i] = pConn->apRecording[--pConn->nRecording];
  sqlite3session_delete(pRec->pSession);
  clearFilter(pRec);
  sqlite3_free(pRec->zName);
  sqlite3_free(pRec);
}

/*
** End all recordings of the active connection, which is about to be closed.
*/
void recordingCloseAll(Shell *p){
  Connection *pConn = &p->aConnection[p->iConnection];
  while( pConn->nRecording ) closeRecording(pConn, 0);
}

/*
** Whether changes of a table are recorded.
*/
static int isRecorded(void *pArg, const char *zTable){
  const Recording *pRec = (const Recording*)pArg;
  int i;
  for(i=0; i<pRec->nFilter; i++){
    if( sqlite3_strglob(pRec->azFilter[i], zTable)==0 ) return 0;
  }
  return 1;
}

/*
** The commands.  They return false if the arguments are wrong.
**
** .session open DB NAME
*/
static int sessionOpen(Request *pReq){
  Connection *pConn = pReq->pConn;
  const char *zName;
  Recording *pRec;
  int i, rc;
  if( pReq->nArg!=2 || pReq->azArg[1][0]==0 ) return 0;
  zName = pReq->azArg[1];
  for(i=0; i<pConn->nRecording; i++){
    if( strcmp(pConn->apRecording[i]->zName, zName)==0 ){
      fprintf(stderr, "Session \"%s\" already exists\n", zName);
      pReq->rc = DOT_ERROR;
      return 1;
    }
  }
  if( pConn->nRecording==RECORDINGS_MAX ){
    fprintf(stderr, "Maximum of %d sessions\n", RECORDINGS_MAX);
    pReq->rc = DOT_ERROR;
    return 1;
  }
  pRec = shRealloc(0, sizeof(*pRec));
  memset(pRec, 0, sizeof(*pRec));
  rc = sqlite3session_create(pReq->p->db, pReq->azArg[0], &pRec->pSession);
  if( rc ){
    fprintf(stderr, "Cannot open session: error code=%d\n", rc);
    pReq->rc = DOT_ERROR;
    sqlite3_free(pRec);
    return 1;
  }
  sqlite3session_table_filter(pRec->pSession, isRecorded, pRec);
  pRec->zName = shDup(zName);
  pConn->apRecording[pConn->nRecording++] = pRec;
  return 1;
}

/*
** The recording that a command is for.  NULL, after a message, if there is
** none.
*/
static Recording *needRecording(Request *pReq){
  if( pReq->pRec==0 ){
    fputs("ERROR: No sessions are open\n", stderr);
    pReq->rc = DOT_ERROR;
  }
  return pReq->pRec;
}

/*
** .session ?NAME? attach TABLE
*/
static int sessionAttach(Request *pReq){
  if( pReq->nArg!=1 ) return 0;
  if( needRecording(pReq) ){
    int rc = sqlite3session_attach(pReq->pRec->pSession, pReq->azArg[0]);
    if( rc ){
      fprintf(stderr, "ERROR: sqlite3session_attach() returns %d\n", rc);
      pReq->rc = DOT_ERROR;
    }
  }
  return 1;
}

/*
** Write a changeset into a file.  Return false, after a message, if that fails.
*/
static int writeFile(const char *zFile, const void *a, int n){
  FILE *out = fopen(zFile, "wb");
  int bWritten;
  if( out==0 ){
    fprintf(stderr, "ERROR: cannot open \"%s\" for writing\n", zFile);
    return 0;
  }
  bWritten = n==0 || fwrite(a, (size_t)n, 1, out)==1;
  if( fclose(out)!=0 || !bWritten ){
    fprintf(stderr, "ERROR: Failed to write entire %d-byte output\n", n);
    return 0;
  }
  return 1;
}

/*
** .session ?NAME? changeset FILE
** .session ?NAME? patchset FILE
**
** The file stays as it is unless there is something to write.
*/
static int writeChanges(
  Request *pReq,
  const char *zCommand,
  int (*xGet)(sqlite3_session*, int*, void**)
){
  void *pChanges = 0;
  int nChanges = 0;
  int rc;
  safeRefuse(pReq->p, "cannot run \".session %s\" in safe mode", zCommand);
  if( pReq->nArg!=1 ) return 0;
  if( needRecording(pReq)==0 ) return 1;
  rc = xGet(pReq->pRec->pSession, &nChanges, &pChanges);
  if( rc ){
    fprintf(stderr, "Error: error code %d\n", rc);
    pReq->rc = DOT_ERROR;
  }else if( !writeFile(pReq->azArg[0], pChanges, nChanges) ){
    pReq->rc = DOT_ERROR;
  }
  sqlite3_free(pChanges);
  return 1;
}
static int sessionChangeset(Request *pReq){
  return writeChanges(pReq, "changeset", sqlite3session_changeset);
}
static int sessionPatchset(Request *pReq){
  return writeChanges(pReq, "patchset", sqlite3session_patchset);
}

/*
** .session ?NAME? close
*/
static int sessionClose(Request *pReq){
  if( pReq->nArg ) return 0;
  if( pReq->pRec ) closeRecording(pReq->pConn, pReq->iRec);
  return 1;
}

/*
** .session ?NAME? filter GLOB ...
*/
static int sessionFilter(Request *pReq){
  Recording *pRec = pReq->pRec;
  int i;
  if( pReq->nArg==0 ) return 0;
  if( pRec==0 ) return 1;
  clearFilter(pRec);
  pRec->azFilter = shRealloc(0, (sqlite3_uint64)pReq->nArg*sizeof(char*));
  for(i=0; i<pReq->nArg; i++) pRec->azFilter[i] = shDup(pReq->azArg[i]);
  pRec->nFilter = pReq->nArg;
  return 1;
}

/*
** .session ?NAME? enable ?BOOLEAN?
** .session ?NAME? indirect ?BOOLEAN?
*/
static int sessionFlag(
  Request *pReq,
  const char *zFlag,
  int (*xFlag)(sqlite3_session*, int)
){
  int v;
  if( pReq->nArg>1 ) return 0;
  v = pReq->nArg ? shBoolean(pReq->azArg[0]) : -1;
  if( pReq->pRec ){
    fprintf(pReq->p->out, "session %s %s flag = %d\n", pReq->pRec->zName,
            zFlag, xFlag(pReq->pRec->pSession, v));
  }
  return 1;
}
static int sessionEnable(Request *pReq){
  return sessionFlag(pReq, "enable", sqlite3session_enable);
}
static int sessionIndirect(Request *pReq){
  return sessionFlag(pReq, "indirect", sqlite3session_indirect);
}

/*
** .session ?NAME? isempty
*/
static int sessionIsEmpty(Request *pReq){
  if( pReq->nArg ) return 0;
  if( pReq->pRec ){
    fprintf(pReq->p->out, "session %s isempty flag = %d\n",
            pReq->pRec->zName, sqlite3session_isempty(pReq->pRec->pSession));
  }
  return 1;
}

/*
** .session list
*/
static int sessionList(Request *pReq){
  int i;
  for(i=0; i<pReq->pConn->nRecording; i++){
    fprintf(pReq->p->out, "%d %s\n", i, pReq->pConn->apRecording[i]->zName);
  }
  return 1;
}

/*
** Make pReq->pRec the recording that is called zName.  Return false if there
** is none: then the first is meant.
*/
static int findRecording(Request *pReq, const char *zName){
  Connection *pConn = pReq->pConn;
  int i;
  for(i=0; i<pConn->nRecording; i++){
    if( strcmp(pConn->apRecording[i]->zName, zName)!=0 ) continue;
    pReq->pRec = pConn->apRecording[i];
    pReq->iRec = i;
    return 1;
  }
  if( pConn->nRecording ) pReq->pRec = pConn->apRecording[0];
  return 0;
}

/*
** .session ?NAME? COMMAND ...
*/
int dotSession(Shell *p){
  static const struct {
    const char *zName;
    int (*xRun)(Request*);
  } aCommand[] = {
    { "attach",    sessionAttach    },
    { "changeset", sessionChangeset },
    { "close",     sessionClose     },
    { "enable",    sessionEnable    },
    { "filter",    sessionFilter    },
    { "indirect",  sessionIndirect  },
    { "isempty",   sessionIsEmpty   },
    { "list",      sessionList      },
    { "open",      sessionOpen      },
    { "patchset",  sessionPatchset  },
  };
  Request req;
  int iArg = 1;
  int i, bDone = 0;
  memset(&req, 0, sizeof(req));
  req.p = p;
  req.rc = DOT_OK;
  req.pConn = &p->aConnection[p->iConnection];
  if( p->dot.nArg>1 ){
    databaseOpen(p, OPEN_OR_EXIT);
    if( findRecording(&req, p->dot.azArg[1]) && p->dot.nArg>2 ) iArg = 2;
    req.azArg = &p->dot.azArg[iArg+1];
    req.nArg = p->dot.nArg - iArg - 1;
    for(i=0; i<ArraySize(aCommand); i++){
      if( strcmp(p->dot.azArg[iArg], aCommand[i].zName)==0 ){
        bDone = aCommand[i].xRun(&req);
      }
    }
  }
  if( !bDone ) helpShow(p->out, "session");
  return req.rc;
}
