/*
** The shell as a program: its command line, and the order of events.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "prompt/lineedit.h"
#include "shell.h"

/*
** What the command line says, apart from what goes into the Shell.
*/
typedef struct CmdLine CmdLine;
struct CmdLine {
  Shell *p;
  int argc;
  char **argv;
  int i;                 /* Current argument */
  int iOptionsEnd;       /* Index of "--", or argc */
  const char *zInit;     /* -init FILE */
  const char *zVfs;      /* -vfs NAME */
  int bNoInit;           /* -noinit */
  int bVfstrace;         /* -vfstrace */
  int nCommand;          /* Arguments to be run instead of stdin */
  int *aiCommand;        /* Their indexes in argv[] */
  int rc;                /* Exit code so far */
  int bDone;             /* Leave now */
};

/*
** Options.  Those that configure SQLite are applied in a first pass over the
** command line, before anything else uses SQLite; those that decide how the
** database is opened and whether there is a start-up script in a second one.
** The others come after the script, so that they overrule it.  Each function
** gets the first argument of the option, or NULL if it has none; argv[c->i]
** is the last one.
*/
static void optLookaside(CmdLine *c, char *z){
  configLookaside(z, c->argv[c->i]);
}
static void optPagecache(CmdLine *c, char *z){
  configPagecache(z, c->argv[c->i]);
}
static void optThreadsafe(CmdLine *c, char *z){
  (void)c;
  configThreadsafe(z);
}
static void optNoRowidInView(CmdLine *c, char *z){
  (void)c; (void)z;
  configNoRowidInView();
}
static void optMemtrace(CmdLine *c, char *z){
  (void)c; (void)z;
  memtraceInstall();
}
static void optPcachetrace(CmdLine *c, char *z){
  (void)c; (void)z;
  pcachetraceInstall();
}
static void optVfstrace(CmdLine *c, char *z){ (void)z; c->bVfstrace = 1; }
static void optIgnored(CmdLine *c, char *z){ (void)c; (void)z; }
static void optUnsafeTesting(CmdLine *c, char *z){
  (void)z;
  c->p->bUnsafeTesting = 1;
}
static void optInit(CmdLine *c, char *z){ c->zInit = z; }
static void optNoInit(CmdLine *c, char *z){ (void)z; c->bNoInit = 1; }
static void optVfs(CmdLine *c, char *z){ c->zVfs = z; }
static void optBail(CmdLine *c, char *z){ (void)z; c->p->bBail = 1; }
static void optSafe(CmdLine *c, char *z){
  (void)z;
  c->p->bSafe = c->p->bSafeOption = 1;
}
static void optNonce(CmdLine *c, char *z){ modeSetText(&c->p->zNonce, z); }
static void optBatch(CmdLine *c, char *z){
  (void)z;
  c->p->bInteractive = 0;
  c->p->bTerminal = 0;
  c->p->bLineEdit = 0;
}
static void optLineEdit(CmdLine *c, char *z){
  c->p->bLineEdit = shBoolean(z)!=0;
}
static void optReadonly(CmdLine *c, char *z){
  (void)z;
  c->p->openFlags &= ~(SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE);
  c->p->openFlags |= SQLITE_OPEN_READONLY;
}
static void optNoFollow(CmdLine *c, char *z){
  (void)z;
  c->p->openFlags |= SQLITE_OPEN_NOFOLLOW;
}
static void optExclusive(CmdLine *c, char *z){
  (void)z;
  c->p->openFlags |= SQLITE_OPEN_EXCLUSIVE;
}
static void optIfExists(CmdLine *c, char *z){
  (void)z;
  c->p->openFlags &= ~SQLITE_OPEN_CREATE;
  if( c->p->openFlags==0 ) c->p->openFlags = SQLITE_OPEN_READWRITE;
}
static void optAppend(CmdLine *c, char *z){
  (void)z;
  c->p->eOpen = OPEN_APPEND;
}
static void optZip(CmdLine *c, char *z){ (void)z; c->p->eOpen = OPEN_ZIP; }
static void optDeserialize(CmdLine *c, char *z){
  (void)z;
  c->p->eOpen = OPEN_COPY;
}
static void optMaxSize(CmdLine *c, char *z){ c->p->nMaxSize = shInteger(z); }
static void optMmap(CmdLine *c, char *z){
  i64 n = shInteger(z);
  (void)c;
  sqlite3_config(SQLITE_CONFIG_MMAP_SIZE, n, n);
}
static void optScreenWidth(CmdLine *c, char *z){
  int n = atoi(z);
  if( n<2 ){
    fputs("minimum --screenwidth is 2\n", stderr);
    c->rc = 1;
    c->bDone = 1;
  }
  c->p->nScreenWidth = n;
}
static void optHelp(CmdLine *c, char *z){
  (void)z;
  helpOptions(stderr, c->argv[0]);
  c->bDone = 1;
}
static void optVersion(CmdLine *c, char *z){
  (void)z;
  printf("%s %s (%d-bit)\n", sqlite3_libversion(), sqlite3_sourceid(),
         (int)sizeof(void*)*8);
  c->bDone = 1;
}
static void optInteractive(CmdLine *c, char *z){
  (void)z;
  c->p->bInteractive = 1;
}
static void optStats(CmdLine *c, char *z){ (void)z; c->p->eStats = STATS_ON; }
static void optEqp(CmdLine *c, char *z){ (void)z; c->p->eEqp = EQP_ON; }
static void optEqpFull(CmdLine *c, char *z){ (void)z; c->p->eEqp = EQP_FULL; }
static void optEcho(CmdLine *c, char *z){ (void)z; c->p->mode.bEcho = 1; }
static void optHeader(CmdLine *c, char *z){
  (void)z;
  c->p->mode.spec.bTitles = SW_ALWAYS;
  c->p->mode.bHeaderSet = 1;
}
static void optNoHeader(CmdLine *c, char *z){
  (void)z;
  c->p->mode.spec.bTitles = SW_OFF;
  c->p->mode.bHeaderSet = 1;
}
static void optSeparator(CmdLine *c, char *z){
  modeSetText(&c->p->mode.spec.zColSep, z);
}
static void optNewline(CmdLine *c, char *z){
  modeSetText(&c->p->mode.spec.zRowSep, z);
}
static void optNullvalue(CmdLine *c, char *z){
  modeSetText(&c->p->mode.spec.zNull, z);
}
static void optEscape(CmdLine *c, char *z){
  static const char *const az[] = { "auto", "off", "ascii", "symbol", 0 };
  int e = shPick(z, az);
  if( e<0 ){
    fprintf(stderr, "unknown control character escape mode \"%s\" - choices:"
                    " auto off ascii symbol\n", z);
    c->rc = 1;
    c->bDone = 1;
    return;
  }
  c->p->mode.spec.eEsc = (u8)e;
}
static void optCmd(CmdLine *c, char *z){
  if( z[0]=='.' ){
    int rc = dotCommand(c->p, z);
    if( rc==DOT_QUIT ){
      c->bDone = 1;
    }else if( rc==DOT_ERROR ){
      c->rc = 1;
    }
  }else{
    c->rc = executeText(c->p, z, AT_CMDLINE, c->i);
  }
  if( c->rc && c->p->bBail ) c->bDone = 1;
}

