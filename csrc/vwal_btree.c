/*
** What stands in the way of a transaction on a Btree: that it is still to be
** brought into WAL mode, or that frames are being inserted into its log.  This
** stands at the end of btree.c.
**
** BTS_NAMED_WAL is set on a database whose URI names a WAL and that is still
** to be switched.  It goes away when that is done, and when PRAGMA journal_mode
** asks for another mode.  BTS_INSERTING is set while frames are inserted.
*/
#ifndef SQLITE_OMIT_WAL

/*
** Btree p was opened.  Its URI may name a WAL.
*/
SQLITE_PRIVATE void seawallBtreeNameWal(Btree *p, const char *zFilename){
  if( seawallUriWal(zFilename)==0 ) return;
  sqlite3BtreeEnter(p);
  p->pBt->btsFlags |= BTS_NAMED_WAL;
  sqlite3BtreeLeave(p);
}

/*
** True if the database could be switched as far as one can tell without a
** transaction: it is a file, it can be written, and its VFS and its manager
** can do WAL.
*/
static int btreeCanDoWal(Btree *p){
  BtShared *pBt = p->pBt;
  return (pBt->btsFlags & BTS_READ_ONLY)==0
      && (p->db->flags & SQLITE_QueryOnly)==0
      && sqlite3PagerFilename(pBt->pPager, 1)[0]!=0
      && sqlite3PagerWalSupported(pBt->pPager);
}

/*
** Bring the database into WAL mode, in a transaction of its own, and set
** *pbDone when there is nothing left to do.  An empty file is left alone
** until something is written, so that page size, encoding and auto-vacuum can
** still be chosen.
*/
static int btreeSwitchToWal(Btree *p, int wrflag, int *pbDone){
  BtShared *pBt = p->pBt;
  int rc = sqlite3BtreeBeginTrans(p, 0, 0);
  if( rc!=SQLITE_OK ) return rc;
  if( (pBt->btsFlags & BTS_READ_ONLY)!=0 ){
    *pbDone = 1;                  /* Its header says that it is newer */
  }else if( pBt->nPage>0 || wrflag ){
    rc = sqlite3BtreeSetVersion(p, 2);
    *pbDone = (rc==SQLITE_OK);
  }
  if( rc==SQLITE_OK ){
    rc = sqlite3BtreeCommit(p);
    if( rc!=SQLITE_OK ) *pbDone = 0;
  }
  if( rc!=SQLITE_OK ){
    (void)sqlite3BtreeRollback(p, SQLITE_OK, 0);
  }
  return rc;
}

/*
** Btree p is about to begin a transaction, has none yet, and BTS_NAMED_WAL is
** set on it.
**
** The switch has to end its transaction for good before the caller's one
** begins.  Hence it waits while somebody else uses the shared cache, and
** while another statement of the connection is running: with such a statement
** btreeEndTransaction() keeps a read transaction, and the pager would go on
** without a log on a file whose header asks for one.  It also waits while a
** database is being reset, when an empty first page must not be committed.
**
** Two connections that do this to one file at once both hold a read lock that
** the other one waits for.  Therefore the read lock is given up before the
** busy handler is asked.
*/
static int btreeEnterWal(Btree *p, int wrflag){
  BtShared *pBt = p->pBt;
  int bDone = 0;
  int rc;

  if( pBt->inTransaction!=TRANS_NONE
   || p->db->nVdbeRead>1
   || (p->db->flags & SQLITE_ResetDatabase)!=0
   || !btreeCanDoWal(p)
  ){
    return SQLITE_OK;
  }
  pBt->btsFlags &= ~BTS_NAMED_WAL;    /* The calls below come back here */
  do{
    rc = btreeSwitchToWal(p, wrflag, &bDone);
  }while( (rc&0xFF)==SQLITE_BUSY && btreeInvokeBusyHandler(pBt) );
  if( !bDone ) pBt->btsFlags |= BTS_NAMED_WAL;
  return rc;
}

/*
** PRAGMA journal_mode is about to change Btree p from mode eOld.  Refuse to
** give up a log that the user wants to keep.
*/
SQLITE_PRIVATE int seawallBtreeLeaveWal(Vdbe *pVdbe, Btree *p, int eOld){
  if( eOld!=PAGER_JOURNALMODE_WAL ) return SQLITE_OK;
  if( p->pBt->btsFlags & BTS_INSERTING ){
    sqlite3VdbeError(pVdbe, "cannot change out of wal mode: frames are being"
        " inserted, call libsql_wal_insert_end() first");
    return SQLITE_LOCKED;
  }
  if( p->db->bCkptDisabled ){
    sqlite3VdbeError(pVdbe, "cannot change out of wal mode, which takes a"
        " checkpoint: libsql_wal_disable_checkpoint() was called for this"
        " connection, use another one");
    return SQLITE_ERROR;
  }
  return SQLITE_OK;
}

