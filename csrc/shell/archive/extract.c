/*
** ".archive --extract": the members of an archive become files.
**
** Whatever the names in the archive are, nothing is written outside of the
** directory that the user has named.  A name is taken as relative to it, even
** one that begins with "/".  A name with a ".." in it is refused.  No symbolic
** link is followed below the directory, be it from the archive or older: each
** directory on the way is opened on its own, as a directory and no link.  Links
** come after all files, so that no member stands behind one.
**
** (The sqlite3 shell passes over names with "..", and asks realpath() whether a
** file would be outside; it follows links that stay inside.)
*/
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "archive.h"

#define OPEN_DIRECTORY  (O_RDONLY|O_DIRECTORY|O_CLOEXEC)

/*
** A member of the archive.
*/
typedef struct Member Member;
struct Member {
  const char *zName;
  mode_t mode;           /* 0: not known */
  int bTime;             /* There is iMtime */
  i64 iMtime;
  sqlite3_stmt *pStmt;   /* Its column 3 is the data */
};

/*
** The next part of a path: return its length, set *pz to its beginning.  Empty
** parts and "." are none.
*/
static size_t nextPart(const char **pz){
  for(;;){
    size_t n;
    *pz += strspn(*pz, "/");
    n = strcspn(*pz, "/");
    if( n!=1 || (*pz)[0]!='.' ) return n;
    *pz += n;
  }
}

/*
** Open the directory zName in fd.  It is created if it does not exist.
*/
static int openPart(int fd, const char *zName){
  if( mkdirat(fd, zName, 0777)!=0 && errno!=EEXIST ) return -1;
  return openat(fd, zName, OPEN_DIRECTORY|O_NOFOLLOW);
}

/*
** Open the directory that the last part of zName is in, below fd, and set
** *pzLast to that part, to be freed.  It is "." for fd itself.  Return -1, with
** errno set, if that is not possible; EXDEV stands for a "..".
*/
static int openParent(int fd, const char *zName, char **pzLast){
  size_t n = nextPart(&zName);
  char *zPart = n ? shPrintf("%.*s", (int)n, zName) : shDup(".");
  int fdNow = dup(fd);
  while( fdNow>=0 ){
    int fdNext = -1;
    int iErrno = EXDEV;
    if( strcmp(zPart, "..")!=0 ){
      zName += n;
      n = nextPart(&zName);
      if( n==0 ) break;
      fdNext = openPart(fdNow, zPart);
      iErrno = errno;
    }
    sqlite3_free(zPart);
    zPart = shPrintf("%.*s", (int)n, zName);
    close(fdNow);
    fdNow = fdNext;
    errno = iErrno;
  }
  *pzLast = zPart;
  return fdNow;
}

/*
** Set the mode and the time.
*/
static int finish(const Member *p, int fd){
  if( p->mode && fchmod(fd, p->mode & 0777)!=0 ) return -1;
  if( p->bTime ){
    struct timespec a[2];
    memset(a, 0, sizeof(a));
    a[0].tv_sec = a[1].tv_sec = (time_t)p->iMtime;
    if( futimens(fd, a)!=0 ) return -1;
  }
  return 0;
}

static int writeAll(int fd, const char *a, size_t n){
  while( n>0 ){
    ssize_t nWritten = write(fd, a, n);
    if( nWritten<0 && errno==EINTR ) continue;
    if( nWritten<0 ) return -1;
    a += nWritten;
    n -= (size_t)nWritten;
  }
  return 0;
}

/*
** Create a file in fd that nobody else knows, and set *pzName to its name, to
** be freed.
*/
static int openTemporary(int fd, mode_t mode, char **pzName){
  for(;;){
    sqlite3_uint64 u;
    int fdFile;
    sqlite3_randomness(sizeof(u), &u);
    *pzName = shPrintf(".extract-%llx", u);
    fdFile = openat(fd, *pzName, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                    mode);
    if( fdFile>=0 || errno!=EEXIST ) return fdFile;
    sqlite3_free(*pzName);
  }
}

