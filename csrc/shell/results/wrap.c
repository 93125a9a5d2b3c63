/*
** Breaking text into lines of a given width.
*/
#include "render.h"

/* Classes of bytes.  An underscore is part of a word. */
static int isSpace(char c){
  return c==' ' || (c>='\t' && c<='\r');
}
static int isWord(char c){
  return (c>='0' && c<='9') || (c>='a' && c<='z') || (c>='A' && c<='Z')
      || c=='_';
}

/*
** Length and width of the character, or the terminal escape, at z when it
** is to be shown in column n.
*/
static int nextChar(const char *z, int n, int *pnWide){
  unsigned char c = (unsigned char)z[0];
  int nLen = 1;
  *pnWide = 1;
  if( c>=0xc0 ){
    *pnWide = widthOfChar(widthDecode((const unsigned char*)z, &nLen));
  }else if( c=='\t' ){
    *pnWide = 8 - (n&7);
  }else if( c=='\033' && widthEscape(z)>0 ){
    nLen = widthEscape(z);
    *pnWide = 0;
  }
  return nLen;
}

/*
** The text z[0..i] fills a line and goes on without a space.  Return the
** offset of a better place for the break: after the last space, or else at
** the last border between word and other characters, but never in the first
** half of the line.  Return i if there is none.
*/
static int wordBreak(const char *z, int i){
  int k;
  for(k=i-1; k>=i/2; k--){
    if( isSpace(z[k]) ) return k;
  }
  if( i/2==0 ) return i;
  for(k=i; k>=i/2; k--){
    if( isWord(z[k-1])!=isWord(z[k]) && (z[k]&0xc0)!=0x80 ) return k;
  }
  return i;
}

/*
** Find the first line of z, which may be at most nWidth columns wide.  With
** bWords, break between words if that is possible.
*/
TextLine wrapLine(const char *z, int nWidth, int bWords){
  TextLine line;
  int i = 0;
  int n = 0;
  while( z[i] && z[i]!='\n' && !(z[i]=='\r' && z[i+1]=='\n') ){
    int nWide;
    int nLen = nextChar(&z[i], n, &nWide);
    if( n+nWide>nWidth ) break;
    n += nWide;
    i += nLen;
  }
  if( i==0 && z[0] && z[0]!='\n' && z[0]!='\r' ){
    /* The column is narrower than the character: make progress anyhow. */
    i = nextChar(z, 0, &n);
  }
  line.nByte = i;
  line.nWide = n;
  line.iNext = i;
  if( z[i]==0 ) return line;
  if( z[i]=='\n' || (z[i]=='\r' && z[i+1]=='\n') ){
    line.iNext = i + (z[i]=='\r' ? 2 : 1);
    return line;
  }
  if( bWords && !isSpace(z[i]) ){
    int k = wordBreak(z, i);
    if( k<i ){
      line.nByte = i = k;
      line.nWide = widthOf(z, k);
    }
  }
  while( z[i]==' ' || z[i]=='\t' || z[i]=='\r' ) i++;
  line.iNext = i;
  return line;
}
