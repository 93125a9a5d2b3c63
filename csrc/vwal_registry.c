/*
** The virtual WAL, part 4 of 4: counted managers, named managers, and the
** question which of them a database file gets.  This stands in main.c, where
** struct sqlite3 is known and connections are opened.
*/

/*
** A count that many threads change.
*/
#if !SQLITE_THREADSAFE
# define SEAWALL_COUNT(P,N) ((*(P)) += (N))
#elif defined(__GNUC__) || defined(__clang__)
# define SEAWALL_COUNT(P,N) __atomic_add_fetch((P), (N), __ATOMIC_ACQ_REL)
#elif defined(_MSC_VER)
# define SEAWALL_COUNT(P,N) (InterlockedExchangeAdd((volatile LONG*)(P),(N))+(N))
#else
# error "seawall: this compiler has no atomic addition that is known here"
#endif

/*
** Give back what a manager holds.
*/
static void managerDestroy(const libsql_wal_manager *pMgr){
  if( pMgr->xDestroy ) pMgr->xDestroy(pMgr->pData);
}

/*
** A manager that cannot open, close and find logs is of no use.
*/
static int managerIsUsable(const libsql_wal_manager *pMgr){
  return pMgr->xOpen && pMgr->xClose && pMgr->xLogDestroy && pMgr->xLogExists;
}

SQLITE_API RefCountedWalManager *make_sqlite3_wal_manager_rc(void){
  return &seawallStockRc;
}
SQLITE_API int make_ref_counted_wal_manager(
  libsql_wal_manager mgr,
  RefCountedWalManager **ppOut
){
  RefCountedWalManager *pNew;
  if( ppOut==0 ){
    managerDestroy(&mgr);
    return SQLITE_MISUSE_BKPT;
  }
  pNew = sqlite3_malloc(sizeof(*pNew));
  if( pNew==0 ){
    managerDestroy(&mgr);
    return SQLITE_NOMEM_BKPT;
  }
  memset(pNew, 0, sizeof(*pNew));
  pNew->n = 1;
  pNew->ref = mgr;
  *ppOut = pNew;
  return SQLITE_OK;
}
SQLITE_API RefCountedWalManager *clone_wal_manager(RefCountedWalManager *p){
  if( p && !p->is_static ) (void)SEAWALL_COUNT(&p->n, 1);
  return p;
}
static void managerFree(RefCountedWalManager*);
SQLITE_API void destroy_wal_manager(RefCountedWalManager *p){
  if( p==0 || p->is_static ) return;
  if( SEAWALL_COUNT(&p->n, -1)==0 ){
    managerDestroy(&p->ref);
    managerFree(p);
  }
}

/*
** A counted manager with a name.  The list is sorted by name and never
** empty: it begins with the stock manager alone, which stays.
**
** The list, and the connection between a name and its count, are guarded by
** a static mutex.  It is a leaf: no method of a manager is called under it.
** It is the one of the mutexes meant for an application's VFS that nothing
** in the library takes.
*/
typedef struct NamedWal NamedWal;
struct NamedWal {
  RefCountedWalManager rc;      /* Must be first: it is freed as that */
  NamedWal *pNext;
  char zName[SEAWALL_WAL_NAME_MAX+1];
};
#define SEAWALL_STOCK_NAME "sqlite"
#define SEAWALL_UNNAMED    "unnamed"
static NamedWal stockWal = {{1, SEAWALL_STOCK_MANAGER, 1}, 0, SEAWALL_STOCK_NAME};
static struct SeawallRegistry {
  NamedWal *pFirst;
  NamedWal *pDefault;
} registry = { &stockWal, &stockWal };

#define registryEnter() \
  sqlite3_mutex_enter(sqlite3MutexAlloc(SQLITE_MUTEX_STATIC_VFS3))
#define registryLeave() \
  sqlite3_mutex_leave(sqlite3MutexAlloc(SQLITE_MUTEX_STATIC_VFS3))

/*
** The first names need no memory.  A library that brings logs of its own has
** none in use while it is idle, as programs that look for leaks expect of
** sqlite3_memory_used().  A slot is taken under the mutex, and given back from
** anywhere.
*/
static struct SpareWal {
  int bUsed;
  NamedWal wal;
} aSpareWal[4];

