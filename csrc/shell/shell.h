/*
** The shared state of the shell, and what each of its files offers to the
** others.  One file is one concern; the comment in front of each group of
** prototypes names the file that implements it.
**
**     ./          from the command line to the statement that runs
**     results/    modes, and how rows are shown in them
**     prompt/     what a person at a terminal sees while typing and waiting
**     commands/   dot-commands
**     functions/  SQL functions, collations and tables of SQL
**     archive/    files in ZIP archives, in databases, and behind other files
**     recover/    what can be read from damaged databases
**     expert/     which indexes a statement would use
**     tracing/    calls of the layers below, shown as they happen
**
** Conventions:
**
**   *  Memory comes from sqlite3_malloc() unless a comment says otherwise.
**      The shell does not try to survive its own allocation failures: the
**      shXxx() helpers print one line and exit with code 1.
**   *  A dot-command returns DOT_OK, DOT_ERROR or DOT_QUIT.
**   *  Results go to p->out; everything that tells about an error goes to
**      stderr.
*/
#ifndef SEAWALL_SHELL_H
#define SEAWALL_SHELL_H

#include <stdio.h>
#include "sqlite3.h"
#include "results/render.h"

typedef sqlite3_int64 i64;
typedef unsigned char u8;

#define ArraySize(X)  ((int)(sizeof(X)/sizeof((X)[0])))

/* Files that read files: how deep ".read" may nest. */
#define SHELL_NESTING_MAX 25

typedef struct Shell Shell;
typedef struct Mode Mode;
typedef struct DotLine DotLine;
typedef struct SavedMode SavedMode;
typedef struct Connection Connection;
typedef struct Recording Recording;
typedef struct Steps Steps;

/*
** How results are shown: everything that ".mode" can change.
*/
struct Mode {
  u8 eMode;              /* Index of the built-in mode this one derives from */
  u8 bEcho;              /* Print each input before it runs */
  u8 bAutoExplain;       /* Lay out EXPLAIN output as a listing */
  u8 bAutoWidth;         /* Ask the terminal for the screen width */
  u8 bHeaderSet;         /* ".headers" was used: modes keep that choice */
  RenderSpec spec;       /* What the renderer is told */
};

/*
** A mode that the user saved by ".mode --tag NAME".
*/
struct SavedMode {
  char *zName;
  Mode mode;
};

/*
** The dot-command line that is being executed.
*/
struct DotLine {
  const char *zLine;     /* The line as it was typed */
  char *zText;           /* Copy of zLine, cut into arguments */
  int nArg;              /* Number of arguments, the command included */
  int nAlloc;            /* Slots in the arrays below */
  char **azArg;          /* Arguments with quotes removed, then a NULL */
  int *aiOffset;         /* Where each argument starts in zLine */
  u8 *abQuoted;          /* True for arguments that had been quoted */
};

/*
** A database that ".connection" can switch to.
*/
#define CONNECTIONS_MAX  5
#define RECORDINGS_MAX   4
struct Connection {
  sqlite3 *db;           /* NULL for the active one: that is in the Shell */
  char *zDbFile;         /* Likewise */
  u8 eOpen;              /* Likewise: OPEN_* */
  Recording *apRecording[RECORDINGS_MAX];   /* ".session" */
  int nRecording;
};

/*
** What ".progress" has asked for.
*/
struct Steps {
  int nStep;             /* Steps between two calls; 0: it is off */
  i64 nSeen;             /* Calls of the progress handler */
  i64 nMax;              /* --limit: stop after so many; 0: do not */
  double rTimeout;       /* --timeout: stop after so many seconds; 0: do not */
  i64 iBegin;            /* When the SQL began, in milliseconds */
  u8 bOnce;              /* --once: the limit holds once */
  u8 bQuiet;             /* --quiet: tell nothing but why it has stopped */
  u8 bReset;             /* --reset: count from 0 in each SQL input */
};

