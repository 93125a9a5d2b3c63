/*
** libsql.h: the libSQL C surface on top of stock SQLite.
**
** Include this after, or instead of, "sqlite3.h".  Everything here is binary
** compatible with libSQL 0.2.3 on platforms with 64-bit pointers: the sizes
** and offsets stated below are checked when the library is compiled.
**
** Unless a comment says otherwise, a function that returns int returns an
** SQLite result code, and an output argument is written only on SQLITE_OK; it
** is there since 0.1, and may be called from any thread, one at a time for each
** connection and each log.
*/
#ifndef LIBSQL_H
#define LIBSQL_H

#include "sqlite3.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
** The libSQL release whose surface this header describes, as text.
** libsql_libversion() returns the same text from the library that is linked.
*/
#define LIBSQL_VERSION "0.2.3"
SQLITE_API const char *libsql_libversion(void);

/*
** Number of 32-bit words in the position that xSavepoint writes and that
** xSavepointUndo and xSavepointForget are given back.
*/
#ifndef WAL_SAVEPOINT_NDATA
# define WAL_SAVEPOINT_NDATA 4
#endif

/*
** Split the pager's sync flags: the two low bits concern the log
** (commits), the next two the database file (checkpoints).  Each half is 0,
** SQLITE_SYNC_NORMAL or SQLITE_SYNC_FULL.
*/
#ifndef WAL_SYNC_FLAGS
# define WAL_SYNC_FLAGS(X)   ((X)&0x03)
# define CKPT_SYNC_FLAGS(X)  (((X)>>2)&0x03)
#endif

/*
** sqlite3_file_control(db, zSchema, SQLITE_FCNTL_WAL_METHODS_POINTER, &p)
** stores in p, a (libsql_wal_methods*), the method table of the log that
** the database has open, or NULL while it has none open.  The table lives
** until the database leaves WAL mode or is closed.
*/
#define SQLITE_FCNTL_WAL_METHODS_POINTER 129

/*
** Types whose content belongs to the author of a WAL: one open log, and
** one manager of logs.
*/
typedef struct wal_impl wal_impl;
typedef struct wal_manager_impl wal_manager_impl;

/*
** A page in the pager's cache, as xFrames sees it (88 bytes).  A WAL reads
** pData, pgno and pDirty (the next page of the list, in ascending page
** order at a commit); pData holds as many bytes as the page size that
** xFrames is told.  Everything else belongs to SQLite.
*/
typedef struct libsql_pghdr libsql_pghdr;
struct libsql_pghdr {
  struct sqlite3_pcache_page *pPage;   /*  0: owned by the page cache */
  void *pData;                         /*  8: content of the page */
  void *pExtra;                        /* 16 */
  void *pCache;                        /* 24 */
  libsql_pghdr *pDirty;                /* 32: next page of the list, or NULL */
  void *pPager;                        /* 40 */
  unsigned int pgno;                   /* 48: page number, from 1 */
  unsigned int pageHash;               /* 52: present for the layout only */
  unsigned short flags;                /* 56 */
  sqlite3_int64 nRef;                  /* 64 */
  libsql_pghdr *pDirtyNext;            /* 72 */
  libsql_pghdr *pDirtyPrev;            /* 80 */
};

/*
** The methods of an open log (232 bytes).  docs/wal-contract.md says who
** calls which method when, and under which locks.
**
** iVersion is 2.  A log whose xOpen stored 1 was compiled against an older
** libSQL: it has no xSavepointForget and its pData stands at offset 224.
** Both are served.
**
** xSnapshotGet to xSnapshotUnlock, xFramesize, xFile, xWriteLock, xDb,
** xReadFrameRaw, xFrameCount and xSavepointForget may be NULL.  The other
** methods may not: an xOpen that leaves one of them NULL fails the open with
** SQLITE_MISUSE.
*/
typedef struct libsql_wal_methods libsql_wal_methods;
struct libsql_wal_methods {
  int iVersion;

  /* Keep the log, when it is idle, under so many bytes; <0: no limit. */
  void (*xLimit)(wal_impl*, sqlite3_int64 limit);

