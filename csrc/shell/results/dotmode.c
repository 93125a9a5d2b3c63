/*
** ".mode": choosing how results are shown, in every detail.
*/
#include <string.h>
#include "shell.h"

/* Names of TEXT_*, BLOB_*, ESC_* and SW_* values. */
static const char *const azQuote[] = {
  "off", "on", "sql", "csv", "html", "tcl", "json", "relaxed", 0
};
static const char *const azQuoteSwitch[] = { "no", "yes", "0", "1", 0 };
static const char *const azText[] = {
  "off", "off", "sql", "csv", "html", "tcl", "json", "relaxed"
};
static const char *const azBlob[] = {
  "auto", "text", "sql", "hex", "tcl", "json", "size", 0
};
static const char *const azEsc[] = { "auto", "off", "ascii", "symbol", 0 };
static const char *const azBorder[] = { "auto", "off", "on", 0 };
static const char *const azTitle[] = {
  "off", "on", "always", "auto", "plain", "sql", "csv", "html", "tcl", "json", 0
};
#define TITLE_AUTO   3        /* Index of "auto" in azTitle[] */
#define TITLE_PLAIN  4        /* Index of "plain" */

/*
** A run of ".mode".
*/
typedef struct ModeRun ModeRun;
struct ModeRun {
  Shell *p;
  RenderSpec *pSpec;     /* &p->mode.spec */
  int i;                 /* Current argument */
  int iMode;             /* Argument that named the mode, or 0 */
  int bChanged;          /* Something has been set */
  int bVerbose;          /* Show every setting */
};

/*
** Report what is wrong with the current argument.
*/
static int modeError(ModeRun *r, const char *zBrief, const char *zDetail){
  dotError(r->p, r->i, zBrief, zDetail ? "%s" : 0, zDetail);
  return DOT_ERROR;
}

/*
** Set *pe to the index of the current argument in azChoice[].
*/
static int setChoice(ModeRun *r, u8 *pe, const char *const *azChoice,
                     const char *zBrief){
  const char *z = r->p->dot.azArg[r->i];
  sqlite3_str *pStr;
  char *zDetail;
  int e = shPick(z, azChoice);
  if( e>=0 ){
    *pe = (u8)e;
    return DOT_OK;
  }
  pStr = sqlite3_str_new(0);
  sqlite3_str_appendall(pStr, "should be");
  for(e=0; azChoice[e]; e++){
    sqlite3_str_appendf(pStr, "%s %s",
        e==0 ? "" : azChoice[e+1] ? "," : ", or", azChoice[e]);
  }
  zDetail = shFinish(pStr);
  modeError(r, zBrief, zDetail);
  sqlite3_free(zDetail);
  return DOT_ERROR;
}

/*
** Set *pn to the current argument, from 0 to nMax.
*/
static int setNumber(ModeRun *r, int *pn, int nMax){
  const char *z = r->p->dot.azArg[r->i];
  i64 n = shInteger(z);
  if( !shIsNumber(z) ) return modeError(r, "not a number", 0);
  *pn = n<0 ? 0 : n>nMax ? nMax : (int)n;
  return DOT_OK;
}

/*
** Set a switch.
*/
static void setSwitch(ModeRun *r, u8 *pb){
  *pb = shBoolean(r->p->dot.azArg[r->i]) ? SW_ON : SW_OFF;
}

/*
** --align: a letter for each column.
*/
static int setAlign(ModeRun *r){
  static const char zLetter[] = "LlCcRr";
  const char *z = r->p->dot.azArg[r->i];
  size_t n = strlen(z);
  size_t k;
  if( n>RENDER_WIDTH_MAX || strspn(z, zLetter)!=n ){
    return modeError(r, "bad alignment string",
                     "Should contain only characters L, C, and R.");
  }
  r->pSpec->aAlign = shRealloc(r->pSpec->aAlign, n);
  for(k=0; k<n; k++){
    r->pSpec->aAlign[k] = (u8)(ALIGN_LEFT + (strchr(zLetter, z[k])-zLetter)/2);
  }
  r->pSpec->nAlign = (int)n;
  return DOT_OK;
}