#define PASS_CONFIG 1
#define PASS_EARLY  2
#define PASS_LATE   3
static const struct Option {
  const char *zName;
  u8 nArg;
  u8 ePass;
  void (*xApply)(CmdLine*, char*);
} aOption[] = {
  { "append",       0, PASS_EARLY, optAppend      },
  { "bail",         0, PASS_EARLY, optBail        },
  { "batch",        0, PASS_EARLY, optBatch       },
  { "cmd",          1, PASS_LATE,  optCmd         },
  { "cmdline-edit", 1, PASS_EARLY, optLineEdit    },
  { "deserialize",  0, PASS_EARLY, optDeserialize },
  { "echo",         0, PASS_LATE,  optEcho        },
  { "eqp",          0, PASS_LATE,  optEqp         },
  { "eqpfull",      0, PASS_LATE,  optEqpFull     },
  { "escape",       1, PASS_LATE,  optEscape      },
  { "exclusive",    0, PASS_EARLY, optExclusive   },
  { "header",       0, PASS_LATE,  optHeader      },
  { "heap",         1, PASS_CONFIG, optIgnored     },
  { "help",         0, PASS_LATE,  optHelp        },
  { "ifexists",     0, PASS_EARLY, optIfExists    },
  { "init",         1, PASS_EARLY, optInit        },
  { "interactive",  0, PASS_LATE,  optInteractive },
  { "lookaside",    2, PASS_CONFIG, optLookaside   },
  { "maxsize",      1, PASS_EARLY, optMaxSize     },
  { "memtrace",     0, PASS_CONFIG, optMemtrace    },
  { "mmap",         1, PASS_CONFIG, optMmap        },
  { "newline",      1, PASS_LATE,  optNewline     },
  { "no-rowid-in-view", 0, PASS_CONFIG, optNoRowidInView },
  { "no-utf8",      0, PASS_CONFIG, optIgnored     },
  { "nofollow",     0, PASS_EARLY, optNoFollow    },
  { "noheader",     0, PASS_LATE,  optNoHeader    },
  { "noinit",       0, PASS_EARLY, optNoInit      },
  { "nonce",        1, PASS_EARLY, optNonce       },
  { "nullvalue",    1, PASS_LATE,  optNullvalue   },
  { "pagecache",    2, PASS_CONFIG, optPagecache   },
  { "pcachetrace",  0, PASS_CONFIG, optPcachetrace },
  { "readonly",     0, PASS_EARLY, optReadonly    },
  { "safe",         0, PASS_EARLY, optSafe        },
  { "scanstats",    0, PASS_LATE,  optIgnored     },
  { "screenwidth",  1, PASS_EARLY, optScreenWidth },
  { "separator",    1, PASS_LATE,  optSeparator   },
  { "stats",        0, PASS_LATE,  optStats       },
  { "threadsafe",   1, PASS_CONFIG, optThreadsafe  },
  { "unsafe-testing", 0, PASS_EARLY, optUnsafeTesting },
  { "utf8",         0, PASS_CONFIG, optIgnored     },
  { "version",      0, PASS_LATE,  optVersion     },
  { "vfs",          1, PASS_EARLY, optVfs         },
  { "vfstrace",     0, PASS_EARLY, optVfstrace    },
  { "zip",          0, PASS_EARLY, optZip         },
};