  /* Start and end a read transaction.  *pChanged is set to non-zero when
  ** what was cached since the last read transaction is stale.  Ending twice
  ** is harmless. */
  int (*xBeginReadTransaction)(wal_impl*, int *pChanged);
  void (*xEndReadTransaction)(wal_impl*);

  /* Find the frame that holds page pgno for the current reader, 0 for none.
  ** Frame numbers start with 1. */
  int (*xFindFrame)(wal_impl*, unsigned int pgno, unsigned int *piFrame);

  /* Copy the first nOut bytes of a frame's page.  Raw: of the 24-byte frame
  ** header and then the page. */
  int (*xReadFrame)(wal_impl*, unsigned int iFrame, int nOut,
                    unsigned char *pOut);
  int (*xReadFrameRaw)(wal_impl*, unsigned int iFrame, int nOut,
                       unsigned char *pOut);

  /* Size of the database in pages as the current reader sees it, or 0 when
  ** the log is empty. */
  unsigned int (*xDbsize)(wal_impl*);

  /* Take and give back the one write lock. */
  int (*xBeginWriteTransaction)(wal_impl*);
  int (*xEndWriteTransaction)(wal_impl*);

  /* Forget every frame of the open write transaction.  Call xUndo for each
  ** page that such a frame holds. */
  int (*xUndo)(wal_impl*, int (*xUndo)(void*, unsigned int pgno),
               void *pUndoCtx);

  /* Write the current position to aWalData[WAL_SAVEPOINT_NDATA]; go back to
  ** such a position. */
  void (*xSavepoint)(wal_impl*, unsigned int *aWalData);
  int (*xSavepointUndo)(wal_impl*, unsigned int *aWalData);

  /* Number of frames in the log.  locked: the caller holds the write lock. */
  int (*xFrameCount)(wal_impl*, int locked, unsigned int *pn);

  /* Append the pages of the list.  isCommit: they complete a transaction,
  ** after which the database has nTruncate pages.  pnFrames may be NULL. */
  int (*xFrames)(wal_impl*, int szPage, libsql_pghdr *pList,
                 unsigned int nTruncate, int isCommit, int sync_flags,
                 int *pnFrames);

  /* Copy pages from the log to the database file.  eMode is
  ** SQLITE_CHECKPOINT_PASSIVE, _FULL, _RESTART or _TRUNCATE, never _NOOP.
  ** xBusy, zBuf, pnLog, pnCkpt and xCb may be NULL.  xCb is called after
  ** each page that was written, and once with pPage==NULL when the whole log
  ** is in the database file; another value than SQLITE_OK stops. */
  int (*xCheckpoint)(wal_impl*, sqlite3 *db, int eMode,
                     int (*xBusy)(void*), void *pBusyArg,
                     int sync_flags, int nBuf, unsigned char *zBuf,
                     int *pnLog, int *pnCkpt,
                     int (*xCb)(void *pCbData, int mxSafeFrame,
                                const unsigned char *pPage, int nPage,
                                int page_no, int frame_no),
                     void *pCbData);

  /* Frames in the log at the last commit, once; 0 when there was none since
  ** the last call. */
  int (*xCallback)(wal_impl*);

  /* op 1: enter, 0: leave exclusive mode, -1: could it be entered?  Returns
  ** non-zero when the answer is yes, or the change was made. */
  int (*xExclusiveMode)(wal_impl*, int op);

  /* True if the log is kept so that no other process can follow it. */
  int (*xHeapMemory)(wal_impl*);

  /* sqlite3_snapshot_get() and its siblings. */
  int (*xSnapshotGet)(wal_impl*, sqlite3_snapshot **ppSnapshot);
  void (*xSnapshotOpen)(wal_impl*, sqlite3_snapshot *pSnapshot);
  int (*xSnapshotRecover)(wal_impl*);
  int (*xSnapshotCheck)(void *pWal, sqlite3_snapshot *pSnapshot);
  void (*xSnapshotUnlock)(wal_impl*);

  /* Page size of the log's frames, 0 for an empty log (ZIPVFS). */
  int (*xFramesize)(wal_impl*);

  /* The file that holds the log, NULL if it is not one file. */
  sqlite3_file *(*xFile)(wal_impl*);