/*
** --widths: a list of numbers.
*/
static int setWidths(ModeRun *r){
  const char *z = r->p->dot.azArg[r->i];
  int *an = shRealloc(0, (strlen(z)+1)*sizeof(int));
  int nWidth = 0;
  const char *zError = 0;
  while( shIsSpace(z[0]) ) z++;
  while( z[0] && zError==0 ){
    int bMinus = z[0]=='-';
    int w = 0;
    z += bMinus;
    if( !shIsDigit(z[0]) ) zError = "should be a comma-separated list of integers";
    for(; shIsDigit(z[0]) && zError==0; z++){
      w = w*10 + z[0] - '0';
      if( w>RENDER_WIDTH_MAX ) zError = "a column cannot be that wide";
    }
    an[nWidth++] = bMinus ? -w : w;
    if( z[0]==',' ) z++;
    while( shIsSpace(z[0]) ) z++;
  }
  if( zError ){
    sqlite3_free(an);
    return modeError(r, "bad width", zError);
  }
  sqlite3_free(r->pSpec->aWidth);
  r->pSpec->aWidth = an;
  r->pSpec->nWidth = nWidth;
  return DOT_OK;
}

/*
** --ifmt, --fpfmt: a format as printf() has it, with one conversion, for which
** zLetters are possible; "auto" or nothing for none.
*/
#define FORMAT_MAX  40        /* Width and precision have to be sensible, too */
static int setFormat(ModeRun *r, char **pz, const char *zLetters,
                     const char *zBrief){
  const char *z = r->p->dot.azArg[r->i];
  size_t n = strcspn(z, "%");
  int nWidth = 0, nPrecision = 0;
  if( z[0]==0 || strcmp(z, "auto")==0 ){
    modeSetText(pz, 0);
    return DOT_OK;
  }
  if( z[n] ) n++;
  n += strspn(&z[n], "-+ 0#,!");
  for(; shIsDigit(z[n]) && nWidth<1000; n++) nWidth = nWidth*10 + z[n]-'0';
  if( z[n]=='.' ) n++;
  for(; shIsDigit(z[n]) && nPrecision<1000; n++){
    nPrecision = nPrecision*10 + z[n]-'0';
  }
  if( z[n]==0 || strchr(zLetters, z[n])==0 || strchr(&z[n], '%')
   || strlen(z)>FORMAT_MAX || nWidth>=1000 || nPrecision>=1000
  ){
    return modeError(r, zBrief, 0);
  }
  modeSetText(pz, z);
  return DOT_OK;
}

/*
** --screenwidth: a number, "off" or "auto".
*/
static void setScreenWidth(ModeRun *r){
  const char *z = r->p->dot.azArg[r->i];
  r->p->mode.bAutoWidth = strcmp(z, "auto")==0;
  if( !r->p->mode.bAutoWidth ){
    setNumber(r, &r->pSpec->nScreenWidth, RENDER_WIDTH_MAX);
  }
}

/*
** --titles: whether to show titles, and how to quote them.
*/
static int setTitles(ModeRun *r){
  const RenderMode *pInfo = modeInfo(r->p->mode.eMode);
  u8 e = 0;
  if( setChoice(r, &e, azTitle, "bad --titles value") ) return DOT_ERROR;
  r->p->mode.bHeaderSet = 0;
  if( e<TITLE_AUTO ){
    r->pSpec->bTitles = (u8)(SW_OFF + e);
  }else if( e==TITLE_AUTO ){
    r->pSpec->eTitle = pInfo->eTitle;
    r->pSpec->bTitles = pInfo->bTitles;
  }else{
    r->pSpec->eTitle = (u8)(TEXT_PLAIN + e - TITLE_PLAIN);
    if( r->pSpec->bTitles==SW_OFF ) r->pSpec->bTitles = SW_ALWAYS;
  }
  return DOT_OK;
}

/*
** --tag: save the mode under a name.
*/
#define SAVED_MAX  26
static int setTag(ModeRun *r){
  Shell *p = r->p;
  const char *z = p->dot.azArg[r->i];
  if( modeFind(p, z)>=0 ) return modeError(r, "mode already exists", 0);
  if( p->nSaved>=SAVED_MAX ) return modeError(r, "cannot add more modes", 0);
  p->aSaved = shRealloc(p->aSaved,
                        (sqlite3_uint64)(p->nSaved+1)*sizeof(SavedMode));
  p->aSaved[p->nSaved].zName = shDup(z);
  modeCopy(&p->aSaved[p->nSaved].mode, &p->mode);
  p->nSaved++;
  return DOT_OK;
}