/*
** A cleared object for a name, or NULL.
*/
static NamedWal *namedNew(void){
  NamedWal *pNew = 0;
  int i;
  registryEnter();
  for(i=0; pNew==0 && i<ArraySize(aSpareWal); i++){
    if( SEAWALL_COUNT(&aSpareWal[i].bUsed, 0)==0 ){
      (void)SEAWALL_COUNT(&aSpareWal[i].bUsed, 1);
      pNew = &aSpareWal[i].wal;
    }
  }
  registryLeave();
  if( pNew==0 ) pNew = sqlite3_malloc(sizeof(*pNew));
  if( pNew ) memset(pNew, 0, sizeof(*pNew));
  return pNew;
}

/*
** Give back the memory of a counted manager, be it named or not.
*/
static void managerFree(RefCountedWalManager *p){
  int i;
  for(i=0; i<ArraySize(aSpareWal); i++){
    if( p==&aSpareWal[i].wal.rc ){
      (void)SEAWALL_COUNT(&aSpareWal[i].bUsed, -1);
      return;
    }
  }
  sqlite3_free(p);
}

/*
** What libsql_open() and its siblings ask of openDatabase().
*/
struct SeawallOpen {
  const char *zWal;             /* Name of a registered WAL, or NULL */
  RefCountedWalManager *pMgr;   /* Manager to use when zWal is NULL, or NULL */
};

/*
** The link that points to the named WAL, or to where it belongs in the list.
** The mutex must be held, as for all functions called registryXxx below.
*/
static NamedWal **registryLink(const char *zName){
  NamedWal **pp = &registry.pFirst;
  while( *pp && strcmp((*pp)->zName, zName)<0 ) pp = &(*pp)->pNext;
  return pp;
}
static NamedWal *registryFind(const char *zName){
  NamedWal *p = *registryLink(zName);
  return p && strcmp(p->zName, zName)==0 ? p : 0;
}

/*
** Take a named WAL out of the list.
*/
static void registryRemove(NamedWal **pp){
  NamedWal *p = *pp;
  *pp = p->pNext;
  if( registry.pDefault==p ) registry.pDefault = &stockWal;
}

/*
** The name of a manager, for messages.
*/
static const char *registryName(const RefCountedWalManager *pMgr){
  NamedWal *p;
  if( pMgr==0 ) return SEAWALL_STOCK_NAME;
  for(p=registry.pFirst; p && &p->rc!=pMgr; p=p->pNext){}
  return p ? p->zName : SEAWALL_UNNAMED;
}

/*
** Write all names, in their order.
*/
static void registryList(sqlite3_str *pStr, const char *zSeparator){
  NamedWal *p;
  for(p=registry.pFirst; p; p=p->pNext){
    sqlite3_str_appendf(pStr, "%s%s", p->zName, p->pNext ? zSeparator : "");
  }
}

/*
** Text for an unknown name, from sqlite3_mprintf(): what there is instead.
*/
static char *registryUnknown(const char *zName){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_str_appendf(pStr, "wal \"%s\" is not registered (registered: ", zName);
  registryList(pStr, ", ");
  sqlite3_str_appendchar(pStr, 1, ')');
  return sqlite3_str_finish(pStr);
}

/*
** In the library NULL stands for the stock manager.
*/
static RefCountedWalManager *managerOf(NamedWal *p){
  return p==&stockWal ? 0 : &p->rc;
}

/*
** True for 1 to SEAWALL_WAL_NAME_MAX characters that need no quoting in a URI.
*/
static int isWalName(const char *zName){
  int i;
  for(i=0; zName[i]; i++){
    char c = zName[i];
    if( i>=SEAWALL_WAL_NAME_MAX ) return 0;
    if( !sqlite3Isalnum(c) && c!='.' && c!='_' && c!='-' ) return 0;
  }
  return i>0;
}

/*
** Add a counted manager to the list, in place of one of the same name.
** Returns the one that was replaced, for destroy_wal_manager().
*/
static RefCountedWalManager *registryAdd(NamedWal *pNew, int makeDefault){
  NamedWal **pp = registryLink(pNew->zName);
  NamedWal *pOld = registryFind(pNew->zName);
  if( pOld ){
    if( registry.pDefault==pOld ) makeDefault = 1;
    registryRemove(pp);
  }
  pNew->pNext = *pp;
  *pp = pNew;
  if( makeDefault ) registry.pDefault = pNew;
  return pOld ? &pOld->rc : 0;
}