  /* Take (bLock) or give back the write lock ahead of a read transaction;
  ** the connection whose busy timeout a blocking lock obeys.  Called by
  ** builds with SQLITE_ENABLE_SETLK_TIMEOUT. */
  int (*xWriteLock)(wal_impl*, int bLock);
  void (*xDb)(wal_impl*, sqlite3 *db);

  /* A savepoint is gone: its position will not be asked for again. */
  void (*xSavepointForget)(wal_impl*, unsigned int *aWalData);
};

/*
** An open log: its methods and their first argument (240 bytes, pData at
** offset 232).
*/
typedef struct libsql_wal libsql_wal;
struct libsql_wal {
  libsql_wal_methods methods;
  wal_impl *pData;
};

/*
** Something that opens logs (56 bytes).  One manager serves any number of
** connections, databases and threads at once.
*/
typedef struct libsql_wal_manager libsql_wal_manager;
struct libsql_wal_manager {
  /* True if logs need the shared memory of the VFS.  When false, WAL mode
  ** is available on a VFS that has none. */
  int bUsesShm;

  /* Open the log of a database.  zMainDbFileName is valid until xClose and
  ** may be given to sqlite3_filename_wal(), sqlite3_uri_parameter() and the
  ** like.  max_size is as in xLimit; no_shm_mode is true in exclusive locking
  ** mode.  *out_wal is zeroed by the caller, and untouched by an xOpen that
  ** fails. */
  int (*xOpen)(wal_manager_impl *pData, sqlite3_vfs*, sqlite3_file*,
               int no_shm_mode, sqlite3_int64 max_size,
               const char *zMainDbFileName, libsql_wal *out_wal);

  /* Close a log.  zBuf, of nBuf bytes (the page size), is NULL when the log
  ** must not be checkpointed.  The log is gone whatever is returned. */
  int (*xClose)(wal_manager_impl *pData, wal_impl *pWal, sqlite3 *db,
                int sync_flags, int nBuf, unsigned char *zBuf);

  /* Delete the log of a database; tell whether there is one. */
  int (*xLogDestroy)(wal_manager_impl *pData, sqlite3_vfs*,
                     const char *zMainDbFileName);
  int (*xLogExists)(wal_manager_impl *pData, sqlite3_vfs*,
                    const char *zMainDbFileName, int *exist);

  /* The last user is gone.  May be NULL. */
  void (*xDestroy)(wal_manager_impl *pData);

  wal_manager_impl *pData;
};

/*
** The manager of stock SQLite's log, in the "-wal" and "-shm" files.  Its
** xDestroy does nothing, so it may be copied, wrapped and opened freely.
*/
SQLITE_API SQLITE_EXTERN const libsql_wal_manager sqlite3_wal_manager;

/*
** A manager with a count of its users (72 bytes).  The count is atomic; no
** count is kept while is_static.
**
** make_ref_counted_wal_manager() takes the manager over, with one user: it
** is destroyed when that user is gone, or at once if SQLITE_NOMEM is
** returned.  destroy_wal_manager(NULL) is a no-op, clone_wal_manager(NULL)
** is NULL.  make_sqlite3_wal_manager_rc() returns the one static object for
** sqlite3_wal_manager.
*/
typedef struct RefCountedWalManager RefCountedWalManager;
struct RefCountedWalManager {
  int n;
  libsql_wal_manager ref;
  int is_static;
};
SQLITE_API int make_ref_counted_wal_manager(libsql_wal_manager,
                                            RefCountedWalManager **ppOut);
SQLITE_API RefCountedWalManager *clone_wal_manager(RefCountedWalManager*);
SQLITE_API void destroy_wal_manager(RefCountedWalManager*);
SQLITE_API RefCountedWalManager *make_sqlite3_wal_manager_rc(void);

