/*
** The collation "uint": text, in which a run of digits counts as a number.
*/
#include <string.h>
#include "shell.h"

/*
** The end of the digits that begin at z[i].
*/
static int digitsEnd(const char *z, int n, int i){
  while( i<n && shIsDigit(z[i]) ) i++;
  return i;
}

/*
** Compare two numbers of any length.  Move *pi1 and *pi2 behind them.
*/
static int compareNumbers(
  const char *z1, int n1, int *pi1,
  const char *z2, int n2, int *pi2
){
  int i1 = *pi1, i2 = *pi2;
  *pi1 = digitsEnd(z1, n1, i1);
  *pi2 = digitsEnd(z2, n2, i2);
  while( i1<*pi1 && z1[i1]=='0' ) i1++;
  while( i2<*pi2 && z2[i2]=='0' ) i2++;
  if( *pi1-i1!=*pi2-i2 ) return (*pi1-i1) - (*pi2-i2);
  return memcmp(&z1[i1], &z2[i2], (size_t)(*pi1-i1));
}

/*
** "x9" comes before "x10", and "x009" is equal to "x9".
*/
static int uintCollation(
  void *pArg,
  int n1, const void *p1,
  int n2, const void *p2
){
  const char *z1 = (const char*)p1;
  const char *z2 = (const char*)p2;
  int i1 = 0, i2 = 0;
  (void)pArg;
  while( i1<n1 && i2<n2 ){
    int iCmp;
    if( shIsDigit(z1[i1]) && shIsDigit(z2[i2]) ){
      iCmp = compareNumbers(z1, n1, &i1, z2, n2, &i2);
    }else{
      iCmp = (u8)z1[i1++] - (u8)z2[i2++];
    }
    if( iCmp ) return iCmp;
  }
  return (n1-i1) - (n2-i2);
}

/*
** Give the collation to the connection that has just been opened.
*/
void uintInstall(Shell *p){
  sqlite3_create_collation(p->db, "uint", SQLITE_UTF8, 0, uintCollation);
}