/*
** All there is to know about one running shell.
*/
struct Shell {
  /* Database */
  sqlite3 *db;           /* The connection; NULL until it is needed */
  char *zDbFile;         /* Name given by the user, or NULL */
  Connection aConnection[CONNECTIONS_MAX];
  int iConnection;       /* The active one */
  int openFlags;         /* SQLITE_OPEN_* flags of the next open */
  u8 eOpen;              /* OPEN_*: what zDbFile is */
  i64 nMaxSize;          /* Limit of a database in memory, in bytes; or 0 */
  u8 eRestore;           /* Recognizes ".dump" output.  See restore.c */
  u8 bDumpWritable;      /* A dump in progress has set writable_schema */

  /* Input */
  FILE *in;              /* Read commands from here; NULL: from the prompt */
  const char *zInput;    /* Name of the input, for messages */
  i64 nLine;             /* Lines read from the input so far */
  int nNesting;          /* Inputs that are open inside each other */
  u8 bInteractive;       /* stdin is a person */
  u8 bBail;              /* Stop at the first error unless interactive */
  u8 bUnsafeTesting;     /* -unsafe-testing */
  u8 bSafe;              /* Refuse whatever reaches outside the database */
  u8 bSafeOption;        /* -safe: bSafe unless ".nonce" has been used */
  char *zNonce;          /* -nonce */
  char *zAuthDeny;       /* ".auth --deny" */
  char *zAuthIgnore;     /* ".auth --ignore" */
  Steps steps;           /* ".progress" */
  u8 bLineEdit;          /* Line editing is wanted and possible */
  void *pEditor;         /* Line editor, once it is in use */
  char *azPrompt[2];     /* ".prompt" texts; NULL: use the default */
  const char *zErrorAt;  /* Replaces "line N:" in dot-command errors */

  /* Output */
  FILE *out;             /* Where results go */
  char *zOutFile;        /* Name of out; NULL: stdout.  "|cmd": a pipe */
  char *zViewFile;       /* out is this file, to be opened by a program */
  u8 bWebPage;           /* That is a page for a browser */
  u8 nOncePending;       /* Commands until ".once" output reverts */
  u8 bTerminal;          /* stdout is a terminal */
  u8 bWriteError;        /* Some output has been lost */
  u8 bCountChanges;      /* ".changes on" */
  u8 bModeOnce;          /* ".mode --once": pop the mode after this SQL */
  int nScreenWidth;      /* -screenwidth; 0: ask the terminal */
  FILE *pLog;            /* ".log" destination or NULL */
  FILE *pCapture;        /* Output of a ".testcase", or NULL */
  int fdStderr;          /* stderr, as long as pCapture is in its place */
  char *zTestcase;       /* Name of the test case, or NULL */
  char *zErrorPrefix;    /* ".testcase --error-prefix" */
  int nTest;             /* How many ".check" there have been... */
  int nTestErr;          /* ...and how many of them have failed */
  FILE *pTrace;          /* ".trace" destination or NULL */
  unsigned mTrace;       /* SQLITE_TRACE_* events that go there */
  u8 eTrace;             /* How statements are shown there */
  u8 eTimer;             /* 0: off  1: for one statement  2: on */
  u8 eStats;             /* STATS_*: what to tell after a statement */
  u8 eEqp;               /* EQP_*: what to tell before a statement */
  u8 bExpert;            /* ".expert": the next SQL is not run */
  u8 bExpertVerbose;     /* Tell about every candidate */
  int nExpertSample;     /* Percentage of the rows to look at */
  u8 bAsking;            /* TAB asks: callbacks tell nothing about that */
  u8 bTypedSql;          /* The statement is the user's, not of a dot-command */

  /* Presentation */
  Mode mode;             /* The current mode */
  Mode *aModeStack;      /* Modes put aside by modePush() */
  int nModeStack;        /* Entries in aModeStack[] */
  SavedMode *aSaved;     /* User-defined modes */
  int nSaved;            /* Entries in aSaved[] */

  DotLine dot;           /* Current dot-command */
};

