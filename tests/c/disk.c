/*
** See disk.h.  Tests that use it have one thread.
*/
#include "disk.h"
#include "forward.h"
#include <unistd.h>

#define SECTOR 512
#define DISK_FILES 16

/*
** A write (a is its content) or a truncation (a is NULL) that is not synced.
*/
typedef struct Op Op;
struct Op {
  Op *pNext;
  sqlite3_int64 iOff;      /* Where it was written; new size */
  int n;
  unsigned char *a;
};

/*
** A file as the disk has it for certain, and what has happened since.
*/
typedef struct Node Node;
struct Node {
  char zName[200];         /* Without directories; "" for an unused slot */
  unsigned char *a;        /* Content that is synced */
  sqlite3_int64 n;
  Op *pFirst, *pLast;
  int bBorn;               /* It was synced once: its name is on the disk */
  int bDeleted;            /* Deleted, but the directory was not synced */
};
static Node aNode[DISK_FILES];

static struct Power {
  char zMachine[50];
  int bArmed, bOff;
  int nLeft, nOp;
} power;

static const char *tail(const char *zPath){
  const char *z = strrchr(zPath, '/');
  return z ? z+1 : zPath;
}
static int onMachine(const char *zName){
  size_t n = strlen(power.zMachine);
  return strncmp(zName, power.zMachine, n)==0 && zName[n]=='.';
}

static void dropOps(Node *p){
  while( p->pFirst ){
    Op *pOp = p->pFirst;
    p->pFirst = pOp->pNext;
    free(pOp->a);
    free(pOp);
  }
  p->pLast = 0;
}
static Node *nodeOf(const char *zPath){
  const char *zName = tail(zPath);
  Node *pFree = 0;
  int i;
  for(i=0; i<DISK_FILES; i++){
    if( strcmp(aNode[i].zName, zName)==0 ) return &aNode[i];
    if( pFree==0 && aNode[i].zName[0]==0 ) pFree = &aNode[i];
  }
  if( pFree==0 ){
    printf("disk.c: too many files\n");
    exit(2);
  }
  snprintf(pFree->zName, sizeof(pFree->zName), "%s", zName);
  return pFree;
}
static void nodeClear(Node *p){
  dropOps(p);
  free(p->a);
  memset(p, 0, sizeof(*p));
}

/*
** Do an operation to an image of a file.  The mask says which sectors of a
** write to do; all, if iSeed is NULL.
*/
static unsigned rnd(unsigned *pSeed){
  *pSeed = *pSeed*1103515245u + 12345u;
  return (*pSeed>>16) & 0x7fff;
}
static void apply(Node *p, const Op *pOp, unsigned *pSeed){
  sqlite3_int64 iEnd = pOp->a ? pOp->iOff+pOp->n : pOp->iOff;
  int i;
  if( pOp->a==0 && pSeed && rnd(pSeed)%2 ) return;
  if( pOp->a==0 || iEnd>p->n ){
    p->a = realloc(p->a, iEnd>0 ? (size_t)iEnd : 1);
    if( iEnd>p->n ) memset(&p->a[p->n], 0, (size_t)(iEnd-p->n));
    p->n = iEnd;
  }
  for(i=0; pOp->a && i<pOp->n; ){
    int nSector = SECTOR - (int)((pOp->iOff+i)%SECTOR);
    if( nSector>pOp->n-i ) nSector = pOp->n-i;
    if( pSeed==0 || rnd(pSeed)%2 ) memcpy(&p->a[pOp->iOff+i], &pOp->a[i], nSector);
    i += nSector;
  }
}
static void applyAll(Node *p, unsigned *pSeed){
  Op *pOp;
  for(pOp=p->pFirst; pOp; pOp=pOp->pNext) apply(p, pOp, pSeed);
  dropOps(p);
}

