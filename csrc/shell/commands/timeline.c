/*
** ".timeline": the history of a database that has the log "timeline".
*/
#include <string.h>
#include "seawall.h"
#include "shell.h"

#define LOG         "timeline"   /* What the log is registered as */
#define LIST_COUNT  20           /* Commits that are listed by default */

/*
** What the command has been asked for.
*/
typedef struct Timeline Timeline;
struct Timeline {
  Shell *p;
  const char *zName;     /* The sub-command, in full */
  const char *zSchema;   /* The database */
  const char *zFile;     /* Its file */
  int bLog;              /* It has the log, not only a folder with a history */
  int bPast;             /* It is open as it was once */
  int nArg;
  char **azArg;          /* Arguments of the sub-command */
  Progress progress;
};

/*
** Append z as a part of a URI.
*/
static void appendEscaped(sqlite3_str *pOut, const char *z){
  for(; z[0]; z++){
    if( shIsAlnum(z[0]) || strchr("/._-", z[0]) ){
      sqlite3_str_appendchar(pOut, 1, z[0]);
    }else{
      sqlite3_str_appendf(pOut, "%%%02x", (unsigned char)z[0]);
    }
  }
}

/*
** The URI of the database as it was at zAt, or as it is, if that is NULL.  To
** be freed.
*/
static char *timelineUri(const Timeline *t, const char *zAt){
  sqlite3_str *pUri = sqlite3_str_new(0);
  const char *zKey;
  int i;
  sqlite3_str_appendall(pUri, "file:");
  appendEscaped(pUri, t->zFile);
  sqlite3_str_appendall(pUri, "?wal=" LOG);
  for(i=0; (zKey = sqlite3_uri_key(t->zFile, i))!=0; i++){
    if( strcmp(zKey, "wal")==0 || strcmp(zKey, "at")==0 ) continue;
    sqlite3_str_appendchar(pUri, 1, '&');
    appendEscaped(pUri, zKey);
    sqlite3_str_appendchar(pUri, 1, '=');
    appendEscaped(pUri, sqlite3_uri_parameter(t->zFile, zKey));
  }
  if( zAt ){
    sqlite3_str_appendall(pUri, "&at=");
    appendEscaped(pUri, zAt);
  }
  return shFinish(pUri);
}

/*
** An integer from the table timeline_info, or an error code, negative.
*/
static i64 timelineInfo(const Timeline *t, const char *zColumn){
  char *zSql = shPrintf("SELECT %s FROM timeline_info(%Q)", zColumn,
                        t->zSchema);
  sqlite3_stmt *pStmt = 0;
  i64 iRes = 0;
  int rc;
  sqlite3_prepare_v2(t->p->db, zSql, -1, &pStmt, 0);
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    iRes = sqlite3_column_int64(pStmt, 0);
  }
  sqlite3_finalize(pStmt);
  rc = sqlite3_errcode(t->p->db);
  sqlite3_free(zSql);
  return rc==SQLITE_OK ? iRes : -rc;
}

/*
** Tell how the database is opened with the log.
*/
static void suggestOpen(const Timeline *t, const char *zAt){
  char *zUri = timelineUri(t, zAt);
  fprintf(stderr, "To open it with its timeline: .open '%s'\n", zUri);
  sqlite3_free(zUri);
}

/*
** Report an error, and what to do if there is no history at all.
*/
static int timelineError(const Timeline *t, const char *zErr){
  char *z = shDup(zErr);
  fprintf(stderr, "Error: %s\n", z);
  sqlite3_free(z);
  if( timelineInfo(t, "newest")==-SQLITE_CANTOPEN ){
    if( t->bLog ){
      fputs("It begins with the first commit\n", stderr);
    }else{
      suggestOpen(t, 0);
    }
  }
  return DOT_ERROR;
}

/*
** The result of a function of the library.
*/
static int timelineResult(const Timeline *t, int rc){
  return rc==SQLITE_OK ? DOT_OK : timelineError(t, sqlite3_errmsg(t->p->db));
}