/*
** Long work that a person waits for.
*/
typedef struct Progress Progress;
struct Progress {
  u8 bOn;                /* A person is there */
  u8 bShown;             /* There is a line on the terminal */
  const char *zWhat;     /* What is being done */
  const char *zUnit;     /* What is counted */
  const char *zThen;     /* What follows, whose end nobody knows; or NULL */
  i64 iBegin;            /* When it began, in milliseconds */
  i64 iNext;             /* When to show it next */
};

/*
** A statement that takes long.
*/
typedef struct StatementProgress StatementProgress;
struct StatementProgress {
  Progress progress;
  Shell *p;              /* NULL: nothing is shown */
  i64 nBefore;           /* Pages that had been read before */
  i64 nTotal;            /* Pages that there are to read; 0: nobody knows */
};

/* Shell.eOpen */
#define OPEN_GUESS    0   /* What it looks like: see filetype.c */
#define OPEN_NORMAL   1   /* A database */
#define OPEN_APPEND   2   /* A database behind something else */
#define OPEN_ZIP      3   /* A ZIP archive: the table "zip" in memory */
#define OPEN_COPY     4   /* A copy of the file, in memory: --deserialize */
#define OPEN_TEXT     5   /* What ".dbtotxt" has written, in memory: --hexdb */

/* Shell.eStats */
#define STATS_OFF     0
#define STATS_ON      1
#define STATS_STMT    2   /* Its columns as well */
#define STATS_VMSTEP  3   /* Nothing but the steps */

/* Shell.eEqp */
#define EQP_OFF       0
#define EQP_ON        1
#define EQP_TRIGGER   2   /* With the plans of triggers */
#define EQP_FULL      3   /* And the program of the statement */

/* What a dot-command returns. */
#define DOT_OK      0
#define DOT_ERROR   1
#define DOT_QUIT    2

/* util.c: memory, numbers, small string helpers */
void *shCheck(void *p);
void *shRealloc(void *p, sqlite3_uint64 nByte);
char *shDup(const char *z);
char *shPrintf(const char *zFormat, ...);
char *shFinish(sqlite3_str *pStr);
int shIsSpace(char c);
int shIsDigit(char c);
int shIsAlnum(char c);
int shHexDigit(char c);
i64 shInteger(const char *z);
int shBoolean(const char *z);
int shIsNumber(const char *z);
int shPick(const char *z, const char *const *azChoice);
int shFindPrefix(const char *const *pzName, int n, size_t nSize,
                 const char *zName, const char *zCommand, const char *zKind);
int shOption(const char *z, const char *zName);
void shUnbackslash(char *z);
void shAppendWord(sqlite3_str *pOut, const char *z);
int shNeedsQuote(const char *zId);
void shAppendId(sqlite3_str *pOut, const char *zId);
void shAppendCString(sqlite3_str *pOut, const char *z);
void shPutCString(FILE *out, const char *z);
int shIsBlank(const char *z);
char *shHome(void);
int shColor(int fd);
int shDumbTerminal(void);
char *shInsertSql(char *zInsert, int nCol);
void shMakeParents(const char *zFile);
i64 shNowMs(void);

/* signals.c: Ctrl-C */
void signalInit(void);
void signalWatch(sqlite3 *db);
int signalPending(void);
void signalClear(void);
int signalWaitInput(int fd);

/* safe.c: what -safe refuses */
void safeRefuse(Shell *p, const char *zFormat, ...);
void safeCheck(Shell *p, int eAction, const char *z1, const char *z2);
void safeInstall(Shell *p);
void safeRestore(Shell *p);
int dotNonce(Shell *p);

/* commands/auth.c: what statements want to do */
int dotAuth(Shell *p);

/* commands/steps.c: how statements come along */
void stepsBegin(Shell *p);
int dotProgress(Shell *p);

/* commands/filectrl.c: the file of a database */
int dotFilectrl(Shell *p);

