/*
** How wide text is on a screen.
**
** Nobody knows for certain what a terminal does with an unusual character;
** these are the widths that the command-line shell of SQLite assumes, so
** that columns come out alike.
*/
#include <string.h>
#include "render.h"

typedef struct CharRange CharRange;
struct CharRange {
  int iFirst;
  int iLast;
};

/* Combining and other characters that take no room. */
static const CharRange aZeroWide[] = {
  {0x0300,0x036f}, {0x0483,0x0486}, {0x0488,0x0489}, {0x0591,0x05bd},
  {0x05bf,0x05bf}, {0x05c1,0x05c2}, {0x05c4,0x05c5}, {0x05c7,0x05c7},
  {0x0600,0x0603}, {0x0610,0x0615}, {0x064b,0x065e}, {0x0670,0x0670},
  {0x06d6,0x06e4}, {0x06e7,0x06e8}, {0x06ea,0x06ed}, {0x070f,0x070f},
  {0x0711,0x0711}, {0x0730,0x074a}, {0x07a6,0x07b0}, {0x07eb,0x07f3},
  {0x0901,0x0902}, {0x093c,0x093c}, {0x0941,0x0948}, {0x094d,0x094d},
  {0x0951,0x0954}, {0x0962,0x0963}, {0x0981,0x0981}, {0x09bc,0x09bc},
  {0x09c1,0x09c4}, {0x09cd,0x09cd}, {0x09e2,0x09e3}, {0x0a01,0x0a02},
  {0x0a3c,0x0a3c}, {0x0a41,0x0a42}, {0x0a47,0x0a48}, {0x0a4b,0x0a4d},
  {0x0a70,0x0a71}, {0x0a81,0x0a82}, {0x0abc,0x0abc}, {0x0ac1,0x0ac5},
  {0x0ac7,0x0ac8}, {0x0acd,0x0acd}, {0x0ae2,0x0ae3}, {0x0b01,0x0b01},
  {0x0b3c,0x0b3c}, {0x0b3f,0x0b3f}, {0x0b41,0x0b43}, {0x0b4d,0x0b4d},
  {0x0b56,0x0b56}, {0x0b82,0x0b82}, {0x0bc0,0x0bc0}, {0x0bcd,0x0bcd},
  {0x0c3e,0x0c40}, {0x0c46,0x0c48}, {0x0c4a,0x0c4d}, {0x0c55,0x0c56},
  {0x0cbc,0x0cbc}, {0x0cbf,0x0cbf}, {0x0cc6,0x0cc6}, {0x0ccc,0x0ccd},
  {0x0ce2,0x0ce3}, {0x0d41,0x0d43}, {0x0d4d,0x0d4d}, {0x0dca,0x0dca},
  {0x0dd2,0x0dd4}, {0x0dd6,0x0dd6}, {0x0e31,0x0e31}, {0x0e34,0x0e3a},
  {0x0e47,0x0e4e}, {0x0eb1,0x0eb1}, {0x0eb4,0x0eb9}, {0x0ebb,0x0ebc},
  {0x0ec8,0x0ecd}, {0x0f18,0x0f19}, {0x0f35,0x0f35}, {0x0f37,0x0f37},
  {0x0f39,0x0f39}, {0x0f71,0x0f7e}, {0x0f80,0x0f84}, {0x0f86,0x0f87},
  {0x0f90,0x0f97}, {0x0f99,0x0fbc}, {0x0fc6,0x0fc6}, {0x102d,0x1030},
  {0x1032,0x1032}, {0x1036,0x103a}, {0x1058,0x1059}, {0x1160,0x11ff},
  {0x135f,0x135f}, {0x1712,0x1714}, {0x1732,0x1734}, {0x1752,0x1753},
  {0x1772,0x1773}, {0x17b4,0x17b5}, {0x17b7,0x17bd}, {0x17c6,0x17c6},
  {0x17c9,0x17d3}, {0x17dd,0x17dd}, {0x180b,0x180d}, {0x18a9,0x18a9},
  {0x1920,0x1922}, {0x1927,0x1928}, {0x1932,0x1932}, {0x1939,0x193b},
  {0x1a17,0x1a18}, {0x1b00,0x1b03}, {0x1b34,0x1b34}, {0x1b36,0x1b3a},
  {0x1b3c,0x1b3c}, {0x1b42,0x1b42}, {0x1b6b,0x1b73}, {0x1dc0,0x1dca},
  {0x1dfe,0x1dff}, {0x200b,0x200f}, {0x202a,0x202e}, {0x2060,0x2063},
  {0x206a,0x206f}, {0x20d0,0x20ef}, {0x302a,0x302f}, {0x3099,0x309a},
  {0xa806,0xa806}, {0xa80b,0xa80b}, {0xa825,0xa826}, {0xfb1e,0xfb1e},
  {0xfe00,0xfe0f}, {0xfe20,0xfe23}, {0xfeff,0xfeff}, {0xfff9,0xfffb},
  {0x10a01,0x10a03}, {0x10a05,0x10a06}, {0x10a0c,0x10a0f}, {0x10a38,0x10a3a},
  {0x10a3f,0x10a3f}, {0x1d167,0x1d169}, {0x1d173,0x1d182}, {0x1d185,0x1d18b},
  {0x1d1aa,0x1d1ad}, {0x1d242,0x1d244}, {0xe0001,0xe0001}, {0xe0020,0xe007f},
  {0xe0100,0xe01ef},
};