/*
** What there is by the name of a file or of a link makes way, so that nothing
** is written through it; for a file, not before all of the new one is there.
*/
static int makeFile(const Member *p, int fd, const char *zName){
  const void *a = sqlite3_column_blob(p->pStmt, 3);
  size_t n = (size_t)sqlite3_column_bytes(p->pStmt, 3);
  char *zTemp;
  int fdFile = openTemporary(fd, p->mode ? 0600 : 0666, &zTemp);
  int rc = -1;
  if( fdFile>=0 ){
    int iErrno;
    rc = writeAll(fdFile, a, n);
    if( rc==0 ) rc = finish(p, fdFile);
    iErrno = errno;
    if( close(fdFile)!=0 && rc==0 ){
      rc = -1;
      iErrno = errno;
    }
    if( rc==0 ){
      rc = renameat(fd, zTemp, fd, zName);
      iErrno = errno;
    }
    if( rc!=0 ) unlinkat(fd, zTemp, 0);
    errno = iErrno;
  }
  sqlite3_free(zTemp);
  return rc;
}
static int makeLink(const Member *p, int fd, const char *zName){
  const char *zTarget = (const char*)sqlite3_column_text(p->pStmt, 3);
  if( zTarget==0 || zTarget[0]==0 ){
    errno = EINVAL;
    return -1;
  }
  if( unlinkat(fd, zName, 0)!=0 && errno!=ENOENT ) return -1;
  return symlinkat(zTarget, fd, zName);
}

/*
** A directory is made first, so that it can be written to, and finished when
** everything is in it.  The one to extract into, ".", is the user's, and so is
** its mode.
*/
static int makeDirectory(const Member *p, int fd, const char *zName){
  struct stat x;
  int fdDir, rc;
  (void)p;
  if( strcmp(zName, ".")==0 ) return 0;
  fdDir = openPart(fd, zName);
  if( fdDir<0 ) return -1;
  rc = fstat(fdDir, &x);
  if( rc==0 && (x.st_mode & 0700)!=0700 ){
    rc = fchmod(fdDir, (x.st_mode & 0777) | 0700);
  }
  return close(fdDir)!=0 ? -1 : rc;
}
static int finishDirectory(const Member *p, int fd, const char *zName){
  int fdDir = openat(fd, zName, OPEN_DIRECTORY|O_NOFOLLOW);
  Member member = *p;
  int rc;
  if( fdDir<0 ) return -1;
  if( strcmp(zName, ".")==0 ) member.mode = 0;
  rc = finish(&member, fdDir);
  return close(fdDir)!=0 ? -1 : rc;
}

/*
** What happens to the members of one kind.  The passes come in this order.
*/
typedef struct Pass Pass;
struct Pass {
  const char *zKind;
  int bData;             /* The data is needed */
  int bPrint;            /* -v prints the names */
  int (*xMake)(const Member*, int, const char*);
};
static const Pass aPass[] = {
  { "dir",  0, 1, makeDirectory },
  { "file", 1, 1, makeFile },
  { "link", 1, 1, makeLink },
  { "dir",  0, 0, finishDirectory },
};

/*
** The query for the members of a pass: those furthest down come first if they
** have been made.
*/
static char *passSql(Archive *pAr, const Pass *pPass){
  char *zWhere = archiveWhere(pAr);
  char *zSql = shPrintf(
      "SELECT name, mode, mtime, %s FROM %s\n"
      " WHERE (%s)\n"
      "   AND CASE WHEN ifnull(mode,0)&%d=%d THEN 'link'\n"
      "            WHEN ifnull(mode,0)&%d=%d OR name GLOB '*/' THEN 'dir'\n"
      "            ELSE 'file' END='%s'%s",
      pPass->bData ? pAr->zData : "NULL", pAr->zTable, zWhere,
      S_IFMT, S_IFLNK, S_IFMT, S_IFDIR, pPass->zKind,
      pPass->xMake==finishDirectory ? "\n ORDER BY name DESC" : "");
  sqlite3_free(zWhere);
  return zSql;
}