/*
** Options with an argument.
*/
enum {
  OPT_ALIGN, OPT_BLOB, OPT_BORDER, OPT_CHARLIMIT, OPT_COLSEP, OPT_ESCAPE,
  OPT_FPFMT, OPT_IFMT, OPT_LIMITS, OPT_LINELIMIT, OPT_MULTIINSERT, OPT_NULL, OPT_ROWCOUNT,
  OPT_ROWSEP, OPT_SCREENWIDTH, OPT_TABLENAME, OPT_TAG, OPT_TEXTJSONB,
  OPT_TITLELIMIT, OPT_TITLES, OPT_WIDTHS, OPT_WORDWRAP, OPT_WRAP
};
static const struct { const char *zName; int e; } aOption[] = {
  { "align",        OPT_ALIGN       },
  { "blob",         OPT_BLOB        },
  { "blob-quote",   OPT_BLOB        },
  { "border",       OPT_BORDER      },
  { "charlimit",    OPT_CHARLIMIT   },
  { "colsep",       OPT_COLSEP      },
  { "escape",       OPT_ESCAPE      },
  { "fpfmt",        OPT_FPFMT       },
  { "ifmt",         OPT_IFMT        },
  { "limits",       OPT_LIMITS      },
  { "linelimit",    OPT_LINELIMIT   },
  { "multiinsert",  OPT_MULTIINSERT },
  { "null",         OPT_NULL        },
  { "rowcount",     OPT_ROWCOUNT    },
  { "rowsep",       OPT_ROWSEP      },
  { "screenwidth",  OPT_SCREENWIDTH },
  { "sw",           OPT_SCREENWIDTH },
  { "tablename",    OPT_TABLENAME   },
  { "tag",          OPT_TAG         },
  { "textjsonb",    OPT_TEXTJSONB   },
  { "titlelimit",   OPT_TITLELIMIT  },
  { "title",        OPT_TITLES      },
  { "titles",       OPT_TITLES      },
  { "width",        OPT_WIDTHS      },
  { "widths",       OPT_WIDTHS      },
  { "wordwrap",     OPT_WORDWRAP    },
  { "wrap",         OPT_WRAP        },
};

/*
** Apply an option whose argument is the current one.
*/
static int applyOption(ModeRun *r, int e){
  RenderSpec *pSpec = r->pSpec;
  char *z = r->p->dot.azArg[r->i];
  int n = 0;
  switch( e ){
    case OPT_ALIGN:       return setAlign(r);
    case OPT_BLOB:        return setChoice(r, &pSpec->eBlob, azBlob,
                                           "unknown blob quoting");
    case OPT_BORDER:      return setChoice(r, &pSpec->bBorder, azBorder,
                                           "bad --border value");
    case OPT_ESCAPE:      return setChoice(r, &pSpec->eEsc, azEsc,
                                           "unknown escape type");
    case OPT_FPFMT:       return setFormat(r, &pSpec->zFpFormat, "fFeEgG",
                                    "not a valid floating-point format");
    case OPT_IFMT:        return setFormat(r, &pSpec->zIntFormat, "diuxXo",
                                           "not a valid integer format");
    case OPT_TAG:         return setTag(r);
    case OPT_TITLES:      return setTitles(r);
    case OPT_WIDTHS:      return setWidths(r);
    case OPT_CHARLIMIT:   return setNumber(r, &pSpec->nCharLimit, 0x7fffffff);
    case OPT_LINELIMIT:   return setNumber(r, &pSpec->nLineLimit, 0x7fffffff);
    case OPT_TITLELIMIT:  return setNumber(r, &pSpec->nTitleLimit, 0x7fffffff);
    case OPT_WRAP:        return setNumber(r, &pSpec->nWrap, RENDER_WIDTH_MAX);
    case OPT_MULTIINSERT:
      if( setNumber(r, &n, 0x7fffffff) ) return DOT_ERROR;
      pSpec->nMultiInsert = (unsigned)n;
      break;
    case OPT_COLSEP:      modeSetText(&pSpec->zColSep, z);               break;
    case OPT_ROWSEP:      modeSetText(&pSpec->zRowSep, z);               break;
    case OPT_NULL:        modeSetText(&pSpec->zNull, z);                 break;
    case OPT_TABLENAME:   modeSetText(&pSpec->zTable, z);                break;
    case OPT_SCREENWIDTH: setScreenWidth(r);                             break;
    case OPT_ROWCOUNT:    setSwitch(r, &pSpec->bRowCount);               break;
    case OPT_TEXTJSONB:   setSwitch(r, &pSpec->bTextJsonb);              break;
    case OPT_WORDWRAP:    setSwitch(r, &pSpec->bWordWrap);               break;
    case OPT_LIMITS:
      if( modeSetLimits(r->p, z) ){
        return modeError(r, "bad argument", "Should be \"on\" or \"off\" or"
          " \"L,C,T\" where L, C, and T are unsigned integers");
      }
      break;
  }
  return DOT_OK;
}