/*
** Run a query, which is freed, and show its result as the mode has it.
*/
static int showQuery(const Timeline *t, char *zSql){
  char *zErr = 0;
  int rc = DOT_OK;
  executeSql(t->p, zSql, &zErr);
  if( zErr ) rc = timelineError(t, zErr);
  sqlite3_free(zErr);
  sqlite3_free(zSql);
  return rc;
}

/*
** The callback of long work, which goes on unless Ctrl-C has been pressed.
*/
static int timelineProgress(void *pArg, i64 nDone, i64 nTotal){
  Timeline *t = (Timeline*)pArg;
  progressShow(&t->progress, nDone, nTotal);
  return signalPending();
}

/*
** .timeline ?list? ?N?
*/
static int timelineList(Timeline *t){
  i64 n = LIST_COUNT;
  if( t->nArg ){
    const char *z = t->azArg[0];
    n = shInteger(z);
    if( n<=0 || z[strspn(z, "0123456789")] ){
      fprintf(stderr, "Error: \"%s\" is not a number of commits: .timeline list"
                      " 20 shows the newest 20\n", z);
      return DOT_ERROR;
    }
  }
  return showQuery(t, shPrintf(
      "SELECT number, time, pages_written AS pages,"
      "  database_pages AS \"database pages\", bytes,"
      "  iif(schema_changed,'changed','') AS schema, kind"
      " FROM timeline_commits(%Q) ORDER BY number DESC LIMIT %lld",
      t->zSchema, n));
}

/*
** .timeline info
*/
static int timelineShowInfo(Timeline *t){
  static const char *const azLabel[] = {
    "database:", "lineage:", "ancestors:", "oldest commit:", "newest commit:",
    "page size:", "segments:", "bytes:"
  };
  char *zSql = shPrintf(
      "SELECT database, lineage, iif(ancestors='','none',ancestors),"
      "  oldest||', '||oldest_time, newest||', '||newest_time, page_size,"
      "  segments, bytes||', of which '||index_bytes||' are indexes'"
      " FROM timeline_info(%Q)", t->zSchema);
  sqlite3_stmt *pStmt = 0;
  int i, rc;
  sqlite3_prepare_v2(t->p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    for(i=0; i<ArraySize(azLabel); i++){
      fprintf(t->p->out, "%-15s %s\n", azLabel[i],
              sqlite3_column_text(pStmt, i));
    }
  }
  rc = sqlite3_finalize(pStmt);
  return timelineResult(t, rc);
}

/*
** .timeline diff FROM TO
*/
static int timelineDiff(Timeline *t){
  return showQuery(t, shPrintf(
      "SELECT ifnull(owner,'(none)') AS owner,"
      "  count(*) FILTER (WHERE change='changed') AS changed,"
      "  count(*) FILTER (WHERE change='added') AS added,"
      "  count(*) FILTER (WHERE change='removed') AS removed"
      " FROM timeline_diff(%Q,%Q,%Q) AS d"
      " GROUP BY d.owner ORDER BY d.owner IS NULL, d.owner",
      t->azArg[0], t->azArg[1], t->zSchema));
}

/*
** True, after a message, if the database has another log.
*/
static int hasOtherLog(const Timeline *t, const char *zAt){
  if( t->bLog ) return 0;
  fprintf(stderr, "Error: %s is not open with its timeline, which .timeline %s"
                  " needs\n", t->zSchema, t->zName);
  suggestOpen(t, zAt);
  return 1;
}

/*
** True, after a message, if a transaction is open.
*/
static int hasTransaction(const Timeline *t){
  if( sqlite3_get_autocommit(t->p->db) ) return 0;
  fprintf(stderr, "Error: .timeline %s is not possible within a transaction:"
                  " COMMIT or ROLLBACK first\n", t->zName);
  return 1;
}

/*
** True if there is such a commit, else tell so.  What an error of a log says
** goes to ".log" alone, but that of a table is seen.
*/
static int hasCommit(const Timeline *t, const char *zAt){
  char *zSql = shPrintf("SELECT 1 FROM timeline_diff(%Q,%Q,%Q)", zAt, zAt,
                        t->zSchema);
  int rc = sqlite3_exec(t->p->db, zSql, 0, 0, 0);
  sqlite3_free(zSql);
  return timelineResult(t, rc)==DOT_OK;
}