/*
** What wal_impl is for a log of sqlite3_wal_manager: the leading part of
** SQLite's own object, for reading (hdr.mxFrame, at offset 88, is the number
** of valid frames).  More fields follow nCkpt.
*/
typedef struct libsql_wal_index_hdr libsql_wal_index_hdr;
struct libsql_wal_index_hdr {
  unsigned int iVersion;
  unsigned int unused;
  unsigned int iChange;
  unsigned char isInit;
  unsigned char bigEndCksum;
  unsigned short szPage;
  unsigned int mxFrame;
  unsigned int nPage;
  unsigned int aFrameCksum[2];
  unsigned int aSalt[2];
  unsigned int aCksum[2];
};
typedef struct sqlite3_wal sqlite3_wal;
struct sqlite3_wal {
  sqlite3_vfs *pVfs;
  sqlite3_file *pDbFd;
  sqlite3_file *pWalFd;
  unsigned int iCallback;
  sqlite3_int64 mxWalSize;
  int nWiData;
  int szFirstBlock;
  volatile unsigned int **apWiData;
  unsigned int szPage;
  short readLock;
  unsigned char syncFlags;
  unsigned char exclusiveMode;
  unsigned char writeLock;
  unsigned char ckptLock;
  unsigned char readOnly;
  unsigned char truncateOnCommit;
  unsigned char syncHeader;
  unsigned char padToSectorBoundary;
  unsigned char bShmUnreliable;
  libsql_wal_index_hdr hdr;
  unsigned int minFrame;
  unsigned int iReCksum;
  const char *zWalName;
  unsigned int nCkpt;
};

/*
** How many frames of the log are in the database file already; and which
** page a frame holds (0 if the frame is not in the log).  Both look into the
** shared wal-index: call them inside a read transaction, and not from the
** callback of a checkpoint.
*/
SQLITE_API int sqlite3_wal_backfilled(sqlite3_wal*);
SQLITE_API unsigned int sqlite3_wal_frame_page_no(sqlite3_wal*,
                                                  unsigned int iFrame);

/*
** As sqlite3_open_v2(), with a WAL.
**
** libsql_open(), libsql_open_v2(): zWal is the name of a registered WAL (see
** seawall.h), NULL for the default.  It serves "main" and every database
** attached later without a name of its own.  A "wal=" parameter of a URI file
** name has precedence.  A name that is not registered is an SQLITE_ERROR
** whose message lists those that are.  pWalMethodsData is ignored.
**
** libsql_open_v3(): the manager itself.  It is taken over: its xDestroy is
** called exactly once, after the connection and all of its databases are
** closed, or before libsql_open_v3() returns if there is no connection or the
** URI names another WAL.
*/
SQLITE_API int libsql_open(const char *filename, sqlite3 **ppDb, int flags,
                           const char *zVfs, const char *zWal);
SQLITE_API int libsql_open_v2(const char *filename, sqlite3 **ppDb, int flags,
                              const char *zVfs, const char *zWal,
                              void *pWalMethodsData);
SQLITE_API int libsql_open_v3(const char *filename, sqlite3 **ppDb, int flags,
                              const char *zVfs,
                              libsql_wal_manager wal_manager);

/*
** Register a callback that sees every attempt to close db, also one that
** ends with SQLITE_BUSY, before anything is torn down: the place to finalize
** what was cached on the connection.  A connection has one such hook; NULL
** removes it.  Returns the arg of the hook before, and NULL if db is NULL.
** The callback runs with the connection's mutex held.
*/
SQLITE_API void *libsql_close_hook(sqlite3 *db,
                                   void (*xClose)(void *pCtx, sqlite3 *db),
                                   void *arg);

/*
** Make the functions of a database known to the connection.  They are found without
** it; it does nothing.  Returns SQLITE_OK, or SQLITE_MISUSE if db is not an open
** connection.  Since 0.3.  libSQL creates a table here, and compiles every function.
*/
SQLITE_API int libsql_try_initialize_wasm_func_table(sqlite3 *db);

