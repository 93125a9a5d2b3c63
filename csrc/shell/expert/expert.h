/*
** What the files of ".expert" share.
**
** A statement is compiled three times: for the connection of the user, which
** tells whether it is one at all; for a database of virtual tables that
** record how they are searched (expertscan.c); and for an empty copy of the
** schema with all indexes that might help (expertindex.c), where the planner
** chooses among them.
*/
#ifndef SEAWALL_EXPERT_H
#define SEAWALL_EXPERT_H

#include "shell.h"

typedef struct ExpertColumn ExpertColumn;
struct ExpertColumn {
  char *zName;
  char *zColl;              /* Its collation */
  u8 bKey;                  /* The primary key, all by itself */
  u8 bGenerated;            /* Cannot be written */
};

typedef struct ExpertTable ExpertTable;
struct ExpertTable {
  char *zName;
  ExpertColumn *aCol;
  int nCol;
  unsigned mWrite;          /* WRITE_*: what statements do to it */
  unsigned mDone;           /* Those whose triggers have been looked at */
};
#define WRITE_INSERT  0x01
#define WRITE_UPDATE  0x02
#define WRITE_DELETE  0x04

/*
** What one search of a table asks for.
*/
typedef struct ExpertTerm ExpertTerm;
struct ExpertTerm {
  int iCol;
  u8 eTerm;                 /* TERM_* */
  u8 bDesc;
  char *zColl;
};
#define TERM_EQ     0
#define TERM_RANGE  1
#define TERM_ORDER  2

typedef struct ExpertScan ExpertScan;
struct ExpertScan {
  int iTable;               /* Index in Expert.aTable[] */
  ExpertTerm *aTerm;
  int nTerm;
};

/*
** An index that might help.
*/
typedef struct ExpertIndex ExpertIndex;
struct ExpertIndex {
  char *zName;
  char *zSql;
  char *zStat;              /* Its sqlite_stat1.stat, or NULL */
};

typedef struct Expert Expert;
struct Expert {
  Shell *p;
  sqlite3 *db;              /* The user's */
  sqlite3 *dbScan;          /* With the virtual tables */
  sqlite3 *dbTry;           /* With the candidates */
  ExpertTable *aTable;
  int nTable;
  ExpertScan *aScan;
  int nScan;
  ExpertIndex *aIndex;
  int nIndex;
  char *zErr;               /* What has gone wrong */
};

/* expert.c */
int expertFail(Expert *e, sqlite3 *db);
int expertExec(Expert *e, sqlite3 *db, const char *zFormat, ...);
sqlite3_stmt *expertPrepare(Expert *e, sqlite3 *db, const char *zFormat, ...);
int expertCreate(Expert *e, sqlite3 *db, const char *zSql);
void expertAppendName(sqlite3_str *pStr, const char *zName);

/* expertscan.c: how a statement searches tables */
int expertScanOpen(Expert *e);
int expertScanTriggers(Expert *e);
void expertScanFree(Expert *e);

/* expertindex.c: indexes that might help */
int expertIndexCreate(Expert *e);
int expertIndexStat(Expert *e, int nSample);
void expertIndexFree(Expert *e);

#endif /* SEAWALL_EXPERT_H */
