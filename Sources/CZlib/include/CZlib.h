#ifndef SLUICE_CZLIB_H
#define SLUICE_CZLIB_H

// Only the library: the macros inflateInit2 and deflateInit2 are spelt out in Swift.
#include <zlib.h>

#endif
