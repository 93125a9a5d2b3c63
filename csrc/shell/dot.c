/*
** Dot-commands: cutting the line into arguments, finding the command, and
** pointing at what is wrong.
*/
#include <stdarg.h>
#include <string.h>
#include "shell.h"

/*
** All dot-commands.  A command may be abbreviated to nMin characters.
** Entries are tried in order.
*/
static const struct DotCommand {
  const char *zName;
  int nMin;
  int (*xRun)(Shell*);
} aDot[] = {
  { "archive",    1, dotArchive   },
  { "auth",       1, dotAuth      },
  { "backup",     3, dotBackup    },
  { "bail",       3, dotBail      },
  { "cd",         2, dotCd        },
  { "changes",    3, dotChanges   },
  { "check",      3, dotCheck     },
  { "clone",      2, dotClone     },
  { "connection", 1, dotConnection },
  { "crlf",       4, dotCrlf      },
  { "crnl",       4, dotCrlf      },
  { "databases",  2, dotDatabases },
  { "dbconfig",   3, dotDbconfig  },
  { "dbinfo",     3, dotDbinfo    },
  { "dbtotxt",    3, dotDbtotxt   },
  { "dump",       1, dotDump      },
  { "echo",       1, dotEcho      },
  { "eqp",        2, dotEqp       },
  { "excel",      5, dotExcel     },
  { "exit",       2, dotExit      },
  { "explain",    3, dotExplain   },
  { "expert",     3, dotExpert    },
  { "filectrl",   1, dotFilectrl  },
  { "fullschema", 1, dotFullschema },
  { "headers",    1, dotHeaders   },
  { "help",       3, dotHelp      },
  { "import",     2, dotImport    },
  { "imposter",   4, dotImposter  },
  { "indexes",    2, dotIndexes   },
  { "indices",    2, dotIndexes   },
  { "init_wasm_func_table", 3, dotInitWasm },
  { "intck",      3, dotIntck     },
  { "limits",     5, dotLimit     },
  { "lint",       3, dotLint      },
  { "load",       2, dotLoad      },
  { "log",        2, dotLog       },
  { "mode",       1, dotMode      },
  { "nonce",      5, dotNonce     },
  { "nullvalue",  1, dotNullvalue },
  { "open",       2, dotOpen      },
  { "output",     1, dotOutput    },
  { "once",       2, dotOnce      },
  { "parameter",  2, dotParameter },
  { "print",      3, dotPrint     },
  { "progress",   3, dotProgress  },
  { "prompt",     2, dotPrompt    },
  { "quit",       1, dotQuit      },
  { "read",       3, dotRead      },
  { "recover",    1, dotRecover   },
  { "restore",    3, dotRestore   },
  { "save",       3, dotBackup    },
  { "scanstats",  1, dotScanstats },
  { "scanstatus", 1, dotScanstats },
  { "schema",     3, dotSchema    },
  { "selftest",   4, dotSelftest  },
  { "separator",  2, dotSeparator },
  { "session",    3, dotSession   },
  { "sha3sum",    4, dotSha3sum   },
  { "shell",      5, dotSystem    },
  { "show",       3, dotShow      },
  { "stats",      3, dotStats     },
  { "system",     2, dotSystem    },
  { "tables",     2, dotTables    },
  { "testcase",   8, dotTestcase  },
  { "testctrl",   8, dotTestctrl  },
  { "timeline",   5, dotTimeline  },
  { "timeout",    5, dotTimeout   },
  { "timer",      5, dotTimer     },
  { "trace",      1, dotTrace     },
  { "unmodule",   1, dotUnmodule  },
  { "version",    1, dotVersion   },
  { "vfsinfo",    4, dotVfsinfo   },
  { "vfslist",    4, dotVfslist   },
  { "vfsname",    4, dotVfsname   },
  { "wal",        3, dotWal       },
  { "width",      2, dotWidth     },
  { "www",        3, dotWww       },
};

/*
** The name of the i-th command, or NULL.
*/
const char *dotName(int i){
  return i<ArraySize(aDot) ? aDot[i].zName : 0;
}

/*
** Make room for one more argument and the NULL behind it.
*/
static void dotGrow(DotLine *pDot){
  sqlite3_uint64 n;
  if( pDot->nArg+2<=pDot->nAlloc ) return;
  pDot->nAlloc = pDot->nAlloc*2 + 20;
  n = (sqlite3_uint64)pDot->nAlloc;
  pDot->azArg = shRealloc(pDot->azArg, n*sizeof(char*));
  pDot->aiOffset = shRealloc(pDot->aiOffset, n*sizeof(int));
  pDot->abQuoted = shRealloc(pDot->abQuoted, n);
}

/*
** Cut off trailing white space and one semicolon.
*/
static void trimLine(char *z){
  size_t n = strlen(z);
  while( n>0 && shIsSpace(z[n-1]) ) n--;
  if( n>0 && z[n-1]==';' ) n--;
  while( n>0 && shIsSpace(z[n-1]) ) n--;
  z[n] = 0;
}