/*
** --quote, which may or may not have an argument.
*/
static int applyQuote(ModeRun *r){
  Shell *p = r->p;
  const char *z = r->i+1<p->dot.nArg ? p->dot.azArg[r->i+1] : 0;
  u8 e = 1;
  if( z && z[0]!='-'
   && (r->iMode || strcmp(z,"off")==0 || modeFind(p, z)<0) ){
    int k = shPick(z, azQuoteSwitch);
    r->i++;
    if( k>=0 ){
      e = k&1;
    }else if( setChoice(r, &e, azQuote, "unknown") ){
      return DOT_ERROR;
    }
  }
  if( e==1 ) modeSetText(&r->pSpec->zNull, "NULL");
  r->pSpec->eText = e==0 ? TEXT_PLAIN : e==1 ? TEXT_SQL : e;
  return DOT_OK;
}

/*
** Options without an argument.  Return -1 if the current argument is none.
*/
static int applyFlag(ModeRun *r){
  Shell *p = r->p;
  const char *z = p->dot.azArg[r->i];
  if( shOption(z, "list") ){
    modeList(p, p->out);
  }else if( shOption(z, "noquote") ){
    r->pSpec->eText = TEXT_PLAIN;
    r->pSpec->eBlob = BLOB_AUTO;
  }else if( shOption(z, "ww") ){
    r->pSpec->bWordWrap = SW_ON;
  }else if( shOption(z, "quote") ){
    if( applyQuote(r) ) return DOT_ERROR;
  }else if( shOption(z, "reset") ){
    int eMode = p->mode.eMode;
    modeFree(&p->mode);
    modeChange(p, eMode);
    return DOT_OK;
  }else if( shOption(z, "once") ){
    modePush(p);
    p->bModeOnce = 1;
    return DOT_OK;
  }else if( shOption(z, "v") || shOption(z, "verbose") ){
    r->bVerbose = 1;
    return DOT_OK;
  }else{
    return -1;
  }
  r->bChanged = 1;
  return DOT_OK;
}

/*
** The current argument does not begin with a dash: a mode, perhaps followed
** by a table name.
*/
static int applyMode(ModeRun *r){
  Shell *p = r->p;
  int eMode = r->iMode ? -1 : modeFind(p, p->dot.azArg[r->i]);
  if( eMode<0 ){
    return modeError(r, r->iMode ? "bad argument" : "unknown mode",
                     "Use \".help .mode\" for more info");
  }
  r->iMode = r->i;
  r->bChanged = 1;
  modeChange(p, eMode);
  if( r->i+1<p->dot.nArg && p->dot.azArg[r->i+1][0]!='-' ){
    r->i++;
    modeSetText(&r->pSpec->zTable, p->dot.azArg[r->i]);
  }
  return DOT_OK;
}

/*
** Apply the current argument.
*/
static int applyArg(ModeRun *r){
  Shell *p = r->p;
  const char *z = p->dot.azArg[r->i];
  int rc, k;
  if( z[0]!='-' ) return applyMode(r);
  rc = applyFlag(r);
  if( rc>=0 ) return rc;
  for(k=0; k<ArraySize(aOption); k++){
    if( !shOption(z, aOption[k].zName) ) continue;
    if( r->i+1>=p->dot.nArg ) return modeError(r, "missing argument", 0);
    r->i++;
    r->bChanged = 1;
    return applyOption(r, aOption[k].e);
  }
  return modeError(r, "bad option", "Use \".help .mode\" for more info");
}