/*
** True if the database can be opened by this URI, else tell why not.
*/
static int canOpen(const Timeline *t, const char *zUri){
  sqlite3 *db = 0;
  int rc = sqlite3_open_v2(zUri, &db, t->p->openFlags|SQLITE_OPEN_URI, 0);
  if( rc==SQLITE_OK ){
    rc = sqlite3_exec(db, "SELECT 1 FROM sqlite_schema LIMIT 1", 0, 0, 0);
  }
  if( rc!=SQLITE_OK ) fprintf(stderr, "Error: %s\n", sqlite3_errmsg(db));
  if( rc==SQLITE_BUSY ){
    fputs("Another process has it open, and one at a time can; .log stderr"
          " tells which\n", stderr);
  }
  sqlite3_close(db);
  return rc==SQLITE_OK;
}

/*
** Open the database by this URI in place of what it is now.  An attached one is
** detached and attached again.
*/
static int reopen(Timeline *t, const char *zUri){
  Shell *p = t->p;
  char *zSql;
  int rc;
  if( sqlite3_stricmp(t->zSchema, "main")==0 ){
    databaseClose(p);
    modeSetText(&p->zDbFile, zUri);
    p->eOpen = OPEN_NORMAL;
    databaseOpen(p, OPEN_OR_TEMP);
    return p->zDbFile ? DOT_OK : DOT_ERROR;
  }
  zSql = shPrintf("DETACH \"%w\"; ATTACH %Q AS \"%w\"", t->zSchema, zUri,
                  t->zSchema);
  rc = sqlite3_exec(p->db, zSql, 0, 0, 0);
  sqlite3_free(zSql);
  return rc==SQLITE_OK ? DOT_OK : databaseError(p);
}

/*
** .timeline at N|TIME
*/
static int timelineAt(Timeline *t){
  const char *zAt = t->azArg[0];
  char *zUri;
  int rc = DOT_ERROR;
  if( hasOtherLog(t, zAt) || hasTransaction(t) ) return DOT_ERROR;
  if( !hasCommit(t, zAt) ) return DOT_ERROR;
  zUri = timelineUri(t, zAt);
  if( canOpen(t, zUri) ) rc = reopen(t, zUri);
  sqlite3_free(zUri);
  if( rc==DOT_OK ){
    fprintf(t->p->out, "%s is read-only, as it was %s %s; .timeline now goes"
            " back to the present\n", t->zSchema,
            shIsNumber(zAt) ? "after commit" : "at", zAt);
  }
  return rc;
}

/*
** .timeline now
*/
static int timelineNow(Timeline *t){
  char *zUri;
  int rc = DOT_ERROR;
  if( hasOtherLog(t, 0) || hasTransaction(t) ) return DOT_ERROR;
  if( !t->bPast ){
    fprintf(t->p->out, "%s is at the present\n", t->zSchema);
    return DOT_OK;
  }
  zUri = timelineUri(t, 0);
  if( canOpen(t, zUri) ) rc = reopen(t, zUri);
  sqlite3_free(zUri);
  return rc;
}

/*
** .timeline restore N|TIME
**
** Whoever looks at the past goes back to the present with that.
*/
static int timelineRestore(Timeline *t){
  i64 iCommit = 0;
  int rc;
  if( hasOtherLog(t, 0) || hasTransaction(t) ) return DOT_ERROR;
  if( t->bPast && timelineNow(t)!=DOT_OK ) return DOT_ERROR;
  rc = seawall_timeline_restore(t->p->db, t->zSchema, t->azArg[0], &iCommit);
  if( rc!=SQLITE_OK ) return timelineResult(t, rc);
  fprintf(t->p->out, "commit %lld has set %s back; .timeline restore %lld"
          " undoes it\n", iCommit, t->zSchema, iCommit-1);
  return DOT_OK;
}