/*
** Parse the line zLine, which begins with a dot, into pDot.  Arguments are
** separated by white space.  They may be in 'single quotes', taken as they
** are, or in "double quotes", in which backslash escapes are decoded.
*/
void dotParse(DotLine *pDot, const char *zLine){
  char *z;
  int i = 1;
  sqlite3_free(pDot->zText);
  pDot->zLine = zLine;
  pDot->zText = z = shDup(zLine);
  pDot->nArg = 0;
  trimLine(z);
  dotGrow(pDot);
  while( z[0] && z[i] ){
    char cQuote = 0;
    if( shIsSpace(z[i]) ){
      i++;
      continue;
    }
    if( z[i]=='\'' || z[i]=='"' ) cQuote = z[i++];
    dotGrow(pDot);
    pDot->azArg[pDot->nArg] = &z[i];
    pDot->aiOffset[pDot->nArg] = i;
    pDot->abQuoted[pDot->nArg] = cQuote!=0;
    while( z[i] && (cQuote ? z[i]!=cQuote : !shIsSpace(z[i])) ){
      if( z[i]=='\\' && cQuote=='"' && z[i+1] ) i++;
      i++;
    }
    if( z[i] ) z[i++] = 0;
    if( cQuote=='"' ) shUnbackslash(pDot->azArg[pDot->nArg]);
    pDot->nArg++;
  }
  pDot->azArg[pDot->nArg] = 0;
}

/*
** Free what dotParse() has allocated.
*/
void dotFree(DotLine *pDot){
  sqlite3_free(pDot->zText);
  sqlite3_free(pDot->azArg);
  sqlite3_free(pDot->aiOffset);
  sqlite3_free(pDot->abQuoted);
  memset(pDot, 0, sizeof(*pDot));
}

/*
** Where the current command comes from, as the beginning of an error
** message.  To be freed.
*/
char *dotLocation(Shell *p){
  if( p->zErrorPrefix ) return shDup(p->zErrorPrefix);
  if( p->zErrorAt ) return shDup(p->zErrorAt);
  if( p->zInput==0 || strcmp(p->zInput, "<stdin>")==0 ){
    return shPrintf("line %lld:", p->nLine);
  }
  return shPrintf("%s:%lld:", p->zInput, p->nLine);
}

/*
** Report an error of the current dot-command.
**
** If zBrief is not NULL and iArg is one of the arguments, the line is shown
** with an arrow from zBrief to that argument.  zDetail, if not NULL, is a
** format for one more line.
*/
void dotError(
  Shell *p,
  int iArg,
  const char *zBrief,
  const char *zDetail,
  ...
){
  char *zAt = dotLocation(p);
  if( zBrief && iArg>=0 && iArg<p->dot.nArg ){
    int iOffset = p->dot.aiOffset[iArg];
    int nArrow = (int)strlen(zBrief) + 5;
    fprintf(stderr, "%s %s\n", zAt, p->dot.zLine);
    if( iOffset>nArrow ){
      fprintf(stderr, "%s %*s%s ---^\n", zAt, 1+iOffset-nArrow, "", zBrief);
    }else{
      fprintf(stderr, "%s %*s^--- %s\n", zAt, iOffset, "", zBrief);
    }
  }
  if( zDetail ){
    va_list ap;
    char *zMsg;
    va_start(ap, zDetail);
    zMsg = shCheck(sqlite3_vmprintf(zDetail, ap));
    va_end(ap);
    fprintf(stderr, "%s %s\n", zAt, zMsg);
    sqlite3_free(zMsg);
  }
  sqlite3_free(zAt);
}

/*
** Report that a command has been given the wrong number of arguments.
*/
int dotUsage(const char *zUsage){
  fprintf(stderr, "Usage: %s\n", zUsage);
  return DOT_ERROR;
}

/*
** zName is too short for a command: name those that begin like it.
*/
static void dotSuggest(const char *zName){
  size_t n = strlen(zName);
  const char *zSep = "Commands that begin so: ";
  int i;
  for(i=0; i<ArraySize(aDot); i++){
    if( strncmp(zName, aDot[i].zName, n)!=0 ) continue;
    fprintf(stderr, "%s.%s", zSep, aDot[i].zName);
    zSep = ", ";
  }
  if( zSep[0]==',' ) fputc('\n', stderr);
}

/*
** Run the command that p->dot holds.
*/
static int dotRun(Shell *p){
  const char *zName = p->dot.azArg[0];
  size_t n = strlen(zName);
  int i;
  for(i=0; i<ArraySize(aDot); i++){
    if( n>=(size_t)aDot[i].nMin && strncmp(zName, aDot[i].zName, n)==0 ){
      int rc = aDot[i].xRun(p);
      if( aDot[i].xRun!=dotNonce ) safeRestore(p);
      return rc;
    }
  }
  fprintf(stderr, "Error: unknown command or invalid arguments:  \"%s\"."
                  " Enter \".help\" for help\n", zName);
  dotSuggest(zName);
  return DOT_ERROR;
}

/*
** Run the dot-command zLine.
*/
int dotCommand(Shell *p, const char *zLine){
  int rc;
  dotParse(&p->dot, zLine);
  if( p->dot.nArg==0 ) return DOT_OK;
  p->bExpert = 0;
  rc = dotRun(p);
  if( p->nOncePending>0 && --p->nOncePending==0 ) outputReset(p);
  p->dot.nArg = 0;
  return rc;
}
