/*
** What ".archive" is made of.
*/
#ifndef SEAWALL_ARCHIVE_H
#define SEAWALL_ARCHIVE_H

#include "shell.h"

/*
** What is to be done, and with what.
*/
typedef struct Archive Archive;
struct Archive {
  Shell *p;
  char cCommand;         /* Letter of the command; 0: there was none */
  u8 bVerbose;           /* Print names */
  u8 bDryRun;            /* Print SQL in place of running it */
  u8 bAppend;            /* zFile may be behind something else */
  u8 bGlob;              /* Names are GLOB patterns */
  u8 bOption;            /* By -A, not ".archive" */
  u8 bZip;               /* A ZIP archive */
  const char *zFile;     /* NULL: the database of the shell */
  const char *zDir;      /* Of the files; NULL: the current one */
  char **azName;         /* Names of members, or of files */
  int nName;
  sqlite3 *db;
  char *zTable;          /* The archive, for FROM */
  const char *zData;     /* Expression for the data of a member */
  int nError;            /* Reported so far */
};

/* archive.c */
int archiveError(Archive *pAr);
int archiveInterrupted(Archive *pAr);
char *archiveWhere(const Archive *pAr);

/* extract.c: from an archive into a directory */
void archiveExtract(Archive *pAr);

#endif /* SEAWALL_ARCHIVE_H */
