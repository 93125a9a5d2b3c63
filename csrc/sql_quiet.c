/*
** Statements within a statement.  This stands in alter.c.
**
** What they do is nobody's business: no trigger, no hook, no authorizer, no
** foreign key, no trace, no count of changes, no last rowid, and no constraint
** that is not to be looked at.  What is in double quotes is read as in a CREATE
** TABLE.
*/

/*
** What of sqlite3.flags and sqlite3.mDbFlags is different meanwhile.
*/
#define QUIET_DBFLAGS (DBFLAG_InternalFunc|DBFLAG_SeawallSettle)
#define QUIET_FLAGS (SQLITE_EnableTrigger|SQLITE_ForeignKeys|SQLITE_CountRows \
                     |SQLITE_IgnoreChecks|SQLITE_ReverseOrder|SQLITE_DqsDML)
/*
** What a connection was like before.
*/
typedef struct Quiet Quiet;
struct Quiet {
  sqlite3 *db;
  u64 flags;
  u32 mDbFlags;
  int mxVariable;
  i64 nChange, nTotalChange, lastRowid;
  u8 mTrace;
  void (*xUpdate)(void*,int,const char*,const char*,sqlite_int64);
#ifndef SQLITE_OMIT_AUTHORIZATION
  sqlite3_xauth xAuth;
#endif
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  void (*xPreUpdate)(void*,sqlite3*,int,char const*,char const*,
                     sqlite3_int64,sqlite3_int64);
#endif
};

/*
** mDbFlags is DBFLAG_SeawallSettle, and DBFLAG_InternalFunc if no expression that
** a file holds can be among what the statements evaluate.
*/
static void quietBegin(Quiet *p, sqlite3 *db, u32 mDbFlags){
  p->db = db;
  p->mxVariable = db->aLimit[SQLITE_LIMIT_VARIABLE_NUMBER];
  p->flags = db->flags & QUIET_FLAGS;
  p->mDbFlags = db->mDbFlags;
  p->nChange = db->nChange;
  p->nTotalChange = db->nTotalChange;
  p->lastRowid = db->lastRowid;
  p->mTrace = db->mTrace;
  p->xUpdate = db->xUpdateCallback;
  db->xUpdateCallback = 0;
#ifndef SQLITE_OMIT_AUTHORIZATION
  p->xAuth = db->xAuth;
  db->xAuth = 0;
#endif
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  p->xPreUpdate = db->xPreUpdateCallback;
  db->xPreUpdateCallback = 0;
#endif
  db->mTrace = 0;
  db->mDbFlags |= mDbFlags;
  if( p->mxVariable<2 ) db->aLimit[SQLITE_LIMIT_VARIABLE_NUMBER] = 2;
  db->flags &= ~(u64)QUIET_FLAGS;
  db->flags |= SQLITE_IgnoreChecks;
  if( db->flags & SQLITE_DqsDDL ) db->flags |= SQLITE_DqsDML;
}

static void quietEnd(const Quiet *p){
  sqlite3 *db = p->db;
  db->flags = (db->flags & ~(u64)QUIET_FLAGS) | p->flags;
  db->mDbFlags = (db->mDbFlags & ~(u32)QUIET_DBFLAGS)
                | (p->mDbFlags & QUIET_DBFLAGS);
  db->aLimit[SQLITE_LIMIT_VARIABLE_NUMBER] = p->mxVariable;
  db->nChange = p->nChange;
  db->nTotalChange = p->nTotalChange;
  db->lastRowid = p->lastRowid;
  db->mTrace = p->mTrace;
  db->xUpdateCallback = p->xUpdate;
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  db->xPreUpdateCallback = p->xPreUpdate;
#endif
#ifndef SQLITE_OMIT_AUTHORIZATION
  db->xAuth = p->xAuth;
#endif
}