/*
** Modes that are options as well.
*/
static const char *const azModeOption[] = {
  "ascii", "box", "column", "csv", "html", "json", "line", "list", "markdown",
  "psql", "quote", "table", "tabs", 0
};

/*
** Return the option that z, which begins with a dash, spells, or NULL.
*/
static const struct Option *findOption(const char *z){
  int i;
  for(i=0; i<ArraySize(aOption); i++){
    if( shOption(z, aOption[i].zName) ) return &aOption[i];
  }
  return 0;
}

/*
** If z is a mode, change to it and return true.
*/
static int modeOption(CmdLine *c, const char *z, int bApply){
  const char *zName = &z[z[1]=='-' ? 2 : 1];
  if( shPick(zName, azModeOption)<0 ) return 0;
  if( bApply ){
    modeChange(c->p, modeFind(c->p, zName));
    if( strcmp(zName, "csv")==0 ) modeSetLimits(c->p, "off");
  }
  return 1;
}

/*
** Apply the current argument, which is an option, if it belongs to ePass.
** The last argument of the option, if any, becomes the current one.
*/
static void applyOption(CmdLine *c, int ePass){
  const char *z = c->argv[c->i];
  const struct Option *pOption = findOption(z);
  char *zArg = 0;
  if( pOption==0 ){
    if( modeOption(c, z, ePass==PASS_LATE) || ePass!=PASS_LATE ) return;
    fprintf(stderr, "%s: Error: unknown option: %s\n"
                    "Use -help for a list of options.\n",
            c->argv[0], z[1]=='-' ? &z[1] : z);
    c->rc = 1;
    c->bDone = 1;
    return;
  }
  if( pOption->nArg ){
    if( c->i+pOption->nArg>=c->argc ){
      fprintf(stderr, "%s: Error: missing argument to %s\n", c->argv[0], z);
      c->rc = 1;
      c->bDone = 1;
      return;
    }
    zArg = c->argv[c->i+1];
    c->i += pOption->nArg;
  }
  if( pOption->ePass==ePass ) pOption->xApply(c, zArg);
}

/*
** True if zFile is a script: a file with a name for SQL or text that is not
** a database.
*/
static int isScript(const char *zFile){
  struct stat x;
  char zHeader[16];
  FILE *f;
  int bDatabase;
  if( sqlite3_strlike("%.sql", zFile, 0) && sqlite3_strlike("%.txt", zFile, 0)
  ){
    return 0;
  }
  if( stat(zFile, &x)!=0 || !S_ISREG(x.st_mode) || x.st_size==0 ) return 0;
  f = fopen(zFile, "rb");
  if( f==0 ) return 0;
  bDatabase = fread(zHeader, 1, 16, f)==16
           && memcmp(zHeader, "SQLite format 3", 16)==0;
  fclose(f);
  return !bDatabase;
}

/*
** An argument that is no option: the database, or else a command.  With
** commands there is no session to be had.
*/
static void addArgument(CmdLine *c, char *z){
  if( c->p->zDbFile==0 && !isScript(z) ){
    c->p->zDbFile = shDup(z);
    return;
  }
  c->p->bInteractive = 0;
  c->aiCommand = shRealloc(c->aiCommand,
                           (sqlite3_uint64)(c->nCommand+1)*sizeof(int));
  c->aiCommand[c->nCommand++] = c->i;
}