/*
** Functions in WebAssembly without CREATE FUNCTION: compile a module, and run it
** from a function that was registered with sqlite3_create_function().  Since 0.3.
** The cargo feature "wasm" is needed; without it, modules do not compile.
**
** libsql_wasm_engine_new() returns NULL if there is no memory, and a library without
** WebAssembly always does.  All engines are alike, and modules outlive theirs.
**
** libsql_compile_wasm_module() takes a module of nBody bytes, in binary or as
** text.  On failure it returns NULL, and writes a message to *err_msg_buf, in
** memory from alloc_err_buf, for the caller to free; NULL for either: no message.
** A module can be used from one thread at a time.  libsql_free_wasm_module() takes
** the address of the pointer to it, and sets that pointer to NULL; not while a
** function of the module runs.
**
** libsql_run_wasm() calls what the module exports under func_name with argc values,
** and sets the result or the error of context, with the same limits and rules as for
** a function that CREATE FUNCTION made (docs/wasm-functions.md).  Values are read and
** results are set with the functions of api; the last two of them are not called.
**
** Where it differs from libSQL: where api has sqlite3_value_int and
** sqlite3_result_int themselves, all 64 bits of integers get in and out; with others,
** a result beyond 32 bits is an error.
*/
typedef struct libsql_wasm_engine_t libsql_wasm_engine_t;
typedef struct libsql_wasm_module_t libsql_wasm_module_t;
typedef struct libsql_wasm_udf_api libsql_wasm_udf_api;
struct libsql_wasm_udf_api {
  int (*libsql_value_type)(sqlite3_value*);
  int (*libsql_value_int)(sqlite3_value*);
  double (*libsql_value_double)(sqlite3_value*);
  const unsigned char *(*libsql_value_text)(sqlite3_value*);
  const void *(*libsql_value_blob)(sqlite3_value*);
  int (*libsql_value_bytes)(sqlite3_value*);
  void (*libsql_result_error)(sqlite3_context*, const char*, int);
  void (*libsql_result_error_nomem)(sqlite3_context*);
  void (*libsql_result_int)(sqlite3_context*, int);
  void (*libsql_result_double)(sqlite3_context*, double);
  void (*libsql_result_text)(sqlite3_context*, const char*, int, void(*)(void*));
  void (*libsql_result_blob)(sqlite3_context*, const void*, int, void(*)(void*));
  void (*libsql_result_null)(sqlite3_context*);
  void *(*libsql_malloc)(int);
  void (*libsql_free)(void*);
};
SQLITE_API libsql_wasm_engine_t *libsql_wasm_engine_new(void);
SQLITE_API void libsql_wasm_engine_free(libsql_wasm_engine_t *engine);
SQLITE_API libsql_wasm_module_t *libsql_compile_wasm_module(
    libsql_wasm_engine_t *engine, const char *pSrc, int nBody,
    void *(*alloc_err_buf)(sqlite3_uint64), char **err_msg_buf);
SQLITE_API void libsql_free_wasm_module(void *pptr);
SQLITE_API void libsql_run_wasm(libsql_wasm_udf_api *api, sqlite3_context *context,
                                libsql_wasm_engine_t *engine,
                                libsql_wasm_module_t *module,
                                const char *func_name, int argc,
                                sqlite3_value **argv);

/*
** The log of "main", frame by frame: what it takes to ship a database to
** somewhere else, commit by commit, and to put it together there.
**
** A frame is a header of 24 bytes (page number, database size in pages after
** the transaction that this frame ends or 0 if it ends none, two salts, two
** checksums, each a 32-bit big-endian number) and a page.  Frames are numbered
** from 1.  They start again from 1 when the log does: after everything in it
** has been copied to the database file, at the next write, or by a checkpoint
** in TRUNCATE mode.  The salts of the stock log change then.  A sender that
** wants to see every frame keeps the log from starting again, with
** libsql_wal_disable_checkpoint() on every connection that writes.
**
** All of these functions take the mutex of the connection: they may be called
** from any thread.  They return an SQLite result code, SQLITE_MISUSE if db is
** NULL or not open or a pointer is NULL that must not be.  A failure has its
** explanation in sqlite3_errmsg().  They work with every WAL that has the
** methods xFrameCount and xReadFrameRaw.  Since 0.2; libSQL has the same
** functions, and the differences are stated.
*/

/*
** No checkpoint by this connection of its own accord, from now on and for all
** of its databases: none when a commit has made the log long enough, whatever
** sqlite3_wal_autocheckpoint() and its PRAGMA say, none when the connection is
** closed, which leaves the log where it is, and no change of the journal mode
** away from WAL, which fails with an explanation.  PRAGMA wal_checkpoint and
** sqlite3_wal_checkpoint_v2() do what they always do, and a callback of
** sqlite3_wal_hook() goes on being called.
**
** In libSQL this is undone by sqlite3_wal_hook() and the like, and removes the
** callback that there is.
*/
SQLITE_API int libsql_wal_disable_checkpoint(sqlite3 *db);