/*
** Append an option with a text argument if the text is not what the mode
** would set.
*/
static void describeText(sqlite3_str *pStr, int bAll, const char *zOption,
                         const char *zDefault, const char *z){
  if( !bAll && (zDefault==0 || strcmp(zDefault, z ? z : "")==0) ) return;
  sqlite3_str_appendf(pStr, " --%s ", zOption);
  shAppendCString(pStr, z);
}

/*
** Append an option with a word as argument if bShow.
*/
static void describeWord(sqlite3_str *pStr, int bShow, const char *zOption,
                         const char *zWord){
  if( bShow ) sqlite3_str_appendf(pStr, " --%s %s", zOption, zWord);
}
static const char *onOff(u8 b){
  return b==SW_ON ? "on" : "off";
}

/*
** Append --ifmt or --fpfmt.
*/
static void describeFormat(sqlite3_str *pStr, int bAll, const char *zOption,
                           const char *z){
  describeWord(pStr, bAll || z, zOption, z ? z : "auto");
}

/*
** Append --limits.
*/
static void describeLimits(sqlite3_str *pStr, const RenderSpec *pSpec,
                           int bAll, int eShape){
  if( !bAll && pSpec->nCharLimit<=0
   && (eShape==SHAPE_ROWS || (pSpec->nLineLimit<=0 && pSpec->nTitleLimit<=0))
  ){
    return;
  }
  if( pSpec->nLineLimit==0 && pSpec->nCharLimit==0 && pSpec->nTitleLimit==0 ){
    sqlite3_str_appendall(pStr, " --limits off");
  }else if( pSpec->nLineLimit==5 && pSpec->nCharLimit==300
         && pSpec->nTitleLimit==20 ){
    sqlite3_str_appendall(pStr, " --limits on");
  }else{
    sqlite3_str_appendf(pStr, " --limits %d,%d,%d", pSpec->nLineLimit,
                        pSpec->nCharLimit, pSpec->nTitleLimit);
  }
}

/*
** Append --titles.
*/
static void describeTitles(sqlite3_str *pStr, const RenderSpec *pSpec,
                           int bAll, const RenderMode *pInfo){
  static const char *const azShow[] = { "auto", "off", "on", "always" };
  u8 eTitle = pSpec->eTitle ? pSpec->eTitle : pInfo->eTitle;
  u8 bTitles = pSpec->bTitles ? pSpec->bTitles : pInfo->bTitles;
  if( pInfo->bTitles==SW_AUTO ) return;
  if( eTitle!=pInfo->eTitle && bTitles!=SW_OFF ){
    sqlite3_str_appendf(pStr, " --titles %s", azTitle[TITLE_PLAIN+eTitle-1]);
    if( bTitles==SW_ALWAYS ) sqlite3_str_appendall(pStr, " --titles always");
  }else if( bAll || bTitles!=pInfo->bTitles ){
    sqlite3_str_appendf(pStr, " --titles %s", azShow[bTitles]);
  }
}

/*
** Append --align and --widths.
*/
static void describeColumns(sqlite3_str *pStr, const RenderSpec *pSpec,
                            int bAll, int eShape){
  int i;
  if( bAll || (pSpec->nAlign>0 && eShape==SHAPE_COLUMNS) ){
    sqlite3_str_appendall(pStr, " --align \"");
    for(i=0; i<pSpec->nAlign; i++){
      sqlite3_str_appendchar(pStr, 1, "LLCR"[pSpec->aAlign[i]]);
    }
    sqlite3_str_appendall(pStr, "\"");
  }
  if( pSpec->nWidth>0 && (bAll || eShape==SHAPE_COLUMNS) ){
    for(i=0; i<pSpec->nWidth; i++){
      sqlite3_str_appendf(pStr, "%s%d", i ? "," : " --widths ",
                          pSpec->aWidth[i]);
    }
  }else if( bAll ){
    sqlite3_str_appendall(pStr, " --widths \"\"");
  }
}