static void record(Node *p, sqlite3_int64 iOff, const void *z, int n){
  Op *pOp = calloc(1, sizeof(*pOp));
  pOp->iOff = iOff;
  if( z ){
    pOp->n = n;
    pOp->a = malloc(n>0 ? n : 1);
    memcpy(pOp->a, z, n);
  }
  if( p->pLast ) p->pLast->pNext = pOp; else p->pFirst = pOp;
  p->pLast = pOp;
}

/*
** The first time a file is synced, its directory is as well.
*/
static void syncDirectory(const char *zName){
  size_t n = strcspn(zName, ".");
  int i;
  for(i=0; i<DISK_FILES; i++){
    Node *p = &aNode[i];
    if( p->bDeleted && strncmp(p->zName, zName, n+1)==0 ) nodeClear(p);
  }
}

/*
** Something is about to change on the disk.  False: there is no power.  The
** operation at which it fails still reaches the disk, or not.
*/
static int hasPower(const char *zName){
  if( !onMachine(zName) ) return 1;
  if( power.bOff ) return 0;
  if( !power.bArmed ) return 1;
  power.nOp++;
  if( power.nLeft-- >0 ) return 1;
  power.bOff = 1;
  return 0;
}
static int isOff(const char *zName){
  return power.bOff && onMachine(zName);
}

/*
** The VFS.
*/
static sqlite3_vfs *pRealVfs;

/* As nodeOf() takes it, NULL for temporary files. */
static const char *fileName(sqlite3_file *p){
  const char *zName = ((ForwardFile*)p)->zName;
  return zName ? tail(zName) : 0;
}
#define NAME(P) fileName(P)

static int fRead(sqlite3_file *p, void *z, int n, sqlite3_int64 i){
  if( NAME(p) && isOff(NAME(p)) ) return SQLITE_IOERR_READ;
  return forwardMethods.xRead(p, z, n, i);
}
static int fWrite(sqlite3_file *p, const void *z, int n, sqlite3_int64 i){
  if( NAME(p) ){
    int bWas = isOff(NAME(p));
    int bPower = hasPower(NAME(p));
    if( !bWas ) record(nodeOf(NAME(p)), i, z, n);
    if( !bPower ) return SQLITE_IOERR_WRITE;
  }
  return forwardMethods.xWrite(p, z, n, i);
}
static int fTruncate(sqlite3_file *p, sqlite3_int64 n){
  if( NAME(p) ){
    int bWas = isOff(NAME(p));
    int bPower = hasPower(NAME(p));
    if( !bWas ) record(nodeOf(NAME(p)), n, 0, 0);
    if( !bPower ) return SQLITE_IOERR_TRUNCATE;
  }
  return forwardMethods.xTruncate(p, n);
}
static int fSync(sqlite3_file *p, int flags){
  (void)flags;
  if( NAME(p) ){
    if( !hasPower(NAME(p)) ) return SQLITE_IOERR_FSYNC;
    applyAll(nodeOf(NAME(p)), 0);
    if( nodeOf(NAME(p))->bBorn==0 ) syncDirectory(NAME(p));
    nodeOf(NAME(p))->bBorn = 1;
  }
  return SQLITE_OK;
}
static int fFileSize(sqlite3_file *p, sqlite3_int64 *pn){
  if( NAME(p) && isOff(NAME(p)) ) return SQLITE_IOERR_FSTAT;
  return forwardMethods.xFileSize(p, pn);
}
static int fLock(sqlite3_file *p, int eLock){
  if( NAME(p) && isOff(NAME(p)) ) return SQLITE_IOERR_LOCK;
  return forwardMethods.xLock(p, eLock);
}
static int fFileControl(sqlite3_file *p, int op, void *pArg){
  /* No writes behind our back: sizes are hints only. */
  if( op==SQLITE_FCNTL_SIZE_HINT || op==SQLITE_FCNTL_CHUNK_SIZE ){
    return SQLITE_OK;
  }
  return forwardMethods.xFileControl(p, op, pArg);
}
static int fShmLock(sqlite3_file *p, int i, int n, int flags){
  if( (flags & SQLITE_SHM_LOCK) && NAME(p) && isOff(NAME(p)) ){
    return SQLITE_IOERR_SHMLOCK;
  }
  return forwardMethods.xShmLock(p, i, n, flags);
}
static sqlite3_io_methods diskMethods;