/*
** True if pManager is the very object that is registered under this name,
** from seawall_wal_find(): then there is nothing to take over.
*/
static int registeredAlready(
  const char *zName,
  const libsql_wal_manager *pManager,
  int makeDefault
){
  NamedWal *p;
  int bSame;
  registryEnter();
  p = registryFind(zName);
  bSame = p && (pManager==&p->rc.ref
                || (p==&stockWal && pManager==&sqlite3_wal_manager));
  if( bSame && makeDefault ) registry.pDefault = p;
  registryLeave();
  return bSame;
}

SQLITE_API int seawall_wal_register(
  const char *zName,
  const libsql_wal_manager *pManager,
  int makeDefault
){
  NamedWal *pNew = 0;
  RefCountedWalManager *pOld;
  int rc = SQLITE_OK;

  if( pManager==0 ) return SQLITE_MISUSE_BKPT;
  if( zName==0 || !isWalName(zName) || !managerIsUsable(pManager) ){
    rc = SQLITE_MISUSE_BKPT;
  }
#ifndef SQLITE_OMIT_AUTOINIT
  if( rc==SQLITE_OK ) rc = sqlite3_initialize();
#endif
  if( rc==SQLITE_OK && registeredAlready(zName, pManager, makeDefault) ){
    return SQLITE_OK;
  }
  if( rc==SQLITE_OK && strcmp(zName, SEAWALL_STOCK_NAME)==0 ){
    rc = SQLITE_MISUSE_BKPT;
  }
  if( rc==SQLITE_OK ){
    pNew = namedNew();
    if( pNew==0 ) rc = SQLITE_NOMEM_BKPT;
  }
  if( rc!=SQLITE_OK ){
    managerDestroy(pManager);
    return rc;
  }
  pNew->rc.n = 1;
  pNew->rc.ref = *pManager;
  memcpy(pNew->zName, zName, strlen(zName));
  registryEnter();
  pOld = registryAdd(pNew, makeDefault);
  registryLeave();
  destroy_wal_manager(pOld);
  return SQLITE_OK;
}

SQLITE_API int seawall_wal_unregister(const char *zName){
  NamedWal *p;
  if( zName==0 || strcmp(zName, SEAWALL_STOCK_NAME)==0 ){
    return SQLITE_MISUSE_BKPT;
  }
#ifndef SQLITE_OMIT_AUTOINIT
  { int rc = sqlite3_initialize(); if( rc ) return rc; }
#endif
  registryEnter();
  p = registryFind(zName);
  if( p ) registryRemove(registryLink(zName));
  registryLeave();
  if( p==0 ) return SQLITE_NOTFOUND;
  destroy_wal_manager(&p->rc);
  return SQLITE_OK;
}

SQLITE_API const libsql_wal_manager *seawall_wal_find(const char *zName){
  NamedWal *p;
#ifndef SQLITE_OMIT_AUTOINIT
  if( sqlite3_initialize() ) return 0;
#endif
  registryEnter();
  p = zName ? registryFind(zName) : registry.pDefault;
  registryLeave();
  if( p==&stockWal ) return &sqlite3_wal_manager;
  return p ? &p->rc.ref : 0;
}

/*
** The manager of an open database, to be looked at only.  False if there is no
** such database.
*/
static int databaseManager(
  sqlite3 *db,
  const char *zSchema,
  const RefCountedWalManager **ppMgr
){
  Btree *pBt;
  if( !sqlite3SafetyCheckOk(db) ) return 0;
  sqlite3_mutex_enter(db->mutex);
  pBt = sqlite3DbNameToBtree(db, zSchema);
#ifndef SQLITE_OMIT_WAL
  if( pBt ) *ppMgr = seawallPagerManager(sqlite3BtreePager(pBt));
#else
  (void)ppMgr;
#endif
  sqlite3_mutex_leave(db->mutex);
  return pBt!=0;
}

