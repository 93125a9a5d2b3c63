/*
** Showing the result of a query.
**
** A RenderSpec says how; renderQuery() runs a prepared statement and writes
** text.  The renderer knows nothing of the shell.
*/
#ifndef SEAWALL_RENDER_H
#define SEAWALL_RENDER_H

#include <stddef.h>
#include "sqlite3.h"

/* Layouts.  STYLE_LIST covers whatever puts a row on a line with separators:
** which separators and which quoting is up to the rest of the spec. */
#define STYLE_LIST      0
#define STYLE_BOX       1
#define STYLE_COLUMN    2
#define STYLE_MARKDOWN  3
#define STYLE_TABLE     4
#define STYLE_LINE      5
#define STYLE_HTML      6
#define STYLE_INSERT    7
#define STYLE_JSON      8
#define STYLE_JOBJECT   9
#define STYLE_COUNT    10
#define STYLE_OFF      11
#define STYLE_EXPLAIN  12
#define STYLE_EQP      13

/* Quoting of text values. */
#define TEXT_PLAIN      1
#define TEXT_SQL        2
#define TEXT_CSV        3
#define TEXT_HTML       4
#define TEXT_TCL        5
#define TEXT_JSON       6
#define TEXT_RELAXED    7    /* TEXT_SQL, but only where it is needed */

/* Rendering of BLOB values. */
#define BLOB_AUTO       0    /* Follow the text quoting */
#define BLOB_TEXT       1
#define BLOB_SQL        2
#define BLOB_HEX        3
#define BLOB_TCL        4
#define BLOB_JSON       5
#define BLOB_SIZE       6

/* What becomes of control characters inside of text. */
#define ESC_AUTO        0
#define ESC_OFF         1
#define ESC_ASCII       2    /* ^G */
#define ESC_SYMBOL      3    /* The picture of the character, U+2407 */

/* Three-valued switches, and column titles. */
#define SW_AUTO         0
#define SW_OFF          1
#define SW_ON           2
#define SW_ALWAYS       3    /* Titles only: even when there are no rows */

/* Alignment. */
#define ALIGN_AUTO      0
#define ALIGN_LEFT      1
#define ALIGN_CENTER    2
#define ALIGN_RIGHT     3

/* Widths and counts larger than this are cut to it. */
#define RENDER_WIDTH_MAX 10000

typedef struct RenderSpec RenderSpec;
struct RenderSpec {
  unsigned char eStyle;       /* STYLE_* */
  unsigned char eText;        /* TEXT_* for values */
  unsigned char eTitle;       /* TEXT_* for column titles */
  unsigned char eBlob;        /* BLOB_* */
  unsigned char eEsc;         /* ESC_* */
  unsigned char bTitles;      /* SW_OFF, SW_ON or SW_ALWAYS */
  unsigned char bWordWrap;    /* SW_*: prefer to break lines between words */
  unsigned char bTextJsonb;   /* SW_*: show JSONB as JSON text */
  unsigned char bSplit;       /* SW_*: lay one long column out as several */
  unsigned char bBorder;      /* SW_*: outer border of box and table */
  unsigned char bRowCount;    /* SW_*: finish with "(N rows)" */
  int nWrap;                  /* Wrap columns wider than this; 0: do not */
  int nScreenWidth;           /* Total width available; 0: unlimited */
  int nLineLimit;             /* Lines shown of one value; 0: all */
  int nCharLimit;             /* Characters shown of one value; 0: all */
  int nTitleLimit;            /* Characters shown of one title; 0: all */
  unsigned int nMultiInsert;  /* Rows share an INSERT up to so many bytes */
  int nWidth;                 /* Entries in aWidth[] */
  int *aWidth;                /* Column widths; 0: automatic, <0: right */
  int nAlign;                 /* Entries in aAlign[] */
  unsigned char *aAlign;      /* ALIGN_* for each column */
  char *zColSep;              /* Between columns */
  char *zRowSep;              /* After each row */
  char *zTable;               /* Table that STYLE_INSERT names */
  char *zNull;                /* Shown for NULL */
  char *zIntFormat;           /* printf() format of integers, or NULL */
  char *zFpFormat;            /* The same for floating point values */
};