static void report(Archive *pAr, const char *zName, int iErrno){
  const char *zWhy = strerror(iErrno);
  if( iErrno==EXDEV ) zWhy = "the name leads out of the directory";
  if( iErrno==ELOOP || iErrno==ENOTDIR ){
    zWhy = "there is a symbolic link or a file in place of a directory";
  }
  fprintf(stderr, "Error: cannot extract \"%s\": %s\n", zName, zWhy);
  pAr->nError++;
}

/*
** Extract the member that the query is at.
*/
static void extractMember(
  Archive *pAr,
  const Pass *pPass,
  int fd,
  sqlite3_stmt *pStmt
){
  Member member;
  char *zLast;
  int fdParent, rc;
  member.zName = (const char*)sqlite3_column_text(pStmt, 0);
  if( member.zName==0 ) member.zName = "";
  member.mode = (mode_t)sqlite3_column_int(pStmt, 1);
  member.bTime = sqlite3_column_type(pStmt, 2)!=SQLITE_NULL;
  member.iMtime = sqlite3_column_int64(pStmt, 2);
  member.pStmt = pStmt;
  if( pAr->bVerbose && pPass->bPrint ){
    fprintf(pAr->p->out, "%s%s%s\n", pAr->zDir ? pAr->zDir : "",
            pAr->zDir ? "/" : "", member.zName);
  }
  fdParent = openParent(fd, member.zName, &zLast);
  rc = fdParent<0 ? -1 : pPass->xMake(&member, fdParent, zLast);
  /* What could not be made has been reported, and cannot be finished. */
  if( rc!=0 && pPass->xMake!=finishDirectory ){
    report(pAr, member.zName, errno);
  }
  if( fdParent>=0 ) close(fdParent);
  sqlite3_free(zLast);
}

static void extractPass(Archive *pAr, const Pass *pPass, int fd){
  char *zSql = passSql(pAr, pPass);
  sqlite3_stmt *pStmt = 0;
  Progress progress;
  i64 nDone = 0;
  if( pAr->bDryRun ){
    fprintf(pAr->p->out, "%s;\n", zSql);
    sqlite3_free(zSql);
    return;
  }
  sqlite3_prepare_v2(pAr->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  progressBegin(&progress, pAr->p, "extract", "files");
  while( !signalPending() && sqlite3_step(pStmt)==SQLITE_ROW ){
    extractMember(pAr, pPass, fd, pStmt);
    if( !pAr->bVerbose ) progressShow(&progress, ++nDone, 0);
  }
  progressEnd(&progress);
  sqlite3_finalize(pStmt);
  if( sqlite3_errcode(pAr->db)!=SQLITE_OK ) archiveError(pAr);
}

/*
** Open the directory to extract into, which is created if need be, and may be
** behind links: it is the user who has named it.
*/
static int openTarget(const char *zDir){
  char *zMake = shPrintf("%s/", zDir);
  int fd;
  shMakeParents(zMake);
  fd = open(zMake, OPEN_DIRECTORY);
  sqlite3_free(zMake);
  return fd;
}

/*
** Extract what archiveWhere() finds.
*/
void archiveExtract(Archive *pAr){
  int fd = -1, i;
  if( !pAr->bDryRun ){
    fd = openTarget(pAr->zDir ? pAr->zDir : ".");
    if( fd<0 ){
      fprintf(stderr, "Error: cannot open directory \"%s\": %s\n",
              pAr->zDir ? pAr->zDir : ".", strerror(errno));
      pAr->nError++;
      return;
    }
  }
  for(i=0; i<ArraySize(aPass); i++){
    extractPass(pAr, &aPass[i], fd);
    if( archiveInterrupted(pAr) ) break;
  }
  if( fd>=0 ) close(fd);
}