/*
** Text for the caller: which names there are, and which of them is the one of
** a database or the default.
*/
SQLITE_API char *seawall_wal_names(void){
  sqlite3_str *pStr;
#ifndef SQLITE_OMIT_AUTOINIT
  if( sqlite3_initialize() ) return 0;
#endif
  pStr = sqlite3_str_new(0);
  registryEnter();
  registryList(pStr, " ");
  registryLeave();
  return sqlite3_str_finish(pStr);
}
SQLITE_API char *seawall_wal_name(sqlite3 *db, const char *zSchema){
  const RefCountedWalManager *pMgr = 0;
  char *zName;
#ifndef SQLITE_OMIT_AUTOINIT
  if( sqlite3_initialize() ) return 0;
#endif
  if( db && !databaseManager(db, zSchema, &pMgr) ) return 0;
  registryEnter();
  if( db==0 ) pMgr = managerOf(registry.pDefault);
  zName = sqlite3_mprintf("%s", registryName(pMgr));
  registryLeave();
  return zName;
}

/*
** sqlite3_shutdown(): only the stock manager remains.
*/
SQLITE_PRIVATE void seawallShutdown(void){
  NamedWal **pp = &registry.pFirst;
  while( *pp ){
    NamedWal *p = *pp;
    if( p==&stockWal ){
      pp = &p->pNext;
    }else{
      registryRemove(pp);
      destroy_wal_manager(&p->rc);
    }
  }
  registry.pDefault = &stockWal;
}

/*
** The value of the "wal" parameter in a file name that went through
** sqlite3ParseUri(), or NULL.  The name may be NULL or empty, which stand for
** files that have no log.
*/
SQLITE_PRIVATE const char *seawallUriWal(const char *zFilename){
  const char *z = zFilename;
  if( z==0 || z[0]==0 ) return 0;
  z += strlen(z) + 1;
  while( z[0] ){
    const char *zValue = z + strlen(z) + 1;
    if( strcmp(z, "wal")==0 ) return zValue;
    z = zValue + strlen(zValue) + 1;
  }
  return 0;
}

/*
** Find a named WAL and count one user more.  Where WAL is omitted there is
** nothing to find.
*/
static int selectByName(
  const char *zName,
  RefCountedWalManager **ppMgr,   /* OUT: NULL for the stock one */
  char **pzErr                    /* OUT: what is wrong, if anything */
){
#ifdef SQLITE_OMIT_WAL
  (void)ppMgr;
  *pzErr = sqlite3_mprintf("wal \"%s\" cannot be used: this library was built"
                           " with SQLITE_OMIT_WAL", zName);
#else
  NamedWal *p;
  registryEnter();
  p = registryFind(zName);
  if( p ){
    *ppMgr = clone_wal_manager(managerOf(p));
  }else{
    *pzErr = registryUnknown(zName);
  }
  registryLeave();
  if( p ) return SQLITE_OK;
#endif
  return *pzErr ? SQLITE_ERROR : SQLITE_NOMEM_BKPT;
}

/*
** The manager for a database file of a connection: the one that the URI
** names, else the connection's.  The main database comes first, when its name
** has already been looked up for the connection.  A file without a name is
** temporary and never has a log.  The caller owns one count of *ppMgr.
*/
SQLITE_PRIVATE int seawallSelect(
  sqlite3 *db,
  const char *zFilename,
  RefCountedWalManager **ppMgr
){
  const char *zName = seawallUriWal(zFilename);
  if( zFilename==0 || zFilename[0]==0 ){
    *ppMgr = 0;
    return SQLITE_OK;
  }
  if( zName && db->aDb[0].pBt ){
    return selectByName(zName, ppMgr, &db->zWalErr);
  }
  *ppMgr = clone_wal_manager(db->pWalMgr);
  return SQLITE_OK;
}

/*
** A connection is being opened: choose its manager, by URI, by name, by the
** manager handed over, or by default.  Leaves the error in db.
*/
SQLITE_PRIVATE int seawallDbOpen(
  sqlite3 *db,
  const SeawallOpen *pOpen,       /* From libsql_open(), or NULL */
  const char *zFilename           /* From sqlite3ParseUri() */
){
  const char *zName = seawallUriWal(zFilename);
  int rc = SQLITE_OK;
  if( zName==0 && pOpen ) zName = pOpen->zWal;
#ifdef SQLITE_OMIT_WAL
  if( zName==0 && pOpen && pOpen->pMgr ) zName = SEAWALL_UNNAMED;
#endif
  if( zName ){
    rc = selectByName(zName, &db->pWalMgr, &db->zWalErr);
#ifndef SQLITE_OMIT_WAL
  }else if( pOpen && pOpen->pMgr ){
    db->pWalMgr = clone_wal_manager(pOpen->pMgr);
  }else{
    registryEnter();
    db->pWalMgr = clone_wal_manager(managerOf(registry.pDefault));
    registryLeave();
#endif
  }
  if( rc!=SQLITE_OK ) seawallReportOpenError(db, rc);
  return rc;
}

