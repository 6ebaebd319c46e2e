#ifndef CHiredis_H
#define CHiredis_H

#endif
