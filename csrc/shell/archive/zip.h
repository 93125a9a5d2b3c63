/*
** ZIP archives, below SQL.
**
** An archive is a file, or a blob, of this form.  Numbers are little-endian.
**
**     local header, data          one for each entry ...
**     directory                   ... which is described again here
**     end record                  where the directory is
**
** An archive is changed by appending: new data, a new directory and a new end
** record go behind the old ones, which are not touched.  See zipwrite.c.
*/
#ifndef SEAWALL_ZIP_H
#define SEAWALL_ZIP_H

#include "shell.h"

typedef unsigned short u16;
typedef unsigned int u32;

/* Methods of compression. */
#define ZIP_STORED     0
#define ZIP_DEFLATED   8

/* What the sizes and offsets of the format are not used beyond, because the
** numbers above mean ZIP64. */
#define ZIP_ENTRIES_MAX  0xfffe
#define ZIP_NAME_MAX     0xffff
#define ZIP_SIZE_MAX     0xfffffffeLL

/*
** What the directory says about an entry.  Entries that are in an archive do
** not change, and belong to everybody who has counted a reference.
*/
typedef struct ZipEntry ZipEntry;
struct ZipEntry {
  int nRef;
  u16 iMadeBy, iNeeds, mFlags, eMethod, iDosTime, iDosDate;
  u32 iCrc, nPacked, nData;       /* Checksum and sizes of the data */
  u16 nName, nExtra, nComment, iDisk, mInternal;
  u32 mExternal;                  /* The mode of Unix is in the upper half */
  u32 iOffset;                    /* Of the local header */
  u32 iMtime;                     /* Seconds since 1970 */
  i64 iDataOffset;                /* Behind the local header */
  char *zName;                    /* Ends with a zero, like all text here */
  u8 *aExtra;                     /* Extra fields, then the comment */
};

/*
** Where an archive is read from.
*/
typedef struct ZipSource ZipSource;
struct ZipSource {
  int fd;                         /* -1: from a[] */
  u8 *a;
  i64 n;                          /* Size of all of it */
};

/*
** A directory: entries in their order.
*/
typedef struct ZipList ZipList;
struct ZipList {
  ZipEntry **ap;
  int n, nAlloc;
};

/*
** What SQL gives a new entry, and what becomes of it.
*/
typedef struct ZipInput ZipInput;
struct ZipInput {
  sqlite3_value *pName, *pData;
  sqlite3_value *pMode, *pMtime, *pMethod;   /* Or NULL: what seems fit */
  const char *zBadMethod;         /* Error message for methods unknown here */
};
typedef struct ZipNew ZipNew;
struct ZipNew {
  ZipEntry *pEntry;
  const u8 *aData;                /* pEntry->nPacked bytes */
  u8 *aFree;                      /* Where they are, if they are compressed */
};

/*
** An archive that is being changed.
*/
typedef struct ZipUndo ZipUndo;
typedef struct ZipMark ZipMark;
typedef struct ZipWriter ZipWriter;
struct ZipWriter {
  int fd;                         /* -1: it is not */
  i64 nOrig;                      /* Size before */
  i64 iEnd;                       /* Where to append */
  ZipList list;
  ZipUndo *aUndo;                 /* What has been done to the list */
  int nUndo, nUndoAlloc;
  ZipMark *aMark;                 /* Savepoints */
  int nMark, nMarkAlloc;
};

/* zip.c: entries and directories; zipError() sets *pzErr and returns rc */
int zipError(char **pzErr, int rc, const char *zFormat, ...);
void zipUnref(ZipEntry *p);
int zipListInsert(ZipList *p, int i, ZipEntry *pEntry);
int zipListCopy(ZipList *pTo, const ZipList *pFrom);
void zipListClear(ZipList *p);
int zipOpen(ZipSource *p, const char *zFile, char **pzErr);
int zipRead(ZipSource *p, i64 iOff, void *a, i64 n, char **pzErr);
int zipLoad(ZipSource *p, ZipList *pList, char **pzErr);
void zipClose(ZipSource *p);
void zipAppendLocal(sqlite3_str *pOut, const ZipEntry *p);
void zipAppendCentral(sqlite3_str *pOut, const ZipEntry *p);
void zipAppendEnd(sqlite3_str *pOut, int nEntry, i64 nDir, i64 iDir);

/* zipnew.c: new entries */
int zipNew(ZipNew *pNew, const ZipInput *pIn, char **pzErr);
void zipNewFree(ZipNew *pNew);
int zipIsDirectory(const ZipEntry *p);

/* zipwrite.c: changing an archive */
int zipWriterOpen(ZipWriter *p, const char *zFile, char **pzErr);
int zipWriterFind(const ZipWriter *p, const char *zName);
int zipWriterPut(ZipWriter *p, int iOld, int iSame, ZipNew *pNew, char **pzErr);
int zipWriterRemove(ZipWriter *p, int i);
int zipWriterSavepoint(ZipWriter *p, int iSavepoint);
void zipWriterRelease(ZipWriter *p, int iSavepoint);
int zipWriterUndo(ZipWriter *p, int iSavepoint, char **pzErr);
int zipWriterFinish(ZipWriter *p, char **pzErr);
void zipWriterClose(ZipWriter *p);

#endif /* SEAWALL_ZIP_H */
