/*
** The frames of a log, one by one: what libsql_wal_get_frame() and
** libsql_wal_insert_frame() need of a pager.  This stands in pager.c, behind
** vwal_pager.c.
**
** While frames are being inserted the pager is a writer, and its reference to
** page 1 keeps it so, but no Btree has a transaction: nobody can read through
** the cache what has gone past it.
*/
#ifndef SQLITE_OMIT_WAL

#define WAL_FRAME_HEADER 24     /* What precedes the page in a raw frame */

/*
** True while frames are being inserted.
*/
SQLITE_PRIVATE int seawallPagerInserting(Pager *pPager){
  return pPager->pWal!=0 && ((SeawallWal*)pPager->pWal)->pInsert!=0;
}

/*
** True if the cache is meant to be shared.
*/
SQLITE_PRIVATE int seawallPagerIsShared(Pager *pPager){
  return (pPager->vfsFlags & SQLITE_OPEN_SHAREDCACHE)!=0;
}

/*
** Number of frames in the log, 0 if there is no log.  The caller has a read
** transaction, or frames are being inserted.  bWriter: it has the write
** transaction, or inserts, and its own frames count; somebody else who shares
** the cache may have it otherwise.
**
** Logs written for libSQL take the write lock to answer, unless they are told
** that the caller has it.  They say SQLITE_BUSY then while somebody writes;
** asked without lock, they know what was there when the transaction began.
*/
SQLITE_PRIVATE int seawallPagerFrameCount(
  Pager *pPager,
  int bWriter,
  unsigned *pn
){
  libsql_wal *pWal = pPager->pWal;
  int rc;

  *pn = 0;
  if( pPager->eState==PAGER_ERROR ) return pPager->errCode;
  if( pWal==0 ) return SQLITE_OK;
  rc = pWal->methods.xFrameCount(pWal->pData, bWriter, pn);
  if( (rc&0xFF)==SQLITE_BUSY && !bWriter ){
    rc = pWal->methods.xFrameCount(pWal->pData, 1, pn);
  }
  return rc;
}

/*
** True if there is no log, as far as one can tell without any lock.
*/
SQLITE_PRIVATE int seawallPagerHasNoLog(Pager *pPager){
  int bExists = 1;
  return pPager->pWal==0
      && seawallLogExists(pPager, &bExists)==SQLITE_OK
      && !bExists;
}

/*
** Read a frame, its header first.  As above for the caller.
*/
SQLITE_PRIVATE int seawallPagerReadFrame(
  Pager *pPager,
  int bWriter,
  unsigned iFrame,
  int nBuf,
  u8 *aBuf
){
  libsql_wal *pWal = pPager->pWal;
  unsigned nFrame = 0;
  int rc = seawallPagerFrameCount(pPager, bWriter, &nFrame);
  if( rc!=SQLITE_OK ) return rc;
  if( iFrame==0 || iFrame>nFrame ) return SQLITE_IOERR_SHORT_READ;
  return pWal->methods.xReadFrameRaw(pWal->pData, iFrame, nBuf, aBuf);
}

/*
** While frames are being inserted there is a savepoint behind the last one
** that ended a transaction.  Go back to it; give it up.  (Undoing the whole
** transaction would not do: logs may rely on page 1 coming last in it.)
*/
static int insertUndo(SeawallWal *p){
  return p->wal.methods.xSavepointUndo(p->wal.pData, p->aInsert);
}
static void insertForget(SeawallWal *p){
  if( p->wal.methods.xSavepointForget ){
    p->wal.methods.xSavepointForget(p->wal.pData, p->aInsert);
  }
}

/*
** Begin to insert frames.  The pager has a log and a write transaction, and
** pPage1, which is taken over, is the only reference to one of its pages.
*/
SQLITE_PRIVATE void seawallPagerInsertBegin(Pager *pPager, DbPage *pPage1){
  SeawallWal *p = (SeawallWal*)pPager->pWal;
  p->pInsert = pPage1;
  p->rcInsert = SQLITE_OK;
  p->bInsertedPage1 = 0;
  p->wal.methods.xSavepoint(p->wal.pData, p->aInsert);
}

