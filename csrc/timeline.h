/*
** What the log "timeline", which is written in Rust, does for timeline.c.
**
** zSchema and the texts are not NULL.  Errors are left in the connection.
*/
#ifndef SEAWALL_TIMELINE_H
#define SEAWALL_TIMELINE_H

typedef struct SeawallTimeline SeawallTimeline;
struct SeawallTimeline {
  int (*xRestore)(sqlite3*, const char *zSchema, const char *zAt, sqlite3_int64*);
  int (*xExport)(sqlite3*, const char *zSchema, const char *zAt, const char *zFile,
                 seawall_progress, void*);
  int (*xBranch)(sqlite3*, const char *zSchema, const char *zAt, const char *zFile,
                 seawall_progress, void*);
  int (*xPrune)(sqlite3*, const char *zSchema, const char *zKeep, seawall_progress,
                void*, sqlite3_int64*);
  char *(*xKeep)(sqlite3*, const char *zSchema, const char *zKeep);  /* or NULL */
  int (*xVerify)(sqlite3*, const char *zSchema, seawall_progress, void*);
};
extern const SeawallTimeline *seawall_timeline_methods(void);

#endif /* SEAWALL_TIMELINE_H */