/*
** Store in *pnFrame how many frames the log has now, 0 without a log.  Also
** for a connection that has not read yet, or that others have overtaken; with
** an open write transaction or between libsql_wal_insert_begin() and _end(),
** the connection's own frames count before they are committed.
**
** The connection reads for a moment, if it is not reading anyway: the codes of
** a failed read may be returned.  SQLITE_BUSY only while another connection
** locks everybody out of a database in WAL mode, never because it writes.  (In
** libSQL the count is that of the connection's last read.)
*/
SQLITE_API int libsql_wal_frame_count(sqlite3 *db, unsigned int *pnFrame);

/*
** Copy frame iFrame, header and page, to pBuf.  nBuf must be the length of a
** frame, 24 bytes and a page, or SQLITE_MISUSE is returned.
**
** SQLITE_IOERR_SHORT_READ (522, with or without extended result codes): the
** log has no such frame.  SQLITE_ERROR: the database is not in WAL mode, or
** its WAL does not give out raw frames.  pBuf may have been written to if the
** code is another than these.
**
** Each call stands for itself.  Whoever wants frames that belong together
** calls this within a read transaction: the log cannot start again then,
** unless all of it was in the database file already when the transaction
** began.  (libSQL also gives frames behind the end, of an earlier log.)
*/
SQLITE_API int libsql_wal_get_frame(sqlite3 *db, unsigned int iFrame,
                                    void *pBuf, unsigned int nBuf);

/*
** Begin to insert frames: become the one writer of the database. Until
** libsql_wal_insert_end() the statements of this connection that use "main",
** or find its schema not loaded, get SQLITE_LOCKED, as does a checkpoint; a
** backup gets SQLITE_BUSY. Other connections read what has been committed by
** the frames so far, and get SQLITE_BUSY if they want to write.
**
** SQLITE_BUSY: somebody else writes, and the busy handler has given up.
** SQLITE_ERROR: the database is not in WAL mode (one whose URI names a WAL is
** brought there), or the connection is in a transaction, or is running a
** statement, or shares its cache. SQLITE_MISUSE: begun already.
** SQLITE_READONLY: it cannot be written. PRAGMA query_only is a matter of
** statements, and does not apply.
**
** (libSQL begins in all of these cases, save for two writers, where it does
** not ask the busy handler, and for beginning twice, which is SQLITE_BUSY
** there.)
*/
SQLITE_API int libsql_wal_insert_begin(sqlite3 *db);

/*
** Insert a frame, as libsql_wal_get_frame() gave it, which must be the one
** behind the last of the log: number libsql_wal_frame_count()+1.  Its page and
** whether it ends a transaction are taken over; salts and checksums are made
** anew.  A frame that ends a transaction is durable as far as PRAGMA
** synchronous says when SQLITE_OK is returned, and others see it.
**
** A frame that the log has already is compared with it, but for salts and
** checksums.  An equal one is SQLITE_OK and changes nothing.  With another one
** *pConflict is set to 1, otherwise to 0, and SQLITE_ERROR is returned;
** nothing is changed.  pConflict may be NULL.
**
** SQLITE_ERROR: iFrame would leave a gap.  SQLITE_MISUSE: not between
** libsql_wal_insert_begin() and _end(), iFrame is 0, nBuf is not the length of
** a frame, or a first page says that its database has another page size.
** SQLITE_CORRUPT: the frame holds a page that no database can have.  Nothing
** is changed.  SQLITE_FULL, SQLITE_IOERR and the like: the frame cannot be
** written; those since the last that ended a transaction are rolled back, and
** can be inserted again.
**
** The pages themselves are not looked at: frames are trusted as a database
** file is.  (libSQL appends a frame that leaves a gap, compares pages alone,
** and accepts any length and a call without begin.)
*/
SQLITE_API int libsql_wal_insert_frame(sqlite3 *db, unsigned int iFrame,
                                       void *pBuf, unsigned int nBuf,
                                       int *pConflict);