/*
** -A: run ".archive" with the rest of the command line, which may begin right
** behind the letter.
*/
static void runArchive(CmdLine *c){
  Shell *p = c->p;
  char *z = c->argv[c->i];
  char *zAt = shPrintf("argv[%d]:", c->i);
  if( z[1]=='-' ) z++;
  c->bDone = 1;
  if( c->nCommand>0 ){
    fprintf(stderr, "Error: cannot mix regular SQL or dot-commands with"
                    " \"%s\"\n", z);
    c->rc = 1;
  }else{
    if( p->eOpen==OPEN_GUESS ) p->eOpen = (u8)fileType(p->zDbFile, 1);
    if( z[2] ) c->argv[c->i--] = &z[2];
    p->zErrorAt = zAt;
    c->rc = archiveRun(p, &c->argv[c->i+1], c->argc-c->i-1, 1)!=DOT_OK;
    p->zErrorAt = 0;
  }
  sqlite3_free(zAt);
}

/*
** Go through the command line.
*/
static void passOver(CmdLine *c, int ePass){
  for(c->i=1; c->i<c->argc && !c->bDone; c->i++){
    char *z = c->argv[c->i];
    if( z[0]!='-' || c->i>c->iOptionsEnd ){
      if( ePass==PASS_EARLY ) addArgument(c, z);
    }else if( strcmp(z, "--")==0 ){
      c->iOptionsEnd = c->i;
    }else if( strncmp(z[1]=='-' ? &z[1] : z, "-A", 2)==0 ){
      if( ePass==PASS_LATE ) runArchive(c);
      break;
    }else{
      applyOption(c, ePass);
    }
  }
}

/*
** Make zVfs the default.
*/
static void useVfs(CmdLine *c){
  sqlite3_vfs *pVfs;
  if( c->zVfs==0 ) return;
  pVfs = sqlite3_vfs_find(c->zVfs);
  if( pVfs ){
    sqlite3_vfs_register(pVfs, 1);
  }else{
    fprintf(stderr, "no such VFS: \"%s\"\n", c->zVfs);
    c->rc = 1;
    c->bDone = 1;
  }
}

/*
** Run the start-up script.
*/
static void runConfig(CmdLine *c){
  Shell *p = c->p;
  char *zFile;
  if( c->zInit==0 && c->bNoInit ) return;
  zFile = c->zInit ? shDup(c->zInit) : configFile();
  if( zFile==0 ) return;
  if( access(zFile, R_OK)==0 ){
    if( p->bInteractive ){
      fprintf(stderr, "-- Loading resources from %s\n", zFile);
    }
    if( inputFile(p, zFile)!=0 ) c->rc = 1;
  }else if( c->zInit ){
    fprintf(stderr, "cannot open: \"%s\"\n", zFile);
    c->rc = 1;
  }
  sqlite3_free(zFile);
  if( c->rc && p->bBail ) c->bDone = 1;
  c->rc = c->bDone;
}

/*
** Run the argument argv[i].  Return the number of errors, or -1 to leave.
*/
static int runArgument(Shell *p, char *z, int i){
  char *zAt;
  int rc;
  inputEcho(p, z);
  if( isScript(z) ) return inputFile(p, z)!=0;
  if( z[0]!='.' ){
    rc = executeText(p, z, AT_CMDLINE, i);
    if( p->bModeOnce ){
      modePop(p);
      p->bModeOnce = 0;
    }
    if( p->nOncePending ){
      outputReset(p);
      p->nOncePending = 0;
    }
    return rc;
  }
  zAt = shPrintf("argv[%d]:", i);
  p->zInput = "<cmdline>";
  p->zErrorAt = zAt;
  rc = dotCommand(p, z);
  p->zErrorAt = 0;
  sqlite3_free(zAt);
  return rc==DOT_QUIT ? -1 : rc!=DOT_OK;
}

/*
** Run the commands of the command line, up to the first that fails.
*/
static void runArguments(CmdLine *c){
  int i;
  for(i=0; i<c->nCommand; i++){
    int iArg = c->aiCommand[i];
    int rc = runArgument(c->p, c->argv[iArg], iArg);
    c->rc = rc>0;
    if( rc ) break;
  }
}