/*
** .timeline export N|TIME FILE
** .timeline branch N|TIME FILE
*/
static int writeFile(
  Timeline *t,
  int (*xWrite)(sqlite3*, const char*, const char*, const char*,
                seawall_progress, void*)
){
  char *zFile = databaseFile(t->azArg[1]);
  int rc;
  progressBegin(&t->progress, t->p, t->zName, "bytes");
  rc = xWrite(t->p->db, t->zSchema, t->azArg[0], zFile, timelineProgress, t);
  progressEnd(&t->progress);
  sqlite3_free(zFile);
  return timelineResult(t, rc);
}
static int timelineExport(Timeline *t){
  return writeFile(t, seawall_timeline_export);
}
static int timelineBranch(Timeline *t){
  return writeFile(t, seawall_timeline_branch);
}

/*
** The arguments as one text.  To be freed.
*/
static char *joined(const Timeline *t){
  sqlite3_str *pOut = sqlite3_str_new(0);
  int i;
  for(i=0; i<t->nArg; i++){
    sqlite3_str_appendf(pOut, "%s%s", i ? " " : "", t->azArg[i]);
  }
  return shFinish(pOut);
}

/*
** .timeline prune KEEP
**
** What the database file lacks is not forgotten, so it gets that first, as far
** as nobody has to wait.
*/
static int timelinePrune(Timeline *t){
  char *zKeep;
  i64 iBefore, iOldest = 0;
  int rc;
  if( hasOtherLog(t, 0) ) return DOT_ERROR;
  sqlite3_wal_checkpoint_v2(t->p->db, t->zSchema, SQLITE_CHECKPOINT_PASSIVE,
                            0, 0);
  iBefore = timelineInfo(t, "oldest");
  if( iBefore<0 ) return timelineResult(t, (int)-iBefore);
  zKeep = joined(t);
  progressBegin(&t->progress, t->p, t->zName, "bytes");
  rc = seawall_timeline_prune(t->p->db, t->zSchema, zKeep, timelineProgress, t,
                              &iOldest);
  progressEnd(&t->progress);
  sqlite3_free(zKeep);
  if( rc!=SQLITE_OK ) return timelineResult(t, rc);
  fprintf(t->p->out, "%sthe oldest commit is %lld\n",
          iOldest==iBefore ? "nothing to forget: " : "", iOldest);
  return DOT_OK;
}

/*
** .timeline keep ?KEEP?
*/
static int timelineKeep(Timeline *t){
  char *zKeep, *zKept;
  if( hasOtherLog(t, 0) ) return DOT_ERROR;
  if( t->bPast ){
    fprintf(stderr, "Error: %s is open as it was once, and keeps nothing:"
                    " .timeline now goes back to the present\n", t->zSchema);
    return DOT_ERROR;
  }
  zKeep = joined(t);
  zKept = seawall_timeline_keep(t->p->db, t->zSchema, t->nArg ? zKeep : 0);
  sqlite3_free(zKeep);
  if( zKept==0 ) return timelineResult(t, SQLITE_ERROR);
  fprintf(t->p->out, "%s\n", zKept);
  sqlite3_free(zKept);
  return DOT_OK;
}

/*
** .timeline verify
*/
static int timelineVerify(Timeline *t){
  i64 iOldest = timelineInfo(t, "oldest");
  i64 iNewest = timelineInfo(t, "newest");
  int rc;
  progressBegin(&t->progress, t->p, t->zName, "bytes");
  rc = seawall_timeline_verify(t->p->db, t->zSchema, timelineProgress, t);
  progressEnd(&t->progress);
  if( rc!=SQLITE_OK ) return timelineResult(t, rc);
  if( iOldest<0 || iNewest<0 ){
    /* Without the log, no SQL works here while a process has it open */
    fputs("all commits are as they were written\n", t->p->out);
  }else{
    fprintf(t->p->out, "commits %lld to %lld are as they were written\n",
            iOldest, iNewest);
  }
  return DOT_OK;
}

