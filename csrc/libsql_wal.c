/*
** libsql_wal_frame_count() and its siblings: the log of "main", frame by
** frame.  This stands in main.c, behind libsql_main.c.  What it says of a
** failure beside the result code is the message of the connection.
*/

/*
** The mutex of a connection, and of its main database: from apiEnter(), which
** is false when there is nothing to enter, to apiLeave(), which turns a result
** into what a function returns.
*/
static int apiEnter(sqlite3 *db){
  if( db==0 || !sqlite3SafetyCheckOk(db) ) return 0;
  sqlite3_mutex_enter(db->mutex);
  sqlite3BtreeEnter(db->aDb[0].pBt);
  return 1;
}
static int apiLeave(sqlite3 *db, int rc){
  sqlite3BtreeLeave(db->aDb[0].pBt);
  rc = sqlite3ApiExit(db, rc);
  sqlite3_mutex_leave(db->mutex);
  return rc;
}

SQLITE_API int libsql_wal_disable_checkpoint(sqlite3 *db){
  if( !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  db->bCkptDisabled = 1;
  return apiLeave(db, SQLITE_OK);
}

#ifndef SQLITE_OMIT_WAL

/*
** Fail with a message.
*/
static int frameError(sqlite3 *db, int rc, const char *zFormat, ...){
  va_list ap;
  char *z;
  va_start(ap, zFormat);
  z = sqlite3VMPrintf(db, zFormat, ap);
  va_end(ap);
  sqlite3ErrorWithMsg(db, rc, z ? "%s" : 0, z);
  sqlite3DbFree(db, z);
  return rc;
}

/*
** Fail without one, or succeed.
*/
static int frameResult(sqlite3 *db, int rc){
  sqlite3Error(db, rc);
  return rc;
}

/*
** The same for what a WAL answers, which may lack the method that was needed.
*/
static int walResult(sqlite3 *db, int rc){
  if( rc!=SQLITE_ERROR ) return frameResult(db, rc);
  return frameError(db, rc, "the WAL of this database does not give out its"
      " frames");
}

/*
** See to it that the pager of main has a read transaction, or is inserting
** frames.  *pbOpened tells readEnd() whether one was opened for this.
*/
static int readBegin(sqlite3 *db, int *pbOpened){
  Btree *pBt = db->aDb[0].pBt;
  *pbOpened = 0;
  if( sqlite3BtreeTxnState(pBt)!=SQLITE_TXN_NONE
   || seawallPagerInserting(sqlite3BtreePager(pBt))
  ){
    return SQLITE_OK;
  }
  db->busyHandler.nBusy = 0;
  *pbOpened = 1;
  return sqlite3BtreeBeginTrans(pBt, 0, 0);
}
/*
** A transaction that is over while statements run, on other databases, is kept
** for them to end.  This one is not theirs.
*/
static void readEnd(sqlite3 *db, int bOpened){
  int nVdbeRead = db->nVdbeRead;
  if( bOpened==0 ) return;
  db->nVdbeRead = 0;
  (void)sqlite3BtreeCommit(db->aDb[0].pBt);
  db->nVdbeRead = nVdbeRead;
}

/*
** True if this connection has the write transaction of main, or inserts.
*/
static int isWriter(sqlite3 *db){
  Btree *pBt = db->aDb[0].pBt;
  return sqlite3BtreeTxnState(pBt)==SQLITE_TXN_WRITE
      || seawallPagerInserting(sqlite3BtreePager(pBt));
}

SQLITE_API int libsql_wal_frame_count(sqlite3 *db, unsigned int *pnFrame){
  Pager *pPager;
  unsigned nFrame = 0;
  int bOpened;
  int rc;

  if( pnFrame==0 || !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  pPager = sqlite3BtreePager(db->aDb[0].pBt);
  rc = readBegin(db, &bOpened);
  if( rc==SQLITE_OK ){
    rc = seawallPagerFrameCount(pPager, isWriter(db), &nFrame);
    readEnd(db, bOpened);
  }else if( (rc&0xFF)==SQLITE_BUSY && seawallPagerHasNoLog(pPager) ){
    rc = SQLITE_OK;       /* Somebody writes with a rollback journal */
  }
  if( rc==SQLITE_OK ) *pnFrame = nFrame;
  return apiLeave(db, walResult(db, rc));
}

/*
** The length of a frame.
*/
static sqlite3_int64 frameSize(sqlite3 *db){
  return sqlite3BtreeGetPageSize(db->aDb[0].pBt) + WAL_FRAME_HEADER;
}

/*
** A buffer for a frame has the wrong length.
*/
static int frameSizeError(sqlite3 *db, unsigned nBuf){
  return frameError(db, SQLITE_MISUSE, "a frame of this database has %lld"
      " bytes, a header of 24 and a page, not %u", frameSize(db), nBuf);
}
static int noWalError(sqlite3 *db){
  return frameError(db, SQLITE_ERROR,
      "the database is not in WAL mode: PRAGMA journal_mode=WAL comes first");
}

static int getFrame(sqlite3 *db, unsigned iFrame, u8 *aBuf, unsigned nBuf){
  Pager *pPager = sqlite3BtreePager(db->aDb[0].pBt);
  unsigned nFrame = 0;
  int rc;

  if( seawallPagerMethods(pPager)==0 ) return noWalError(db);
  if( nBuf!=frameSize(db) ) return frameSizeError(db, nBuf);
  rc = seawallPagerReadFrame(pPager, isWriter(db), iFrame, (int)nBuf, aBuf);
  if( rc==SQLITE_IOERR_SHORT_READ ){
    (void)seawallPagerFrameCount(pPager, isWriter(db), &nFrame);
    return frameError(db, rc, "the log has %u frames, and no frame %u", nFrame,
        iFrame);
  }
  return walResult(db, rc);
}
SQLITE_API int libsql_wal_get_frame(
  sqlite3 *db,
  unsigned int iFrame,
  void *pBuf,
  unsigned int nBuf
){
  int bOpened;
  int rc;
  int rcExit;

  if( pBuf==0 || !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  rc = readBegin(db, &bOpened);
  if( rc==SQLITE_OK ){
    rc = getFrame(db, iFrame, (u8*)pBuf, nBuf);
    readEnd(db, bOpened);
  }else{
    (void)frameResult(db, rc);
  }
  rcExit = apiLeave(db, rc);
  return rc==SQLITE_IOERR_SHORT_READ ? rc : rcExit;
}

/*
** What keeps frames from being inserted, other than locks.
*/
static int insertRefused(sqlite3 *db){
  Btree *pBt = db->aDb[0].pBt;
  Pager *pPager = sqlite3BtreePager(pBt);
  if( seawallPagerInserting(pPager) ){
    return frameError(db, SQLITE_MISUSE, "frames are being inserted already:"
        " call libsql_wal_insert_end() first");
  }
  if( db->nVdbeActive>0 ){
    return frameError(db, SQLITE_ERROR,
        "cannot insert frames - SQL statements in progress");
  }
  if( db->autoCommit==0 || sqlite3BtreeTxnState(pBt)!=SQLITE_TXN_NONE ){
    return frameError(db, SQLITE_ERROR,
        "cannot insert frames within a transaction");
  }
  if( seawallPagerIsShared(pPager) ){
    return frameError(db, SQLITE_ERROR,
        "cannot insert frames through a shared cache: open the database with"
        " cache=private");
  }
  return SQLITE_OK;
}

static int insertBegin(sqlite3 *db){
  int rc = insertRefused(db);
  if( rc!=SQLITE_OK ) return rc;
  db->busyHandler.nBusy = 0;
  rc = seawallBtreeInsertBegin(db->aDb[0].pBt);
  switch( rc ){
    case SQLITE_NOTFOUND:  return noWalError(db);
    case SQLITE_ABORT:     return insertRefused(db);
    default:               return frameResult(db, rc);
  }
}
SQLITE_API int libsql_wal_insert_begin(sqlite3 *db){
  if( !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  return apiLeave(db, insertBegin(db));
}

static int notInsertingError(sqlite3 *db){
  return frameError(db, SQLITE_MISUSE, "no frames are being inserted: call"
      " libsql_wal_insert_begin() first");
}

/*
** Is frame iFrame something that could stand in a log of this database?
*/
static int checkFrame(sqlite3 *db, unsigned iFrame, const u8 *aFrame){
  Btree *pBt = db->aDb[0].pBt;
  const u8 *aPage = &aFrame[WAL_FRAME_HEADER];
  u32 szPage = sqlite3BtreeGetPageSize(pBt);
  Pgno pgno = get4byte(aFrame);
  if( pgno==0 || pgno>SQLITE_MAX_PAGE_COUNT || pgno==PENDING_BYTE/szPage+1
   || get4byte(&aFrame[4])>SQLITE_MAX_PAGE_COUNT
  ){
    return frameError(db, SQLITE_CORRUPT, "frame %u is damaged: it holds page"
        " %u of %u", iFrame, pgno, get4byte(&aFrame[4]));
  }
  if( pgno==1 && szPage!=(u32)((aPage[16]<<8) | (aPage[17]<<16)) ){
    return frameError(db, SQLITE_MISUSE, "frame %u belongs to a database with"
        " another page size: this one has %u", iFrame, szPage);
  }
  return SQLITE_OK;
}

/*
** Frame iFrame is in the log.
*/
static int insertAgain(
  sqlite3 *db,
  unsigned iFrame,
  const u8 *aFrame,
  int *pbConflict
){
  int bSame;
  int rc = seawallPagerSameFrame(sqlite3BtreePager(db->aDb[0].pBt), iFrame,
                                 aFrame, &bSame);
  if( rc!=SQLITE_OK || bSame ) return walResult(db, rc);
  *pbConflict = 1;
  return frameError(db, SQLITE_ERROR, "frame %u of the log is another one",
      iFrame);
}

static int insertFrame(
  sqlite3 *db,
  unsigned iFrame,
  const u8 *aFrame,
  unsigned nFrame,
  int *pbConflict
){
  Pager *pPager = sqlite3BtreePager(db->aDb[0].pBt);
  unsigned nLog = 0;
  int rc;

  if( !seawallPagerInserting(pPager) ) return notInsertingError(db);
  if( nFrame!=frameSize(db) ) return frameSizeError(db, nFrame);
  if( iFrame==0 ) return frameError(db, SQLITE_MISUSE, "frames begin with 1");
  rc = checkFrame(db, iFrame, aFrame);
  if( rc!=SQLITE_OK ) return rc;
  rc = seawallPagerFrameCount(pPager, 1, &nLog);
  if( rc!=SQLITE_OK ) return walResult(db, rc);
  if( iFrame<=nLog ) return insertAgain(db, iFrame, aFrame, pbConflict);
  if( iFrame-1>nLog ){
    return frameError(db, SQLITE_ERROR, "frame %u would leave a gap: the log"
        " has %u frames", iFrame, nLog);
  }
  return frameResult(db, seawallPagerInsertFrame(pPager, aFrame));
}
SQLITE_API int libsql_wal_insert_frame(
  sqlite3 *db,
  unsigned int iFrame,
  void *pBuf,
  unsigned int nBuf,
  int *pConflict
){
  int bConflict = 0;
  int rc;
  if( pConflict ) *pConflict = 0;
  if( pBuf==0 || !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  rc = insertFrame(db, iFrame, (const u8*)pBuf, nBuf, &bConflict);
  if( pConflict ) *pConflict = bConflict;
  return apiLeave(db, rc);
}

/*
** A schema may have come with the frames.  Its cookie does not tell: it counts
** the changes of the sender.
*/
static int insertEnd(sqlite3 *db){
  Btree *pBt = db->aDb[0].pBt;
  int bPage1 = 0;
  int rc;
  if( !seawallPagerInserting(sqlite3BtreePager(pBt)) ){
    return notInsertingError(db);
  }
  if( db->nVdbeExec>0 ){
    return frameError(db, SQLITE_ERROR, "cannot end inserting frames within an"
        " SQL statement");
  }
  rc = seawallBtreeInsertEnd(pBt, &bPage1);
  if( bPage1 ){
    sqlite3BtreeEnterAll(db);
    sqlite3ResetOneSchema(db, 0);
    sqlite3BtreeLeaveAll(db);
  }
  return frameResult(db, rc);
}
SQLITE_API int libsql_wal_insert_end(sqlite3 *db){
  if( !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  return apiLeave(db, insertEnd(db));
}

#else /* SQLITE_OMIT_WAL */

/*
** Without WAL there is no log, and no frame in it.
*/
static int omitted(sqlite3 *db){
  if( !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  sqlite3ErrorWithMsg(db, SQLITE_ERROR,
      "this library was built with SQLITE_OMIT_WAL");
  return apiLeave(db, SQLITE_ERROR);
}
SQLITE_API int libsql_wal_frame_count(sqlite3 *db, unsigned int *pnFrame){
  if( pnFrame==0 || !apiEnter(db) ) return SQLITE_MISUSE_BKPT;
  *pnFrame = 0;
  return apiLeave(db, SQLITE_OK);
}
SQLITE_API int libsql_wal_get_frame(
  sqlite3 *db,
  unsigned int iFrame,
  void *pBuf,
  unsigned int nBuf
){
  (void)iFrame; (void)pBuf; (void)nBuf;
  return omitted(db);
}
SQLITE_API int libsql_wal_insert_begin(sqlite3 *db){
  return omitted(db);
}
SQLITE_API int libsql_wal_insert_frame(
  sqlite3 *db,
  unsigned int iFrame,
  void *pBuf,
  unsigned int nBuf,
  int *pConflict
){
  (void)iFrame; (void)pBuf; (void)nBuf;
  if( pConflict ) *pConflict = 0;
  return omitted(db);
}
SQLITE_API int libsql_wal_insert_end(sqlite3 *db){
  return omitted(db);
}

#endif /* SQLITE_OMIT_WAL */