/*
** Greet a person.
*/
static void showBanner(int bMemory){
  printf("SQLite version %s %.19s\n"
         "Enter \".help\" for usage hints.\n",
         sqlite3_libversion(), sqlite3_sourceid());
  if( bMemory ){
    int bPlain = !shColor(1);
    printf("Connected to a %stransient in-memory database%s.\n"
           "Use \".open FILENAME\" to reopen on a persistent database.\n",
           bPlain ? "" : "\033[1;36m\033[3m", bPlain ? "" : "\033[0m");
  }
}

/*
** Run what stdin says.
*/
static void runStdin(CmdLine *c){
  Shell *p = c->p;
  if( p->bInteractive ){
    showBanner(c->argc==1);
    p->in = 0;
    databaseOpen(p, OPEN_OR_EXIT);
  }else{
    p->in = stdin;
  }
  c->rc = inputProcess(p, "<stdin>");
}

/*
** The sqlite3_log() callback.
*/
static void logMessage(void *pArg, int iCode, const char *zMsg){
  Shell *p = (Shell*)pArg;
  if( p->pLog==0 || p->bAsking ) return;
  fprintf(p->pLog, "(%d) %s\n", iCode, zMsg);
  fflush(p->pLog);
}

/*
** Set up everything, before SQLite is initialized.
*/
void shellInit(Shell *p){
  memset(p, 0, sizeof(*p));
  setvbuf(stderr, 0, _IONBF, 0);
  p->out = stdout;
  p->bInteractive = isatty(0)!=0;
  p->bTerminal = isatty(1)!=0;
  if( !p->bTerminal ) outputBuffer(stdout);
  p->bLineEdit = p->bInteractive && p->bTerminal && !shDumbTerminal();
  signalInit();
  sqlite3_config(SQLITE_CONFIG_URI, 1);
  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  sqlite3_config(SQLITE_CONFIG_LOG, logMessage, p);
}

/*
** Close and free everything.
*/
void shellDestroy(Shell *p){
  int i;
  outputReset(p);
  connectionCloseAll(p);
  seawall_edit_close(p->pEditor);
  while( p->nModeStack ) modePop(p);
  sqlite3_free(p->aModeStack);
  modeFree(&p->mode);
  for(i=0; i<p->nSaved; i++){
    sqlite3_free(p->aSaved[i].zName);
    modeFree(&p->aSaved[i].mode);
  }
  sqlite3_free(p->aSaved);
  sqlite3_free(p->azPrompt[0]);
  sqlite3_free(p->azPrompt[1]);
  sqlite3_free(p->zDbFile);
  sqlite3_free(p->zNonce);
  sqlite3_free(p->zTestcase);
  sqlite3_free(p->zErrorPrefix);
  sqlite3_free(p->zAuthDeny);
  sqlite3_free(p->zAuthIgnore);
  dotFree(&p->dot);
  outputClose(p, p->pLog, ".log");
  p->pLog = 0;
  outputClose(p, p->pTrace, ".trace");
  p->pTrace = 0;
}

/*
** The order of events.
*/
static void shellRun(CmdLine *c){
  Shell *p = c->p;
  passOver(c, PASS_CONFIG);
  passOver(c, PASS_EARLY);
  if( c->bDone ) return;
  sqlite3_initialize();
  useVfs(c);
  if( c->bDone ) return;
  apndvfsRegister();
  if( c->bVfstrace ) vfstraceInstall(p);
  if( p->zDbFile==0 ) p->zDbFile = shDup(":memory:");
  modeDefault(p);
  /* A file that does not exist is not created before there is a need: the
  ** name may be a mistake. */
  if( access(p->zDbFile, F_OK)==0 ) databaseOpen(p, OPEN_OR_EXIT);
  runConfig(c);
  if( !c->bDone ) passOver(c, PASS_LATE);
  if( c->bDone ) return;
  if( c->nCommand ){
    runArguments(c);
  }else{
    runStdin(c);
  }
}

/*
** The entry point.  Return the exit code.
*/
int seawall_shell_main(int argc, char **argv){
  Shell shell;
  CmdLine cmd;
  memset(&cmd, 0, sizeof(cmd));
  shellInit(&shell);
  cmd.p = &shell;
  cmd.argc = argc;
  cmd.argv = argv;
  cmd.iOptionsEnd = argc;
  shellRun(&cmd);
  shellDestroy(&shell);
  if( shell.nTest ){
    printf("%d test%s run with %d error%s\n",
           shell.nTest, shell.nTest==1 ? "" : "s",
           shell.nTestErr, shell.nTestErr==1 ? "" : "s");
    cmd.rc = shell.nTestErr>0;
  }
  sqlite3_free(cmd.aiCommand);
  outputFinish(&shell);
  return cmd.rc ? cmd.rc : shell.bWriteError;
}