/* Characters that take two columns. */
static const CharRange aTwoWide[] = {
  {0x1100,0x115f}, {0x2329,0x232a}, {0x2e80,0x3029}, {0x3030,0x303e},
  {0x3040,0x3098}, {0x309b,0xa4cf}, {0xac00,0xd7a3}, {0xf900,0xfaff},
  {0xfe10,0xfe19}, {0xfe30,0xfe6f}, {0xff00,0xff60}, {0xffe0,0xffe6},
  {0x20000,0x2fffd}, {0x30000,0x3fffd},
};

/*
** True if c is in one of the nRange ascending ranges at a[].
*/
static int inRanges(const CharRange *a, int nRange, int c){
  int iLow = 0;
  int iHigh = nRange - 1;
  while( iLow<=iHigh ){
    int iMid = (iLow + iHigh)/2;
    if( c<a[iMid].iFirst ){
      iHigh = iMid - 1;
    }else if( c>a[iMid].iLast ){
      iLow = iMid + 1;
    }else{
      return 1;
    }
  }
  return 0;
}

/*
** Columns that the Unicode character c takes: 0, 1 or 2.
*/
int widthOfChar(int c){
  if( c<aZeroWide[0].iFirst ) return 1;
  if( inRanges(aZeroWide, sizeof(aZeroWide)/sizeof(aZeroWide[0]), c) ) return 0;
  if( inRanges(aTwoWide, sizeof(aTwoWide)/sizeof(aTwoWide[0]), c) ) return 2;
  return 1;
}

/*
** Decode the UTF-8 character at z, the first byte of which is 0x80 or more.
** Return it and set *pLen to its length; for malformed text that is 0 and
** one byte.  Never reads beyond a terminating zero.
*/
int widthDecode(const unsigned char *z, int *pLen){
  static const unsigned char aMask[] = { 0, 0, 0x1f, 0x0f, 0x07 };
  int nByte = z[0]>=0xf8 ? 0 : z[0]>=0xf0 ? 4 : z[0]>=0xe0 ? 3
            : z[0]>=0xc0 ? 2 : 0;
  int c, i;
  *pLen = 1;
  if( nByte==0 ) return 0;
  c = z[0] & aMask[nByte];
  for(i=1; i<nByte; i++){
    if( (z[i]&0xc0)!=0x80 ) return 0;
    c = (c<<6) | (z[i]&0x3f);
  }
  *pLen = nByte;
  return c;
}

/*
** If z begins with a terminal escape sequence (ESC "[" parameters
** intermediates final), return its length, otherwise 0.
*/
int widthEscape(const char *z){
  int i = 2;
  if( z[0]!='\033' || z[1]!='[' ) return 0;
  while( z[i]>=0x30 && z[i]<=0x3f ) i++;
  while( z[i]>=0x20 && z[i]<=0x2f ) i++;
  return z[i]>=0x40 && z[i]<=0x7e ? i+1 : 0;
}

/*
** True if the first nByte bytes of z are printable ASCII, so that each is one
** column wide.
*/
int widthIsSimple(const char *z, int nByte){
  unsigned char b = 0;
  int i;
  for(i=0; i<nByte; i++) b |= (unsigned char)z[i]<' ' || (unsigned char)z[i]>0x7e;
  return !b;
}

/*
** Width of the longest line in the first nByte bytes of z.  Tabs go to the
** next multiple of eight.  If pbMulti is not NULL, set *pbMulti to 1 when
** there is a line break and leave it alone otherwise.
*/
int widthOfLines(const char *z, sqlite3_int64 nByte, int *pbMulti){
  const char *zEnd = z + nByte;
  int nMax = 0;
  int n = 0;
  while( z<zEnd ){
    unsigned char c = (unsigned char)z[0];
    int nLen = 1;
    if( c>=0x80 ){
      n += widthOfChar(widthDecode((const unsigned char*)z, &nLen));
    }else if( c>=' ' ){
      n++;
    }else if( c=='\t' ){
      n = (n+8) & ~7;
    }else if( c=='\n' || c=='\r' ){
      if( pbMulti ) *pbMulti = 1;
      if( n>nMax ) nMax = n;
      n = 0;
    }else if( c=='\033' ){
      int nEsc = widthEscape(z);
      if( nEsc ) nLen = nEsc;
    }
    z += nLen;
  }
  return n>nMax ? n : nMax;
}

/*
** Width of the first nByte bytes of z, which is one line of text.
*/
int widthOf(const char *z, sqlite3_int64 nByte){
  return widthOfLines(z, nByte, 0);
}

/*
** Cut the title z, in place, to nMax columns; a cut is shown by "...".
** Line breaks and tabs become spaces.  Return the width that is left.
*/
int widthLimitTitle(char *z, int nMax){
  char *zDots = 0;      /* Where the dots go if z turns out to be too wide */
  int n = 0;
  while( z[0] ){
    int nLen = 1;
    int nWide = 1;
    if( z[0]=='\t' || z[0]=='\n' || z[0]=='\r' ) z[0] = ' ';
    if( (unsigned char)z[0]>=0x80 ){
      nWide = widthOfChar(widthDecode((const unsigned char*)z, &nLen));
    }else if( (unsigned char)z[0]<' ' ){
      int nEsc = widthEscape(z);
      if( nEsc ) nLen = nEsc;
      nWide = 0;
    }
    if( zDots==0 && n+nWide>nMax-3 ) zDots = z;
    if( n+nWide>nMax ){
      z[0] = 0;
      if( zDots && nMax>=3 ) memcpy(zDots, "...", 4);
      return nMax;
    }
    n += nWide;
    z += nLen;
  }
  return n;
}
