/*
** The history of databases, for C programs and for PRAGMA timeline_keep.  This
** stands in main.c.  The work is done in Rust, if that was compiled in.
*/
#include "timeline.h"

/*
** Find what does the work.  A program that links the C part alone has none.
*/
static int timelineMethods(sqlite3 *db, const SeawallTimeline **pp){
  *pp = 0;
  if( !sqlite3SafetyCheckOk(db) ) return SQLITE_MISUSE_BKPT;
#ifdef SEAWALL_TIMELINE
  *pp = seawall_timeline_methods();
  if( *pp ) return SQLITE_OK;
#endif
  sqlite3_set_errmsg(db, SQLITE_ERROR, "timelines are not compiled in: they need a"
      " Seawall with the cargo feature \"timeline\"");
  return SQLITE_ERROR;
}

static const char *timelineSchema(const char *zSchema){
  return zSchema ? zSchema : "main";
}

SQLITE_API int seawall_timeline_restore(
  sqlite3 *db,
  const char *zSchema,
  const char *zAt,
  sqlite3_int64 *piCommit
){
  const SeawallTimeline *p;
  int rc = timelineMethods(db, &p);
  if( rc!=SQLITE_OK ) return rc;
  if( zAt==0 ) return SQLITE_MISUSE_BKPT;
  return p->xRestore(db, timelineSchema(zSchema), zAt, piCommit);
}

SQLITE_API int seawall_timeline_export(
  sqlite3 *db,
  const char *zSchema,
  const char *zAt,
  const char *zFile,
  seawall_progress xProgress,
  void *pArg
){
  const SeawallTimeline *p;
  int rc = timelineMethods(db, &p);
  if( rc!=SQLITE_OK ) return rc;
  if( zAt==0 || zFile==0 ) return SQLITE_MISUSE_BKPT;
  return p->xExport(db, timelineSchema(zSchema), zAt, zFile, xProgress, pArg);
}

SQLITE_API int seawall_timeline_branch(
  sqlite3 *db,
  const char *zSchema,
  const char *zAt,
  const char *zFile,
  seawall_progress xProgress,
  void *pArg
){
  const SeawallTimeline *p;
  int rc = timelineMethods(db, &p);
  if( rc!=SQLITE_OK ) return rc;
  if( zAt==0 || zFile==0 ) return SQLITE_MISUSE_BKPT;
  return p->xBranch(db, timelineSchema(zSchema), zAt, zFile, xProgress, pArg);
}

SQLITE_API int seawall_timeline_prune(
  sqlite3 *db,
  const char *zSchema,
  const char *zKeep,
  seawall_progress xProgress,
  void *pArg,
  sqlite3_int64 *piOldest
){
  const SeawallTimeline *p;
  int rc = timelineMethods(db, &p);
  if( rc!=SQLITE_OK ) return rc;
  if( zKeep==0 ) return SQLITE_MISUSE_BKPT;
  return p->xPrune(db, timelineSchema(zSchema), zKeep, xProgress, pArg, piOldest);
}

SQLITE_API int seawall_timeline_verify(
  sqlite3 *db,
  const char *zSchema,
  seawall_progress xProgress,
  void *pArg
){
  const SeawallTimeline *p;
  int rc = timelineMethods(db, &p);
  if( rc!=SQLITE_OK ) return rc;
  return p->xVerify(db, timelineSchema(zSchema), xProgress, pArg);
}

SQLITE_API char *seawall_timeline_keep(
  sqlite3 *db,
  const char *zSchema,
  const char *zKeep
){
  const SeawallTimeline *p;
  if( timelineMethods(db, &p)!=SQLITE_OK ) return 0;
  return p->xKeep(db, timelineSchema(zSchema), zKeep);
}

#ifdef SEAWALL_TIMELINE
/*
** PRAGMA timeline_keep.
*/
SQLITE_PRIVATE int seawallKeepPragma(
  Parse *pParse,
  const char *zDb,
  const char *zRight
){
  sqlite3 *db = pParse->db;
  char *zKeep = seawall_timeline_keep(db, zDb, zRight);
  if( zKeep==0 ){
    sqlite3ErrorMsg(pParse, "%s", sqlite3_errmsg(db));
    pParse->rc = sqlite3_errcode(db);
  }else{
    sqlite3VdbeLoadString(sqlite3GetVdbe(pParse), 1, zKeep);
    sqlite3VdbeAddOp2(sqlite3GetVdbe(pParse), OP_ResultRow, 1, 1);
    sqlite3_free(zKeep);
  }
  return 1;
}
#endif