/*
** The connection is gone.
*/
SQLITE_PRIVATE void seawallDbClose(sqlite3 *db){
  destroy_wal_manager(db->pWalMgr);
  sqlite3_free(db->zWalErr);
}

/*
** The last attempt to open a database file failed with rc.  If a manager was
** the reason, say so: as the error of the connection, or as text from
** sqlite3DbMalloc() for ATTACH.
*/
SQLITE_PRIVATE void seawallReportOpenError(sqlite3 *db, int rc){
  if( db->zWalErr==0 ){
    sqlite3Error(db, rc);
    return;
  }
  sqlite3ErrorWithMsg(db, rc, "%s", db->zWalErr);
  sqlite3_free(db->zWalErr);
  db->zWalErr = 0;
}
SQLITE_PRIVATE char *seawallTakeOpenError(sqlite3 *db){
  char *zErr = 0;
  if( db->zWalErr ){
    zErr = sqlite3DbStrDup(db, db->zWalErr);
    sqlite3_free(db->zWalErr);
    db->zWalErr = 0;
  }
  return zErr;
}

#ifndef SQLITE_OMIT_WAL
/*
** Two managers are the same if they are one object, or do the same with the
** same data.
*/
static int sameManager(
  const RefCountedWalManager *p1,
  const RefCountedWalManager *p2
){
  if( p1==p2 ) return 1;
  if( p1==0 ) p1 = &seawallStockRc;
  if( p2==0 ) p2 = &seawallStockRc;
  return p1->ref.xOpen==p2->ref.xOpen && p1->ref.pData==p2->ref.pData;
}

/*
** True if two names of files are about the same time: "at" of a URI is what a log
** that keeps history is asked for.
*/
static int sameTime(const char *zFile1, const char *zFile2){
  const char *z1 = sqlite3_uri_parameter(zFile1, "at");
  const char *z2 = sqlite3_uri_parameter(zFile2, "at");
  return z1 && z2 ? strcmp(z1, z2)==0 : z1==z2;
}

/*
** A connection is about to share the cache of a database that is open with
** the manager of pPager.  One cache has one log: refuse another manager, or another
** time, but for a database in memory, which never has a log.
*/
SQLITE_PRIVATE int seawallCheckShared(
  sqlite3 *db,
  const char *zFilename,
  Pager *pPager
){
  const RefCountedWalManager *pUsed = seawallPagerManager(pPager);
  const RefCountedWalManager *pWant = db->pWalMgr;
  const char *zName = db->aDb[0].pBt ? seawallUriWal(zFilename) : 0;
  int rc = SQLITE_OK;

  registryEnter();
  if( zName ){
    NamedWal *p = registryFind(zName);
    if( p==0 ){
      db->zWalErr = registryUnknown(zName);
      rc = SQLITE_ERROR;
    }else{
      pWant = managerOf(p);
    }
  }
  if( rc==SQLITE_OK && !sameManager(pUsed, pWant)
   && sqlite3PagerFilename(pPager, 1)[0]!=0
  ){
    db->zWalErr = sqlite3_mprintf("the shared cache of %s uses wal \"%s\","
       " not \"%s\": open it with cache=private, or with the same wal",
       zFilename, registryName(pUsed), registryName(pWant));
    rc = SQLITE_ERROR;
  }
  if( rc==SQLITE_OK && !sameTime(zFilename, sqlite3PagerFilename(pPager, 1)) ){
    db->zWalErr = sqlite3_mprintf("the shared cache of %s is of another time:"
       " open it with cache=private, or with the same at", zFilename);
    rc = SQLITE_ERROR;
  }
  registryLeave();
  return rc!=SQLITE_OK && db->zWalErr==0 ? SQLITE_NOMEM_BKPT : rc;
}
#endif /* SQLITE_OMIT_WAL */
