/*
** Statements of libSQL: libsql_stmt_interrupt(), and the counts of rows that
** sqlite3_stmt_status() has.  This stands at the end of vdbeapi.c;
** libsql_stmt.h says how interrupting works.
*/

static int stmtIsFlagged(Vdbe *v){
  return AtomicLoad(&((SeawallStmt*)v)->isInterrupted);
}

/*
** True if a running statement is inside of sqlite3_step() now, and not
** between two calls of it: those end with a row, or with SQLITE_BUSY and
** another try to come.
*/
static int stmtIsExecuting(Vdbe *v){
  return v->iCurrentTime!=SEAWALL_SUSPENDED && (v->rc&0xff)!=SQLITE_BUSY;
}

/*
** True if a reset stands between a statement and its next run.  One that is
** just being prepared again has halted, too, and is about to go on.
*/
static int stmtIsDone(Vdbe *v){
  return v->eVdbeState==VDBE_HALT_STATE && v->rc!=SQLITE_SCHEMA;
}

/*
** The slow path of seawallInterrupted(): db->u1.isInterrupted is not zero, or
** was not a moment ago.  When no statement is flagged that runs or can run,
** that word becomes zero again, and the slow path is left.
**
** The bit is cleared before the statements are looked at.  An interrupter
** that comes meanwhile has set its flag before and sets the bit after that,
** so either the flag is seen here or the bit stays.
*/
SQLITE_PRIVATE SEAWALL_COLD int seawallCheckInterrupt(sqlite3 *db){
  Vdbe *v;
  int isPending = 0;
  int isExecuting = 0;
  assert( sqlite3_mutex_held(db->mutex) );
  if( AtomicLoad(&db->u1.isInterrupted) & SEAWALL_INTERRUPT_ALL ) return 1;
  SeawallAtomicAnd(&db->u1.isInterrupted, ~SEAWALL_INTERRUPT_STMT);
  for(v=db->pVdbe; v && !isExecuting; v=v->pVNext){
    if( !stmtIsFlagged(v) || stmtIsDone(v) ) continue;
    isPending = 1;
    isExecuting = v->eVdbeState==VDBE_RUN_STATE && stmtIsExecuting(v);
  }
  if( isPending ){
    SeawallAtomicOr(&db->u1.isInterrupted, SEAWALL_INTERRUPT_STMT);
  }
  return isExecuting;
}

SQLITE_API void libsql_stmt_interrupt(sqlite3_stmt *pStmt){
  SeawallStmt *p = (SeawallStmt*)pStmt;
  if( p==0 ){
    (void)vdbeSafetyNotNull(0);
    (void)SQLITE_MISUSE_BKPT;
    return;
  }
  SeawallAtomicOr(&p->isInterrupted, 1);
  SeawallAtomicOr(&p->db->u1.isInterrupted, SEAWALL_INTERRUPT_STMT);
}

/*
** What is behind sqlite3_is_interrupted(), which any thread may call at any
** time.  The statements are looked at only if nobody else works on the
** connection: whoever asks from outside does not ask about one statement.
*/
SQLITE_PRIVATE int seawallIsInterrupted(sqlite3 *db){
  int res = AtomicLoad(&db->u1.isInterrupted);
  if( res==0 || (res & SEAWALL_INTERRUPT_ALL)!=0 ) return res!=0;
  if( sqlite3_mutex_try(db->mutex)!=SQLITE_OK ) return 0;
  res = seawallCheckInterrupt(db);
  sqlite3_mutex_leave(db->mutex);
  return res;
}

/*
** Rows that were read by stepping a cursor: all that an OP_Next, OP_Prev or
** OP_SorterNext counts, whatever its P5.
*/
static u64 rowsStepped(Vdbe *v){
  return v->aCounter[0] + v->aCounter[SQLITE_STMTSTATUS_FULLSCAN_STEP]
       + v->aCounter[SQLITE_STMTSTATUS_AUTOINDEX];
}

/*
** sqlite3_stmt_status() as far as stock SQLite has no answer.  True if there
** is one, in *pRes.  If not, what the caller is about to reset is saved where
** a count of ours is made of it.
**
** A code that nobody defines is 0, and is never an index.  With
** SQLITE_ENABLE_API_ARMOR it is left to the caller, who complains.
*/
SQLITE_PRIVATE int seawallStmtStatus(Vdbe *v, int op, int resetFlag, int *pRes){
  SeawallStmt *p = (SeawallStmt*)v;
  u64 n = 0;
  if( v==0 ){
    (void)vdbeSafetyNotNull(0);
    (void)SQLITE_MISUSE_BKPT;
  }else if( op==LIBSQL_STMTSTATUS_ROWS_READ ){
    n = p->nRead + rowsStepped(v);
    if( resetFlag ) p->nRead -= n;
  }else if( op==LIBSQL_STMTSTATUS_ROWS_WRITTEN ){
    n = p->nWrite;
    if( resetFlag ) p->nWrite = 0;
  }else if( op==SQLITE_STMTSTATUS_MEMUSED ){
    return 0;
  }else if( op>=0 && op<ArraySize(v->aCounter) ){
    if( resetFlag && (op==0 || op==SQLITE_STMTSTATUS_FULLSCAN_STEP
                            || op==SQLITE_STMTSTATUS_AUTOINDEX) ){
      p->nRead += v->aCounter[op];
    }
    return 0;
  }else{
#ifdef SQLITE_ENABLE_API_ARMOR
    return 0;
#endif
  }
  *pRes = n>0xffffffff ? -1 : (int)(u32)n;
  return 1;
}

#ifndef SQLITE_OMIT_VIRTUALTABLE
/*
** Tell the module of a virtual table, before xFilter, the text of the
** statement.  The caller knows that it is a libsql_module.
*/
SQLITE_PRIVATE int seawallPreparedSql(Vdbe *v, sqlite3_vtab_cursor *pCur){
  const libsql_module *pModule = (const libsql_module*)pCur->pVtab->pModule;
  int rc;
  if( pModule->xPreparedSql==0 || v->zSql==0 ) return SQLITE_OK;
  rc = pModule->xPreparedSql(pCur, v->zSql);
  sqlite3VtabImportErrmsg(v, pCur->pVtab);
  return rc;
}

SEAWALL_LAYOUT(module, sizeof(libsql_module)==248);
SEAWALL_LAYOUT(module_head, sizeof(sqlite3_module)==200);
SEAWALL_LAYOUT(module_integrity, offsetof(libsql_module,xIntegrity)==192);
SEAWALL_LAYOUT(module_reserved, offsetof(libsql_module,reserved)==200);
SEAWALL_LAYOUT(module_sql, offsetof(libsql_module,xPreparedSql)==240);
#endif /* SQLITE_OMIT_VIRTUALTABLE */
