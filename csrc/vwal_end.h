/*
** The virtual WAL: end of the pager's view, see vwal_begin.h.  Behind this
** line the names belong to wal.c again.
*/
#ifndef SQLITE_OMIT_WAL
#undef Wal
#undef SEAWALL_M
#undef sqlite3WalOpen
#undef sqlite3WalClose
#undef sqlite3WalCheckpoint
#undef sqlite3WalLimit
#undef sqlite3WalBeginReadTransaction
#undef sqlite3WalEndReadTransaction
#undef sqlite3WalFindFrame
#undef sqlite3WalReadFrame
#undef sqlite3WalDbsize
#undef sqlite3WalBeginWriteTransaction
#undef sqlite3WalEndWriteTransaction
#undef sqlite3WalUndo
#undef sqlite3WalSavepoint
#undef sqlite3WalSavepointUndo
#undef sqlite3WalFrames
#undef sqlite3WalCallback
#undef sqlite3WalExclusiveMode
#undef sqlite3WalHeapMemory
#undef sqlite3WalFile
#undef sqlite3WalFramesize
#undef sqlite3WalSnapshotGet
#undef sqlite3WalSnapshotOpen
#undef sqlite3WalSnapshotRecover
#undef sqlite3WalSnapshotCheck
#undef sqlite3WalSnapshotUnlock
#undef sqlite3WalWriteLock
#undef sqlite3WalDb
#undef sqlite3WalSystemErrno
#undef sqlite3WalStat
#endif /* SQLITE_OMIT_WAL */