/*
** PRAGMA journal_mode has asked for eAsked, and the pager is in mode eMode.
** Return the mode to report.  A database that is still to be switched is
** reported as what it will be, unless the user has just decided otherwise.
*/
SQLITE_PRIVATE int seawallBtreeJournalMode(Btree *p, int eAsked, int eMode){
  if( (p->pBt->btsFlags & BTS_NAMED_WAL)==0 ) return eMode;
  if( eAsked==PAGER_JOURNALMODE_QUERY ){
    return btreeCanDoWal(p) ? PAGER_JOURNALMODE_WAL : eMode;
  }
  if( eAsked!=PAGER_JOURNALMODE_WAL ) p->pBt->btsFlags &= ~BTS_NAMED_WAL;
  return eMode;
}

/*
** A read transaction finds out whether Btree p is in WAL mode, which it may
** have to be brought into.  SQLITE_NOTFOUND if it is not.
*/
static int btreeCheckWal(Btree *p){
  int rc = SQLITE_OK;
  if( p->pBt->btsFlags & BTS_NAMED_WAL ) rc = btreeEnterWal(p, 1);
  if( rc==SQLITE_OK ) rc = sqlite3BtreeBeginTrans(p, 0, 0);
  if( rc!=SQLITE_OK ) return rc;
  if( seawallPagerMethods(p->pBt->pPager)==0 ) rc = SQLITE_NOTFOUND;
  (void)sqlite3BtreeCommit(p);
  return rc;
}

/*
** Begin to insert frames into the log of Btree p, on which nothing is going
** on.  SQLITE_NOTFOUND if it is not in WAL mode.  SQLITE_ABORT if something is
** going on now: the busy handler has used the connection.
**
** The write transaction that begins becomes the pager's: the Btree gives up its
** reference to page 1, and its transaction, without letting go of any lock.
** Its cache is not shared, though a debugging build may say so.
*/
SQLITE_PRIVATE int seawallBtreeInsertBegin(Btree *p){
  BtShared *pBt = p->pBt;
  int rc;

  assert( p->inTrans==TRANS_NONE && pBt->inTransaction==TRANS_NONE );
  rc = btreeCheckWal(p);
  if( rc==SQLITE_OK ) rc = sqlite3BtreeBeginTrans(p, 1, 0);
  if( rc!=SQLITE_OK ) return rc;
  if( p->db->nVdbeActive>0 ){
    rc = SQLITE_ABORT;
  }else if( seawallPagerMethods(pBt->pPager)==0 ){
    rc = SQLITE_NOTFOUND;
  }
  if( rc!=SQLITE_OK ){
    (void)sqlite3BtreeRollback(p, SQLITE_OK, 0);
    return rc;
  }
  seawallPagerInsertBegin(pBt->pPager, pBt->pPage1->pDbPage);
  pBt->pPage1 = 0;
#ifdef SQLITE_DEBUG
  clearAllSharedCacheTableLocks(p);
#endif
#ifndef SQLITE_OMIT_SHARED_CACHE
  pBt->pWriter = 0;
#endif
  pBt->nTransaction--;
  p->inTrans = TRANS_NONE;              /* pBt->inTransaction stays, for */
  pBt->btsFlags |= BTS_INSERTING;       /* checkpoints and backups */
  return SQLITE_OK;
}

/*
** No more frames, see seawallPagerInsertEnd().
*/
SQLITE_PRIVATE int seawallBtreeInsertEnd(Btree *p, int *pbPage1){
  p->pBt->btsFlags &= ~BTS_INSERTING;
  p->pBt->inTransaction = TRANS_NONE;
  return seawallPagerInsertEnd(p->pBt->pPager, pbPage1);
}
#endif /* SQLITE_OMIT_WAL */

/*
** Btree p is about to begin a transaction, or to write in the one it has, and
** seawallMayNotBegin(p->pBt).
*/
SQLITE_PRIVATE int seawallBtreeBegin(Btree *p, int wrflag){
  BtShared *pBt = p->pBt;
#ifndef SQLITE_OMIT_WAL
  if( pBt->btsFlags & BTS_INSERTING ) return SQLITE_LOCKED;
  if( pBt->btsFlags & BTS_NAMED_WAL ){
    int rc = btreeEnterWal(p, wrflag);
    if( rc!=SQLITE_OK ) return rc;
  }
#endif
  if( wrflag && (pBt->btsFlags & BTS_READ_ONLY)!=0 ) return SQLITE_READONLY;
  return SQLITE_OK;
}