/*
** End it: frames behind the last one that ended a transaction are rolled back,
** and the connection forgets what it had cached of "main" and its schema. Its
** prepared statements see the new data, and are prepared again if need be.
** Closing the connection ends it, too.
**
** What was inserted counts for sqlite3_wal_hook(), and so for the automatic
** checkpoint, at the next commit of a statement of this connection; inserting
** alone does not call it. If the frames bring another text encoding,
** connections that have made tables of their own before must be opened anew,
** as for any change of the encoding.
**
** SQLITE_MISUSE: it was not begun. SQLITE_ERROR: called by an SQL function, or
** the like, within sqlite3_step(): nothing has ended. Another code is that of
** a failed roll back; it has ended all the same. (libSQL leaves the frames
** without an end in the log, and keeps its schema.)
*/
SQLITE_API int libsql_wal_insert_end(sqlite3 *db);

/*
** Interrupt one statement: it ends with SQLITE_INTERRUPT at its earliest
** opportunity, as by sqlite3_interrupt(), and the other statements of the
** connection go on.  What runs on behalf of the statement ends with it:
** triggers, sorts, PRAGMA integrity_check, the statements that its SQL
** functions and virtual tables run, and a virtual table that asks
** sqlite3_is_interrupted().
**
** A statement that has not started, or is between two rows, is interrupted at
** its next sqlite3_step().  The interrupt lasts until sqlite3_reset() or
** sqlite3_finalize(), or until sqlite3_step() resets a statement that is at
** its end, and is then forgotten.  Preparing again after a change of the
** schema does not lose it.
**
** May be called from any thread, at any time, as long as the statement is not
** finalized meanwhile; it never waits.  NULL is logged as SQLITE_MISUSE, and
** nothing happens.
**
** sqlite3_is_interrupted() is true for as long as an interrupted statement
** executes, if asked by the thread that executes it; from other threads it
** tells of sqlite3_interrupt() only.  Connections that are opened with
** SQLITE_OPEN_NOMUTEX must not be asked by other threads.
**
** Since 0.2.  libSQL interrupts nothing below the statement, lets
** sqlite3_is_interrupted() be 0, and gives SQLITE_INTERRUPT from every
** sqlite3_step() until sqlite3_reset() is called.
*/
SQLITE_API void libsql_stmt_interrupt(sqlite3_stmt*);

/*
** More codes for sqlite3_stmt_status(pStmt, code, resetFlag): how many rows
** the statement, with its triggers, read and wrote.
**
** LIBSQL_STMTSTATUS_ROWS_READ counts what positions a cursor on a row of a
** table, an index, a virtual table or a sorter: to start a scan (also of what
** turns out to be empty), to step to another row, to look up a rowid, to seek
** in an index.  Not counted are probes for whether a key exists, and the row
** of the table that an index entry leads to.  count(*) without WHERE counts
** the pages it visits.
**
** LIBSQL_STMTSTATUS_ROWS_WRITTEN counts rows and index entries that were
** inserted, rows that were deleted, also by a DELETE without WHERE, and
** changes of virtual tables.  An updated row counts once, and once for each
** index entry that changes.  Not counted are deleted index entries, and what
** goes into a sorter or a temporary b-tree of the statement.
**
** The counts go on when the statement is reset, until they are asked for with
** a resetFlag that is true.  The value is an unsigned number of 32 bits, which
** stays 0xffffffff once it is reached, returned as an int.  As with every such
** code, the thread must be the one that uses the connection.
**
** For a NULL statement, and for a code that is not defined, 0 is returned.
** The first, and with SQLITE_ENABLE_API_ARMOR the second too, is logged as
** SQLITE_MISUSE.
**
** Since 0.2.  The numbers are libSQL's.  libSQL's counters wrap, and it reads
** past them for a code that is not defined.
*/
#define LIBSQL_STMTSTATUS_BASE          1024
#define LIBSQL_STMTSTATUS_ROWS_READ     (LIBSQL_STMTSTATUS_BASE+1)
#define LIBSQL_STMTSTATUS_ROWS_WRITTEN  (LIBSQL_STMTSTATUS_BASE+2)