/* commands/intck.c: tables compared with their indexes */
int dotIntck(Shell *p);

/* commands/imposter.c: an index as a table */
int dotImposter(Shell *p);

/* database.c: the connection */
#define OPEN_OR_EXIT  0     /* No database, no shell */
#define OPEN_OR_TEMP  1     /* Fall back to an in-memory database */
char *databaseFile(const char *z);
void databaseOpen(Shell *p, int eOnError);
void databaseClose(Shell *p);
int databaseUnlock(sqlite3 *db);
void databaseRelock(sqlite3 *db, int mLock);
void databaseFunctions(Shell *p);
int databaseError(Shell *p);
int databaseInt(Shell *p, const char *zSql);

/* archive/filetype.c: what a file is */
int fileType(const char *zFile, int bZip);

/* archive/apndvfs.c: a VFS for databases behind something else */
void apndvfsRegister(void);

/* input.c: from lines to statements */
int inputProcess(Shell *p, const char *zName);
int inputFile(Shell *p, const char *zFile);
FILE *inputOpen(const char *zFile);
void inputEcho(Shell *p, const char *z);
char *inputLine(FILE *in, char *zBuf);

/* execute.c: running SQL */
#define AT_CMDLINE  ((const char*)0)
int executeSql(Shell *p, const char *zSql, char **pzErr);
int executeText(Shell *p, char *zSql, const char *zInput, i64 iLine);

/* restore.c: playing back a dump */
void restoreNotice(Shell *p, const char *zSql);

/* prompt/prompt.c: the prompt and its escapes */
char *promptExpand(Shell *p, const char *zPending);
const char *promptText(Shell *p, int bContinue);

/* prompt/complete.c: where statements end */
#define COMPLETE_SEMI     0x01   /* Include the final semicolon */
#define COMPLETE_NEWLINE  0x02   /* A newline is about to follow */
void completeAppend(sqlite3_str *pOut, const char *zSql, int mFlags);
int statementCreates(const char *zSql);
char *statementFirst(const char *zSql);
int statementCreate(sqlite3 *db, const char *zSql);

/* prompt/candidates.c: what TAB completes */
typedef void (*CandidatePut)(void *pTo, const char *z);
int candidatesFind(Shell *p, const char *zText, CandidatePut xPut, void *pTo);

/* results/mode.c: the table of modes */
#define MODE_BATCH  100     /* The default when a script is run */
#define MODE_TTY    101     /* The default in front of a person */
#define MODE_SAVED  200     /* First user-defined mode */
int modeFind(Shell *p, const char *zName);
const char *modeName(int eMode);
const RenderMode *modeInfo(int eMode);
void modeChange(Shell *p, int eMode);
void modeExact(Shell *p);
void modeDefault(Shell *p);
void modeFree(Mode *pMode);
void modeCopy(Mode *pTo, const Mode *pFrom);
void modePush(Shell *p);
void modePop(Shell *p);
void modeSetText(char **pz, const char *zNew);
int modeSetLimits(Shell *p, const char *zArg);
int modeScreenWidth(Shell *p);
void modeList(Shell *p, FILE *out);
#define MODE_ASCII   0
#define MODE_LIST    12
#define MODE_INSERT  7
#define MODE_SPLIT   18

/* results/output.c: redirection */
void outputReset(Shell *p);
FILE *outputOpen(Shell *p, const char *zFile);
void outputClose(Shell *p, FILE *f, const char *zName);
void outputFinish(Shell *p);
void outputBuffer(FILE *f);
int dotOutput(Shell *p);
int dotOnce(Shell *p);
int dotExcel(Shell *p);
int dotWww(Shell *p);

/* results/viewer.c: results in other programs */
#define VIEW_TEXT   1
#define VIEW_SHEET  2
#define VIEW_WEB    3
int viewerBegin(Shell *p, int eView, int bPlain, const char *zBom);
void viewerEnd(Shell *p);

/* commands/connection.c: several databases side by side */
int dotConnection(Shell *p);
void connectionCloseAll(Shell *p);