/*
** Append --wrap and --wordwrap.
*/
static void describeWrap(sqlite3_str *pStr, const RenderSpec *pSpec,
                         int bAll, int eShape){
  if( !bAll && eShape==SHAPE_ROWS ) return;
  describeWord(pStr, bAll || pSpec->bWordWrap==SW_OFF, "wordwrap",
               onOff(pSpec->bWordWrap));
  if( pSpec->nWrap ) sqlite3_str_appendf(pStr, " --wrap %d", pSpec->nWrap);
  if( !bAll && pSpec->bWordWrap==SW_ON ) sqlite3_str_appendall(pStr, " --ww");
}

/*
** Show the command that would set the current mode.
*/
static void modeDescribe(Shell *p, int bAll){
  const RenderMode *pInfo = modeInfo(p->mode.eMode);
  const RenderSpec *pSpec = &p->mode.spec;
  sqlite3_str *pStr = sqlite3_str_new(0);
  int bNoBorder = pSpec->bBorder==SW_OFF;
  char *z;
  if( p->bModeOnce ) sqlite3_str_appendall(pStr, "--once ");
  sqlite3_str_appendall(pStr, pInfo->zName);
  describeColumns(pStr, pSpec, bAll, pInfo->eShape);
  describeWord(pStr, bAll || bNoBorder!=(pInfo->mFlags & MODEFLAG_NOBORDER),
               "border", bNoBorder ? "off" : "on");
  describeWord(pStr, bAll || pSpec->eBlob!=BLOB_AUTO, "blob-quote",
               azBlob[pSpec->eBlob]);
  describeText(pStr, bAll, "colsep", pInfo->zColSep, pSpec->zColSep);
  describeWord(pStr, bAll || pSpec->eEsc!=ESC_AUTO, "escape",
               azEsc[pSpec->eEsc]);
  describeFormat(pStr, bAll, "fpfmt", pSpec->zFpFormat);
  describeFormat(pStr, bAll, "ifmt", pSpec->zIntFormat);
  describeLimits(pStr, pSpec, bAll, pInfo->eShape);
  if( bAll || (pSpec->nMultiInsert && pSpec->eStyle==STYLE_INSERT) ){
    sqlite3_str_appendf(pStr, " --multiinsert %u", pSpec->nMultiInsert);
  }
  describeText(pStr, bAll, "null", pInfo->zNull, pSpec->zNull);
  describeWord(pStr, bAll || (pSpec->eText!=pInfo->eText
                              && (pSpec->eText>1 || pInfo->eText>1)),
               "quote", azText[pSpec->eText]);
  describeWord(pStr, bAll || pSpec->bRowCount==SW_ON, "rowcount",
               onOff(pSpec->bRowCount));
  describeText(pStr, bAll, "rowsep", pInfo->zRowSep, pSpec->zRowSep);
  if( bAll || (pInfo->eShape!=SHAPE_ROWS
               && (pSpec->nScreenWidth>0 || p->mode.bAutoWidth)) ){
    if( p->mode.bAutoWidth ){
      sqlite3_str_appendall(pStr, " --sw auto");
    }else{
      sqlite3_str_appendf(pStr, " --sw %d", pSpec->nScreenWidth);
    }
  }
  if( bAll || p->mode.eMode==MODE_INSERT ){
    sqlite3_str_appendall(pStr, " --tablename ");
    shAppendCString(pStr, pSpec->zTable);
  }
  describeWord(pStr, bAll || pSpec->bTextJsonb, "textjsonb",
               onOff(pSpec->bTextJsonb));
  describeTitles(pStr, pSpec, bAll, pInfo);
  describeWrap(pStr, pSpec, bAll, pInfo->eShape);
  z = shFinish(pStr);
  fprintf(p->out, ".mode %s\n", z);
  sqlite3_free(z);
}

/*
** .mode ?MODE? ?OPTIONS?
*/
int dotMode(Shell *p){
  ModeRun r;
  memset(&r, 0, sizeof(r));
  r.p = p;
  r.pSpec = &p->mode.spec;
  for(r.i=1; r.i<p->dot.nArg; r.i++){
    if( applyArg(&r) ) return DOT_ERROR;
  }
  if( !r.bChanged || r.bVerbose ) modeDescribe(p, r.bVerbose);
  return DOT_OK;
}