/*
** All sub-commands.  Any beginning of a name will do.
*/
static const struct TimelineCommand {
  const char *zName;
  int nMin, nMax;        /* Arguments */
  int bSafe;             /* It is allowed in safe mode */
  int (*xRun)(Timeline*);
  const char *zUsage;
} aCommand[] = {
  { "list",    0, 1,  1, timelineList,     "?list? ?N?"     },
  { "info",    0, 0,  1, timelineShowInfo, "info"           },
  { "at",      1, 1,  0, timelineAt,       "at N|TIME"      },
  { "now",     0, 0,  0, timelineNow,      "now"            },
  { "diff",    2, 2,  1, timelineDiff,     "diff FROM TO"   },
  { "restore", 1, 1,  1, timelineRestore,  "restore N|TIME" },
  { "export",  2, 2,  0, timelineExport,   "export N|TIME FILE" },
  { "branch",  2, 2,  0, timelineBranch,   "branch N|TIME FILE" },
  { "prune",   1, 99, 1, timelinePrune,    "prune KEEP"     },
  { "keep",    0, 99, 1, timelineKeep,     "keep ?KEEP?"    },
  { "verify",  0, 0,  1, timelineVerify,   "verify"         },
};

/*
** Find the file of the database, and begin its timeline if it is to have one.
** Return false after a message.
*/
static int timelineFind(Timeline *t){
  sqlite3 *db = t->p->db;
  char *z;
  int rc = SQLITE_OK;
  t->zFile = sqlite3_db_filename(db, t->zSchema);
  if( t->zFile==0 ){
    fprintf(stderr, "Error: there is no database \"%s\": .databases lists what"
                    " there is\n", t->zSchema);
    return 0;
  }
  if( t->zFile[0]==0 ){
    fprintf(stderr, "Error: %s is not a file, so it has no timeline\n"
                    "To open one that has: .open 'file:NAME.db?wal=" LOG "'\n",
            t->zSchema);
    return 0;
  }
  t->bPast = sqlite3_uri_parameter(t->zFile, "at")!=0;
  z = seawall_wal_name(db, t->zSchema);
  t->bLog = z && strcmp(z, LOG)==0;
  sqlite3_free(z);
  if( t->bLog ){
    z = shPrintf("SELECT 1 FROM \"%w\".sqlite_schema LIMIT 1", t->zSchema);
    rc = sqlite3_exec(db, z, 0, 0, 0);
    sqlite3_free(z);
    if( rc!=SQLITE_OK ) databaseError(t->p);
  }
  return rc==SQLITE_OK;
}

/*
** .timeline ?--schema DB? ?COMMAND? ...
*/
int dotTimeline(Shell *p){
  const struct TimelineCommand *pCommand = &aCommand[0];
  Timeline t;
  char **azArg = p->dot.azArg;
  int nArg = p->dot.nArg;
  int i = 1;
  memset(&t, 0, sizeof(t));
  t.p = p;
  t.zSchema = "main";
  if( nArg>1 && shOption(azArg[1], "help") ){
    helpShow(p->out, "timeline");
    return DOT_OK;
  }
  if( nArg>1 && shOption(azArg[1], "schema") ){
    if( nArg==2 ){
      dotError(p, 1, "missing argument", 0);
      return DOT_ERROR;
    }
    t.zSchema = azArg[2];
    i = 3;
  }
  if( i<nArg && azArg[i][0]=='-' ){
    dotError(p, i, "unknown option", 0);
    return DOT_ERROR;
  }
  if( i<nArg && !shIsDigit(azArg[i][0]) ){
    int iCommand = shFindPrefix(&aCommand[0].zName, ArraySize(aCommand),
                                sizeof(aCommand[0]), azArg[i], LOG,
                                "sub-command");
    if( iCommand<0 ) return DOT_ERROR;
    pCommand = &aCommand[iCommand];
    i++;
  }
  t.zName = pCommand->zName;
  t.nArg = nArg - i;
  t.azArg = &azArg[i];
  if( !pCommand->bSafe ){
    safeRefuse(p, "cannot run \".timeline %s\" in safe mode", t.zName);
  }
  if( t.nArg<pCommand->nMin || t.nArg>pCommand->nMax ){
    char *zUsage = shPrintf(".timeline ?--schema DB? %s", pCommand->zUsage);
    int rc = dotUsage(zUsage);
    sqlite3_free(zUsage);
    return rc;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  return timelineFind(&t) ? pCommand->xRun(&t) : DOT_ERROR;
}
