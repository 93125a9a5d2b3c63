/*
** What the files of ".recover" share.  See recover.c.
*/
#ifndef SEAWALL_RECOVER_H
#define SEAWALL_RECOVER_H

#include "pages.h"

typedef struct Recover Recover;
struct Recover {
  Shell *p;
  const char *zLost;     /* --lost-and-found TABLE */
  int bFreelist;         /* Free pages hold nothing.  --ignore-freelist */
  int bRowids;           /* --no-rowids */
  int rc;                /* Why it has stopped: an SQLite error code */
  char *zErr;            /* Message for rc, or NULL */
  PageSource source;
  Page page;
  Record record;
  i64 iPage;             /* The page that record is from */
  sqlite3 *pWork;        /* Temporary database.  See recoverOpen() */
  sqlite3 *pNew;         /* The recovered schema */
  sqlite3_stmt *pQuote;  /* A value as SQL */
  Progress progress;
  i64 nSeen;             /* Pages that have been looked at */
};

/*
** What is done with each record of a tree.
*/
typedef void (*CellVisitor)(Recover*, void*);

/* recover.c */
sqlite3_stmt *recoverPrepare(Recover*, sqlite3 *db, char *zSql);
int recoverStep(Recover*, sqlite3_stmt*);
i64 recoverRun(Recover*, sqlite3_stmt*, i64 i1, i64 i2);
int recoverCell(Recover*, int iCell);
int recoverPage(Recover*, i64 iPage);
void recoverTree(Recover*, i64 iRoot, int bTable, CellVisitor, void *pArg);

/* recoverwrite.c */
void recoverWrite(Recover*, const char *zSql);
void recoverWriteField(Recover*, const Field*);

/* recoverschema.c */
void recoverSchema(Recover*);
int recoverCreate(Recover*, const char *zSql);
void recoverCreateTables(Recover*);
void recoverCreateOthers(Recover*);

/* recoverrows.c */
void recoverTables(Recover*);

/* recoverlost.c */
void recoverLost(Recover*);

#endif /* SEAWALL_RECOVER_H */