/*
** A built-in mode: a name for a set of choices.
*/
typedef struct RenderMode RenderMode;
struct RenderMode {
  const char *zName;
  const char *zColSep;        /* NULL: leave the separator as it is */
  const char *zRowSep;
  const char *zNull;
  unsigned char eText;
  unsigned char eTitle;
  unsigned char eBlob;
  unsigned char bTitles;      /* SW_AUTO: the mode has no titles */
  unsigned char eStyle;
  unsigned char eShape;       /* SHAPE_* */
  unsigned char mFlags;       /* MODE_NOBORDER, MODE_SPLITTING */
};
#define SHAPE_ROWS      0     /* One row, one line */
#define SHAPE_LINES     1     /* One value, one line */
#define SHAPE_COLUMNS   2     /* Columns of even width */
#define MODEFLAG_NOBORDER  0x01
#define MODEFLAG_SPLIT     0x02

/*
** Run pStmt to its end and pass the rendering, piece by piece, to xWrite.
** The statement is reset afterwards, also on error.
**
** Return SQLITE_OK or the error code of the statement.  On error *pzErr is
** a message from sqlite3_malloc() that the caller frees, or stays as it was
** when there is no memory for one.
*/
int renderQuery(
  sqlite3_stmt *pStmt,
  const RenderSpec *pSpec,
  void (*xWrite)(void *pArg, const char *z, sqlite3_int64 n),
  void *pArg,
  char **pzErr
);

/*
** What the files of the renderer share.  The shell has no business below.
*/
typedef struct Render Render;
struct Render {
  sqlite3_stmt *pStmt;        /* The statement that is being shown */
  RenderSpec spec;            /* The wishes, defaults filled in */
  sqlite3_str *pOut;          /* Text not yet handed to xWrite */
  void (*xWrite)(void*, const char*, sqlite3_int64);
  void *pArg;                 /* First argument of xWrite */
  int rc;                     /* First error */
  int rcStep;                 /* What the latest sqlite3_step() has returned */
  int nCol;                   /* Columns of the statement */
  sqlite3_int64 nRow;         /* Rows seen so far */
  sqlite3_stmt *pJson;        /* Translates JSONB, made at first use */
  unsigned int nInsert;       /* Bytes in the INSERT that is being built */
  char **azTitle;             /* Titles, as the style shows them in each row */
  int nTitleWidth;            /* Width of the widest of them */
  char *zLongFormat;          /* spec.zIntFormat for 64 bits */
};
sqlite3_str *renderTextNew(void);
int renderTextLength(sqlite3_str *pStr);
const char *renderTextValue(sqlite3_str *pStr);
void renderTextEmpty(sqlite3_str *pStr);
void renderFlush(Render *p);
int renderStep(Render *p);
int renderEmptyTitles(const Render *p);
void renderNoMem(Render *p);
void renderEncode(Render *p, int eText, sqlite3_str *pOut, const char *z);
void renderTitle(Render *p, sqlite3_str *pOut, int iCol);
void renderValue(Render *p, sqlite3_str *pOut, int iCol);
void renderColumns(Render *p);
void renderExplain(Render *p);
void renderPlan(Render *p);

/* wrap.c: breaking text into lines of a given width */
typedef struct TextLine TextLine;
struct TextLine {
  int nByte;                  /* Bytes that belong to this line */
  int nWide;                  /* Their width on the screen */
  int iNext;                  /* Where the next line starts */
};
TextLine wrapLine(const char *z, int nWidth, int bWords);

/* width.c: how wide text is on a screen */
int widthOfChar(int c);
int widthDecode(const unsigned char *z, int *pLen);
int widthEscape(const char *z);
int widthIsSimple(const char *z, int nByte);
int widthOf(const char *z, sqlite3_int64 nByte);
int widthOfLines(const char *z, sqlite3_int64 nByte, int *pbMulti);
int widthLimitTitle(char *z, int nMax);

#endif /* SEAWALL_RENDER_H */
