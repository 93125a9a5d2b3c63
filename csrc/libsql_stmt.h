/*
** Statements of libSQL: what the patched files ask, and what a Vdbe knows
** besides.  This stands behind vdbeInt.h; libsql_stmt.c is the other half.
**
** INTERRUPTING ONE STATEMENT.  libsql_stmt_interrupt() flags the statement,
** then sets a second bit in sqlite3.u1.isInterrupted, which every loop of
** SQLite reads anyhow.  Thus nothing is paid while no statement is flagged.
** The bit alone says only "look": it does not matter to a statement beside
** the flagged one.  So each reader that finds the word to be non-zero goes on
** to ask seawallCheckInterrupt(), which knows whether a flagged statement is
** executing, be it in the innermost sqlite3VdbeExec() or further out.
*/
#ifndef SEAWALL_LIBSQL_STMT_H
#define SEAWALL_LIBSQL_STMT_H

/* The bits of sqlite3.u1.isInterrupted */
#define SEAWALL_INTERRUPT_ALL   1   /* sqlite3_interrupt(), or out of memory */
#define SEAWALL_INTERRUPT_STMT  2   /* Some statement may be flagged */

#if SQLITE_ATOMIC_INTRINSICS
# define SeawallAtomicOr(PTR,X)   __atomic_fetch_or((PTR),(X),__ATOMIC_ACQ_REL)
# define SeawallAtomicAnd(PTR,X)  __atomic_fetch_and((PTR),(X),__ATOMIC_ACQ_REL)
#else
# define SeawallAtomicOr(PTR,X)   (*(PTR) |= (X))
# define SeawallAtomicAnd(PTR,X)  (*(PTR) &= (X))
#endif

/*
** Every Vdbe is the head of one of these.  What is behind the Vdbe belongs to
** the handle and not to its program: sqlite3VdbeSwap() leaves it in place when
** a statement is prepared again, so that another thread may touch it then.
*/
typedef struct SeawallStmt SeawallStmt;
struct SeawallStmt {
  Vdbe v;                 /* Must be first */
  sqlite3 *db;            /* Same as v.db */
  int isInterrupted;      /* Flagged by libsql_stmt_interrupt().  Atomic */
  u64 nRead;              /* Rows read, apart from those in v.aCounter[] */
  u64 nWrite;             /* Rows written */
};

/* What is hardly ever called.  Where it is called from, registers are dear. */
#if defined(__GNUC__)
# define SEAWALL_COLD  SQLITE_NOINLINE __attribute__((cold))
#else
# define SEAWALL_COLD  SQLITE_NOINLINE
#endif

/* Compilers would put these into sqlite3_step(), which has to do more for every
** row then. */
SQLITE_PRIVATE SEAWALL_COLD int sqlite3VdbeList(Vdbe*);
SQLITE_PRIVATE SEAWALL_COLD int sqlite3Reprepare(Vdbe*);

/* libsql_stmt.c */
SQLITE_PRIVATE SEAWALL_COLD int seawallCheckInterrupt(sqlite3*);
SQLITE_PRIVATE int seawallIsInterrupted(sqlite3*);
SQLITE_PRIVATE int seawallStmtStatus(Vdbe*, int, int, int*);
#ifndef SQLITE_OMIT_VIRTUALTABLE
SQLITE_PRIVATE int seawallPreparedSql(Vdbe*, sqlite3_vtab_cursor*);
#endif

/*
** Initialize the end of a new Vdbe, and what is behind it.
*/
#define seawallInitStmt(p,d) \
  (memset(&(p)->aOp, 0, sizeof(SeawallStmt)-offsetof(Vdbe,aOp)), \
   ((SeawallStmt*)(p))->db = (d))

/*
** True if what runs now is to stop.  The caller holds db->mutex.
*/
#define seawallInterrupted(db) \
  (AtomicLoad(&(db)->u1.isInterrupted) && seawallCheckInterrupt(db))

/*
** What stopped everything has done its work.  As it has overwritten the other
** bit, the next reader looks.
*/
#define seawallClearAll(db) \
  if( AtomicLoad(&(db)->u1.isInterrupted) ) \
    AtomicStore(&(db)->u1.isInterrupted, SEAWALL_INTERRUPT_STMT)

/*
** A statement returns a row, and is suspended until somebody asks for another
** one.  There is no such time, and sqlite3VdbeExec() begins with forgetting it.
*/
#define SEAWALL_SUSPENDED       (-1)
#define seawallSuspendStmt(p)   ((p)->iCurrentTime = SEAWALL_SUSPENDED)

/*
** A reset forgets that the statement was to stop.
*/
#define seawallResetStmt(p) AtomicStore(&((SeawallStmt*)(p))->isInterrupted, 0)

/*
** COUNTING ROWS.  A row that was read by stepping a cursor is in aCounter[P5]
** of the OP_Next already, where P5==0 stands for "not counted by stock"; these
** are for the other rows.  aCounter[] has 64 bits for this: 32 would wrap.
*/
#define seawallRead(p)       (((SeawallStmt*)(p))->nRead++)
#define seawallReadPages(p)  (((SeawallStmt*)(p))->nRead += (p)->db->nPageCounted, \
                              (p)->db->nPageCounted = 0)
#define seawallWrite(p,N)    (((SeawallStmt*)(p))->nWrite += (N))
#define seawallWriteTo(p,pC) if( !(pC)->isEphemeral ) seawallWrite(p, 1)

#endif /* SEAWALL_LIBSQL_STMT_H */