/* commands/changeset.c: recording what changes */
int dotSession(Shell *p);
void recordingCloseAll(Shell *p);

/* commands/schema.c: ".schema" and the SQL functions that it is made of */
void schemaFunctions(Shell *p);
int dotFullschema(Shell *p);
int dotSchema(Shell *p);

/* functions/fileio.c: SQL functions on files */
void fileFunctions(Shell *p);
void fileResult(sqlite3_context *pCtx, const char *zFile);

/* archive/fsdir.c: directories as tables */
void fsdirFunctions(sqlite3 *db);

/* functions/deflate.c: compression between buffers of SQLite */
i64 deflateAlloc(const void *a, i64 n, i64 nMax, int eFormat, int iLevel,
                 u8 **paOut);
int inflateResult(sqlite3_context *pCtx, const void *a, i64 n, i64 nOut,
                  int eFormat);

/* archive/sqlar.c: the data of SQLite archives */
void sqlarFunctions(sqlite3 *db);

/* archive/zipfile.c: ZIP archives as tables */
void zipfileFunctions(sqlite3 *db);

/* functions/series.c: generate_series() */
void seriesFunction(Shell *p);

/* functions/textfunc.c: SQL functions on text and bytes */
void textFunctions(Shell *p);

/* ieee754.c: what floating point values are made of */
void floatFunctions(Shell *p);

/* functions/base.c: blobs as text */
void baseFunctions(Shell *p);

/* functions/decimal.c: decimal numbers of any length */
void decimalFunctions(Shell *p);

/* functions/uint.c: text with numbers in it, in order */
void uintInstall(Shell *p);

/* functions/testfunc.c: SQL functions for scripts that test */
void testFunctions(Shell *p);

/* results/tempfile.c: files for other programs */
FILE *tempFile(const char *zSuffix, char **pzName);

/* functions/edit.c: values in an editor */
void editFunction(Shell *p);

/* functions/completion.c: what an unfinished line may go on with */
void completionFunction(Shell *p);

/* recover/dbdata.c: what pages hold, as tables */
void dataTables(Shell *p);

/* recover/recover.c: a damaged database as SQL */
int dotRecover(Shell *p);

/* commands/dbinfo.c: what the header of a database says */
int dotDbinfo(Shell *p);

/* commands/hexdb.c: databases as text */
int dotDbtotxt(Shell *p);
void *hexdbRead(Shell *p, const char *zFile, i64 *pnByte);

/* commands/image.c: databases in memory that begin as a file */
void *imageMemory(Shell *p, i64 nByte);
void imageLoad(Shell *p, const char *zFile);

/* sha3sum.c: a hash of all content */
int dotSha3sum(Shell *p);

/* commands/selftest.c: tests that the database brings along */
int dotSelftest(Shell *p);

/* commands/testctrl.c: switches for tests of SQLite */
int dotTestctrl(Shell *p);

/* commands/modules.c: modules of virtual tables */
int dotUnmodule(Shell *p);

/* commands/testcase.c: what commands should say */
void captureEnd(Shell *p);
int dotTestcase(Shell *p);
int dotCheck(Shell *p);

/* commands/objects.c: listing what a database holds */
int dotTables(Shell *p);
int dotIndexes(Shell *p);
int dotDatabases(Shell *p);

/* commands/dump.c: ".dump" */
int dotDump(Shell *p);

/* results/dotmode.c: ".mode" */
int dotMode(Shell *p);

/* results/show.c: ".show" */
int dotShow(Shell *p);

/* commands/backup.c: whole databases to and from files */
int dotBackup(Shell *p);
int dotRestore(Shell *p);

/* commands/clone.c: what can be read, into a new file */
int dotClone(Shell *p);

/* commands/import.c: rows of a file into a table */
int dotImport(Shell *p);

/* archive/archive.c: archives of files */
int archiveRun(Shell *p, char **azArg, int nArg, int bOption);
int dotArchive(Shell *p);

