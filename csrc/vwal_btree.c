/*
** A database whose URI names a WAL is in WAL mode.  This stands at the end of
** btree.c.
*/
#ifndef SQLITE_OMIT_WAL

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
  if( pBt->nPage>0 || wrflag ){
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
** set on it.  The flag goes away once the database is in WAL mode, or if it
** cannot ever be.
**
** Two connections that do this to one file at once both hold a read lock that
** the other one waits for.  Therefore the read lock is given up before the
** busy handler is asked.
**
** Out of line: btreeBeginTrans() needs its registers for everybody else.
*/
SQLITE_PRIVATE SQLITE_NOINLINE int seawallBtreeEnterWal(
  Btree *p,
  int wrflag
){
  BtShared *pBt = p->pBt;
  Pager *pPager = pBt->pPager;
  int bDone = 0;
  int rc;

  if( pBt->inTransaction!=TRANS_NONE ) return SQLITE_OK;
  pBt->btsFlags &= ~BTS_NAMED_WAL;
  if( (pBt->btsFlags & BTS_READ_ONLY)!=0
   || sqlite3PagerFilename(pPager, 1)[0]==0
   || !sqlite3PagerWalSupported(pPager)
  ){
    return SQLITE_OK;
  }
  do{
    rc = btreeSwitchToWal(p, wrflag, &bDone);
  }while( (rc&0xFF)==SQLITE_BUSY && btreeInvokeBusyHandler(pBt) );
  if( !bDone ) pBt->btsFlags |= BTS_NAMED_WAL;
  return rc;
}
#endif /* SQLITE_OMIT_WAL */