static int vOpen(sqlite3_vfs *pVfs, const char *zName, sqlite3_file *pFile,
                 int flags, int *pFlags){
  int rc;
  (void)pVfs;
  pFile->pMethods = 0;
  if( zName && isOff(tail(zName)) ) return SQLITE_CANTOPEN;
  rc = forwardOpen(&diskMethods, zName, pFile, flags, pFlags);
  if( rc==SQLITE_OK && zName ){
    if( nodeOf(zName)->bDeleted ) nodeClear(nodeOf(zName));
    (void)nodeOf(zName);
  }
  return rc;
}
static int vDelete(sqlite3_vfs *pVfs, const char *zName, int bSync){
  Node *p = nodeOf(zName);
  (void)pVfs;
  if( !hasPower(tail(zName)) ) return SQLITE_IOERR_DELETE;
  dropOps(p);
  p->bDeleted = 1;
  if( bSync || !p->bBorn ) nodeClear(p);
  return pRealVfs->xDelete(pRealVfs, zName, 0);
}
static int vAccess(sqlite3_vfs *pVfs, const char *zName, int flags, int *pOut){
  (void)pVfs;
  if( isOff(tail(zName)) ) return SQLITE_IOERR_ACCESS;
  return pRealVfs->xAccess(pRealVfs, zName, flags, pOut);
}

int diskRegister(void){
  static sqlite3_vfs vfs;
  pRealVfs = forwardVfs(&vfs, "disk");
  diskMethods = forwardMethods;
  diskMethods.xRead = fRead;
  diskMethods.xWrite = fWrite;
  diskMethods.xTruncate = fTruncate;
  diskMethods.xSync = fSync;
  diskMethods.xFileSize = fFileSize;
  diskMethods.xLock = fLock;
  diskMethods.xFileControl = fFileControl;
  diskMethods.xShmLock = fShmLock;
  vfs.xOpen = vOpen;
  vfs.xDelete = vDelete;
  vfs.xAccess = vAccess;
  return sqlite3_vfs_register(&vfs, 1);
}

void diskCutAfter(const char *zMachine, int nOp){
  memset(&power, 0, sizeof(power));
  snprintf(power.zMachine, sizeof(power.zMachine), "%s", zMachine);
  power.nLeft = nOp;
  power.bArmed = 1;
}
int diskIsOff(void){
  return power.bOff;
}
int diskNoCut(void){
  power.bArmed = 0;
  return power.nOp;
}

/*
** Write a file as the disk has it.
*/
static void restore(Node *p){
  FILE *f = fopen(p->zName, "wb");
  if( f==0 || fwrite(p->a, 1, (size_t)p->n, f)!=(size_t)p->n ){
    printf("disk.c: cannot write %s\n", p->zName);
    exit(2);
  }
  fclose(f);
}
void diskRestart(unsigned iSeed){
  int i;
  for(i=0; i<DISK_FILES; i++){
    Node *p = &aNode[i];
    char zShm[220];
    if( p->zName[0]==0 || !onMachine(p->zName) ) continue;
    sqlite3_snprintf(sizeof(zShm), zShm, "%s-shm", p->zName);
    unlink(zShm);
    applyAll(p, &iSeed);
    if( (p->bDeleted || !p->bBorn) && rnd(&iSeed)%2 ){
      unlink(p->zName);
      nodeClear(p);
    }else{
      p->bDeleted = 0;
      p->bBorn = 1;
      restore(p);
    }
  }
  memset(&power, 0, sizeof(power));
}

void diskReset(void){
  int i;
  for(i=0; i<DISK_FILES; i++) nodeClear(&aNode[i]);
  memset(&power, 0, sizeof(power));
}