/*
** A virtual table module that is told the SQL text (248 bytes).  It begins as
** SQLite's sqlite3_module does, and is registered as one:
**
**    sqlite3_create_module(db, "name", (const sqlite3_module*)&module, pAux)
**
** With an iVersion of LIBSQL_MODULE_VERSION or more, which must not be stored
** in a plain sqlite3_module, xPreparedSql is called before each xFilter, on
** the same cursor, with the text of the statement as sqlite3_sql() gives it:
** parameters are not expanded, and a trigger sees the text of the statement
** that fired it.  The text is valid during the call.  Another result than
** SQLITE_OK ends the statement with that result; zErrMsg of the sqlite3_vtab
** is used as after xFilter.  xPreparedSql may be NULL, and is not called by a
** statement that keeps no text.  The module is called by the thread that runs
** the statement, which holds the connection's mutex.
**
** The reserved members are zero.  Since 0.2; the layout is libSQL's.
*/
#define LIBSQL_MODULE_VERSION 700
typedef struct libsql_module libsql_module;
struct libsql_module {
  int iVersion;                        /*   0: at least 700 */
  int (*xCreate)(sqlite3*, void *pAux, int argc, const char *const *argv,
                 sqlite3_vtab **ppVTab, char**);
  int (*xConnect)(sqlite3*, void *pAux, int argc, const char *const *argv,
                  sqlite3_vtab **ppVTab, char**);
  int (*xBestIndex)(sqlite3_vtab*, sqlite3_index_info*);
  int (*xDisconnect)(sqlite3_vtab*);
  int (*xDestroy)(sqlite3_vtab*);
  int (*xOpen)(sqlite3_vtab*, sqlite3_vtab_cursor **ppCursor);
  int (*xClose)(sqlite3_vtab_cursor*);
  int (*xFilter)(sqlite3_vtab_cursor*, int idxNum, const char *idxStr,
                 int argc, sqlite3_value **argv);
  int (*xNext)(sqlite3_vtab_cursor*);
  int (*xEof)(sqlite3_vtab_cursor*);
  int (*xColumn)(sqlite3_vtab_cursor*, sqlite3_context*, int);
  int (*xRowid)(sqlite3_vtab_cursor*, sqlite3_int64 *pRowid);
  int (*xUpdate)(sqlite3_vtab*, int, sqlite3_value**, sqlite3_int64*);
  int (*xBegin)(sqlite3_vtab*);
  int (*xSync)(sqlite3_vtab*);
  int (*xCommit)(sqlite3_vtab*);
  int (*xRollback)(sqlite3_vtab*);
  int (*xFindFunction)(sqlite3_vtab*, int nArg, const char *zName,
                       void (**pxFunc)(sqlite3_context*,int,sqlite3_value**),
                       void **ppArg);
  int (*xRename)(sqlite3_vtab*, const char *zNew);
  int (*xSavepoint)(sqlite3_vtab*, int);
  int (*xRelease)(sqlite3_vtab*, int);
  int (*xRollbackTo)(sqlite3_vtab*, int);
  int (*xShadowName)(const char*);
  int (*xIntegrity)(sqlite3_vtab*, const char *zSchema, const char *zTabName,
                    int mFlags, char **pzErr);
  void (*reserved[5])(void);           /* 200: zero */
  int (*xPreparedSql)(sqlite3_vtab_cursor*, const char *zSql);  /* 240 */
};

/*
** What an extension is given beside SQLite's own table of functions: the
** fourth argument of its entry point, and of a function that was registered
** with sqlite3_auto_extension().  close_hook is libsql_close_hook().  The table
** is constant, and valid for as long as the library is loaded.  The argument
** is NULL where SQLite's table is, that is in a library without loadable
** extensions.  Entry points with three parameters work unchanged.
**
** Extensions include "libsqlext.h", which says more.  Since 0.2, as in libSQL.
*/
typedef struct libsql_api_routines libsql_api_routines;
struct libsql_api_routines {
  void *(*close_hook)(sqlite3 *db, void (*xClose)(void *pCtx, sqlite3 *db),
                      void *arg);
};
typedef int (*libsql_loadext_entry)(sqlite3 *db, char **pzErrMsg,
                                    const sqlite3_api_routines *pThunk,
                                    const libsql_api_routines *pLibsql);

#ifdef __cplusplus
}  /* extern "C" */
#endif
#endif /* LIBSQL_H */
