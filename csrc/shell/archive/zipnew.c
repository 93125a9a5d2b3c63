/*
** New entries of ZIP archives, from SQL values.
*/
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "functions/deflate.h"
#include "zip.h"

/* What new entries say about where they are from. */
#define MADE_BY_UNIX  ((3<<8) | 30)
#define NEEDS_FOLDER  20
#define FLAG_UTF8     0x0800

/* Compress as much as possible. */
#define ZIP_LEVEL     9

/* 1980-01-01: the time of MS-DOS begins here. */
#define DOS_EPOCH     315532800

/*
** True if the entry is a directory, by its mode or, since not everybody writes
** modes, by its name.
*/
int zipIsDirectory(const ZipEntry *p){
  return S_ISDIR(p->mExternal>>16)
      || (p->nName>0 && p->zName[p->nName-1]=='/');
}

/*
** The mode of a new entry: a number, or as "ls -l" shows it, or a default.
*/
static int newMode(sqlite3_value *pVal, int bDir, u32 *pMode, char **pzErr){
  static const char zBit[] = "rwxrwxrwx";
  const char *z = pVal ? (const char*)sqlite3_value_text(pVal) : 0;
  u32 mode = 0;
  if( z==0 ){
    mode = bDir ? S_IFDIR|0755 : S_IFREG|0644;
  }else if( shIsDigit(z[0]) ){
    mode = (u32)sqlite3_value_int(pVal) & 0xffff;
  }else{
    int i, bOk = strlen(z)==10;
    switch( z[0] ){
      case '-': mode = S_IFREG; break;
      case 'd': mode = S_IFDIR; break;
      case 'l': mode = S_IFLNK; break;
      default:  bOk = 0;        break;
    }
    for(i=0; bOk && i<9; i++){
      if( z[i+1]==zBit[i] ){
        mode |= 0400u>>i;
      }else if( z[i+1]!='-' ){
        bOk = 0;
      }
    }
    if( !bOk ){
      return zipError(pzErr, SQLITE_ERROR, "zipfile: parse error in mode: %s", z);
    }
  }
  if( S_ISDIR(mode)!=bDir ){
    return zipError(pzErr, SQLITE_CONSTRAINT,
                    "zipfile: mode does not match data");
  }
  *pMode = mode;
  return SQLITE_OK;
}

/*
** The entry itself, with its name.  The name of a directory ends with one "/",
** that of anything else does not.
*/
static int newName(ZipNew *pNew, sqlite3_value *pVal, int bDir, char **pzErr){
  const char *z = (const char*)sqlite3_value_text(pVal);
  int n = z ? (int)strlen(z) : 0;
  ZipEntry *p;
  if( !bDir && n>0 && z[n-1]=='/' ){
    return zipError(pzErr, SQLITE_CONSTRAINT,
                    "non-directory name must not end with /");
  }
  while( bDir && n>0 && z[n-1]=='/' ) n--;
  if( n+bDir>ZIP_NAME_MAX ){
    return zipError(pzErr, SQLITE_CONSTRAINT,
                    "filename too long; max: %d bytes", ZIP_NAME_MAX);
  }
  p = sqlite3_malloc64(sizeof(*p) + (sqlite3_uint64)n + 2);
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->nRef = 1;
  p->zName = (char*)&p[1];
  if( n ) memcpy(p->zName, z, (size_t)n);
  if( bDir ) p->zName[n++] = '/';
  p->zName[n] = 0;
  p->nName = (u16)n;
  pNew->pEntry = p;
  return SQLITE_OK;
}

/*
** The data.  It is compressed if that is asked for, and if nothing is asked for
** and it gets shorter.
*/
static int newData(ZipNew *pNew, sqlite3_value *pData, int eMethod){
  ZipEntry *p = pNew->pEntry;
  i64 n, nPacked = DEFLATE_SHORT;
  pNew->aData = sqlite3_value_blob(pData);
  n = sqlite3_value_bytes(pData);
  if( eMethod!=ZIP_STORED ){
    /* What cannot be compressed gets a little longer. */
    i64 nMax = eMethod==ZIP_DEFLATED ? n + n/8 + 256 : n-1;
    nPacked = deflateAlloc(pNew->aData, n, nMax, DEFLATE_RAW, ZIP_LEVEL,
                           &pNew->aFree);
    if( nPacked==DEFLATE_NOMEM ) return SQLITE_NOMEM;
  }
  p->iCrc = seawall_crc32(pNew->aData, (size_t)n);
  p->nData = p->nPacked = (u32)n;
  if( nPacked>=0 ){
    p->eMethod = ZIP_DEFLATED;
    p->nPacked = (u32)nPacked;
    pNew->aData = pNew->aFree;
  }
  return SQLITE_OK;
}

static void newTime(ZipEntry *p, sqlite3_value *pVal){
  int bNow = pVal==0 || sqlite3_value_type(pVal)==SQLITE_NULL;
  time_t t;
  struct tm x;
  p->iMtime = bNow ? (u32)time(0) : (u32)sqlite3_value_int64(pVal);
  t = p->iMtime<DOS_EPOCH ? DOS_EPOCH : (time_t)p->iMtime;
  gmtime_r(&t, &x);
  p->iDosDate = (u16)((x.tm_year-80)<<9 | (x.tm_mon+1)<<5 | x.tm_mday);
  p->iDosTime = (u16)(x.tm_hour<<11 | x.tm_min<<5 | x.tm_sec/2);
}

/*
** Make a new entry.  An entry without data is a directory.  The values must
** live as long as *pNew, which is to be freed whatever is returned.
*/
int zipNew(ZipNew *pNew, const ZipInput *pIn, char **pzErr){
  int bDir = sqlite3_value_type(pIn->pData)==SQLITE_NULL;
  int eMethod = -1;
  u32 mode = 0;
  int rc;
  memset(pNew, 0, sizeof(*pNew));
  if( pIn->pMethod && sqlite3_value_type(pIn->pMethod)!=SQLITE_NULL ){
    eMethod = sqlite3_value_int(pIn->pMethod);
    if( !bDir && eMethod!=ZIP_STORED && eMethod!=ZIP_DEFLATED ){
      return zipError(pzErr, SQLITE_CONSTRAINT, "%s: %d", pIn->zBadMethod, eMethod);
    }
  }
  rc = newMode(pIn->pMode, bDir, &mode, pzErr);
  if( rc==SQLITE_OK ) rc = newName(pNew, pIn->pName, bDir, pzErr);
  if( rc==SQLITE_OK && !bDir ) rc = newData(pNew, pIn->pData, eMethod);
  if( rc==SQLITE_OK ){
    ZipEntry *p = pNew->pEntry;
    p->iMadeBy = MADE_BY_UNIX;
    p->iNeeds = NEEDS_FOLDER;
    p->mFlags = FLAG_UTF8;
    p->mExternal = mode<<16;
    newTime(p, pIn->pMtime);
  }
  return rc;
}

void zipNewFree(ZipNew *pNew){
  zipUnref(pNew->pEntry);
  sqlite3_free(pNew->aFree);
  memset(pNew, 0, sizeof(*pNew));
}