/* prompt/progress.c: how far long work has come */
void progressBegin(Progress*, Shell *p, const char *zWhat, const char *zUnit);
void progressShow(Progress*, i64 nDone, i64 nTotal);
void progressEnd(Progress*);
void progressStatement(StatementProgress*, Shell *p, sqlite3_stmt *pStmt);
void progressStatementEnd(StatementProgress*);

/* commands/parameter.c: values for the parameters of statements */
sqlite3_stmt *parameterQuery(Shell *p);
int dotParameter(Shell *p);

/* tracing/trace.c: every statement that begins */
void traceInstall(Shell *p);
int dotTrace(Shell *p);

/* results/stats.c: what a statement has cost */
void statsShow(Shell *p, sqlite3_stmt *pStmt);
int dotStats(Shell *p);

/* commands/limits.c: limits of the connection */
int dotLimit(Shell *p);

/* commands/lint.c: what a schema would be better off with */
int dotLint(Shell *p);

/* expert/expert.c: indexes that would help */
void expertRun(Shell *p, const char *zSql, char **pzErr);
int dotExpert(Shell *p);

/* commands/vfs.c: the layer below the database */
int dotVfsinfo(Shell *p);
int dotVfslist(Shell *p);
int dotVfsname(Shell *p);

/* commands/timeline.c: the history of databases */
int dotTimeline(Shell *p);

/* commands/wal.c: write-ahead logs */
int dotWal(Shell *p);

/* config.c: before SQLite is initialized */
void configLookaside(const char *zSize, const char *zCount);
void configPagecache(const char *zSize, const char *zCount);
void configThreadsafe(const char *zMode);
void configNoRowidInView(void);

/* memtrace.c, pcachetrace.c, vfstrace.c: what SQLite calls */
void memtraceInstall(void);
void pcachetraceInstall(void);
void vfstraceInstall(Shell *p);

/* commands/dbconfig.c: switches of the connection */
int dotDbconfig(Shell *p);

/* commands/settings.c: commands that set one thing */
int dotBail(Shell *p);
int dotCd(Shell *p);
int dotChanges(Shell *p);
int dotCrlf(Shell *p);
int dotInitWasm(Shell *p);
int dotEcho(Shell *p);
int dotEqp(Shell *p);
int dotExplain(Shell *p);
int dotHeaders(Shell *p);
int dotLog(Shell *p);
int dotNullvalue(Shell *p);
int dotPrompt(Shell *p);
int dotScanstats(Shell *p);
int dotSeparator(Shell *p);
int dotTimeout(Shell *p);
int dotTimer(Shell *p);
int dotWidth(Shell *p);

/* commands/session.c: commands that steer the shell itself */
int dotExit(Shell *p);
int dotHelp(Shell *p);
int dotLoad(Shell *p);
int dotOpen(Shell *p);
int dotPrint(Shell *p);
int dotQuit(Shell *p);
int dotRead(Shell *p);
int dotSystem(Shell *p);
int dotVersion(Shell *p);

/* dot.c: parsing and dispatching dot-commands */
int dotCommand(Shell *p, const char *zLine);
void dotParse(DotLine *pDot, const char *zLine);
void dotFree(DotLine *pDot);
void dotError(Shell *p, int iArg, const char *zBrief, const char *zDetail, ...);
int dotUsage(const char *zUsage);
char *dotLocation(Shell *p);
const char *dotName(int i);

/* help.c: texts for people */
int helpShow(FILE *out, const char *zPattern);
void helpWords(const char *zCommand, void (*xWord)(void*, const char*),
               void *pArg);
void helpOptions(FILE *out, const char *zProgram);

/* prompt/history.c: where the history of typed lines is kept */
char *historyFile(void);
char *configFile(void);

/* main.c: from the command line to the end */
void shellInit(Shell *p);
void shellDestroy(Shell *p);
int seawall_shell_main(int argc, char **argv);

#endif /* SEAWALL_SHELL_H */