/*
** Set *pbSame if frame iFrame, which is in the log, holds what aFrame does:
** the page, its number, and whether it ends a transaction.  Salts and
** checksums belong to a log and are not compared.
*/
SQLITE_PRIVATE int seawallPagerSameFrame(
  Pager *pPager,
  unsigned iFrame,
  const u8 *aFrame,
  int *pbSame
){
  libsql_wal *pWal = pPager->pWal;
  u8 *aPage = (u8*)pPager->pTmpSpace;
  int szPage = (int)pPager->pageSize;
  u8 aHdr[WAL_FRAME_HEADER];
  int rc;

  *pbSame = 0;
  rc = pWal->methods.xReadFrameRaw(pWal->pData, iFrame, sizeof(aHdr), aHdr);
  if( rc==SQLITE_OK ){
    rc = pWal->methods.xReadFrame(pWal->pData, iFrame, szPage, aPage);
  }
  if( rc==SQLITE_OK ){
    *pbSame = memcmp(aHdr, aFrame, 8)==0
           && memcmp(aPage, &aFrame[WAL_FRAME_HEADER], szPage)==0;
  }
  return rc;
}

/*
** Append a frame.  If that fails, the frames since the last commit are rolled
** back.  Should that fail too, nothing more is taken.  Logs take pages that are
** aligned.
*/
SQLITE_PRIVATE int seawallPagerInsertFrame(Pager *pPager, const u8 *aFrame){
  SeawallWal *p = (SeawallWal*)pPager->pWal;
  unsigned nTruncate = sqlite3Get4byte(&aFrame[4]);
  libsql_pghdr page;
  int nAdded = 0;
  int rc;

  if( p->rcInsert ) return p->rcInsert;
  memset(&page, 0, sizeof(page));
  page.pgno = sqlite3Get4byte(aFrame);
  page.pData = (void*)&aFrame[WAL_FRAME_HEADER];
  if( SQLITE_PTR_TO_INT(page.pData) & 7 ){
    memcpy(pPager->pTmpSpace, page.pData, (size_t)pPager->pageSize);
    page.pData = pPager->pTmpSpace;
  }
  page.pPager = pPager;
  page.flags = SEAWALL_PGHDR_INSERTED;
  rc = p->wal.methods.xFrames(p->wal.pData, (int)pPager->pageSize, &page,
                 nTruncate, nTruncate!=0, pPager->walSyncFlags, &nAdded);
  if( rc!=SQLITE_OK ){
    p->rcInsert = insertUndo(p);
    return rc;
  }
  if( page.pgno==1 ) p->bInsertedPage1 = 1;
  if( nTruncate ){
    insertForget(p);
    p->wal.methods.xSavepoint(p->wal.pData, p->aInsert);
  }
  return SQLITE_OK;
}

/*
** No more frames: roll back those that no commit follows, end the
** transaction, and forget the cache.  Sets *pbPage1 if page 1 was among those
** inserted.
*/
SQLITE_PRIVATE int seawallPagerInsertEnd(Pager *pPager, int *pbPage1){
  SeawallWal *p = (SeawallWal*)pPager->pWal;
  DbPage *pPage1 = p->pInsert;
  int rc, rc2;

  *pbPage1 = p->bInsertedPage1;
  p->pInsert = 0;
  rc = insertUndo(p);
  insertForget(p);
  rc2 = sqlite3PagerRollback(pPager);
  sqlite3PagerUnrefPageOne(pPage1);
  assert( sqlite3PcacheRefCount(pPager->pPCache)==0 );
  pager_reset(pPager);
  return rc ? rc : rc2;
}

#endif /* SQLITE_OMIT_WAL */
