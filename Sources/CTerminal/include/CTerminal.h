// curses without its macros, varargs and globals: plain functions over plain types. Every function returns a
// value >= 0, or a negative one for "no".
#ifndef SLUICE_CTERMINAL_H
#define SLUICE_CTERMINAL_H

#include <stddef.h>
#include <stdint.h>

enum { CTERMINAL_NO_TERMINAL = -1, CTERMINAL_UNKNOWN_TERMINAL = -2 };

enum { CTERMINAL_BOLD = 1, CTERMINAL_DIM = 2, CTERMINAL_REVERSE = 4, CTERMINAL_UNDERLINE = 8 };

// What `cterminal_key` found.
enum {
  CTERMINAL_NOTHING = 0,
  CTERMINAL_TEXT,
  CTERMINAL_UP,
  CTERMINAL_DOWN,
  CTERMINAL_LEFT,
  CTERMINAL_RIGHT,
  CTERMINAL_PAGE_UP,
  CTERMINAL_PAGE_DOWN,
  CTERMINAL_HOME,
  CTERMINAL_END,
  CTERMINAL_BACKSPACE,
  CTERMINAL_DELETE,
  CTERMINAL_BACK_TAB,
  CTERMINAL_FUNCTION,
  CTERMINAL_RESIZE,
  CTERMINAL_CLICK,
  CTERMINAL_WHEEL_UP,
  CTERMINAL_WHEEL_DOWN,
  CTERMINAL_PASTE_BEGIN,
  CTERMINAL_PASTE_END,
  CTERMINAL_OTHER,
};

struct cterminal_event {
  int kind;
  uint32_t value;  // the scalar, or the number of the function key
  int x, y;        // of the mouse
};

// Takes the terminal of standard input and output over. From then on it is given back whatever happens:
// `cterminal_close`, a normal exit, or a fatal signal.
int cterminal_open(void);
void cterminal_close(void);

struct cterminal_facts {
  int width, height, colors;
};

// What the terminal is, without taking it over. Afterwards `cterminal_is_utf8` can be asked.
int cterminal_look(struct cterminal_facts *facts);

// 1 when the locale is UTF-8.
int cterminal_is_utf8(void);
int cterminal_colors(void);
// Makes colour pair `pair` of two colour numbers; -1 is the terminal's own.
int cterminal_pair(int pair, int foreground, int background);

void cterminal_size(int *width, int *height);
// Asks the system for the size and adopts it.
void cterminal_adopt_size(void);

// Cells of one row; 0 is the right half of the wide character before it. What curses holds to be of another
// width than the cells say becomes a question mark.
void cterminal_put(int x, int y, const uint32_t *scalars, int count, int attributes, int pair);
void cterminal_erase(void);
void cterminal_show(void);

// Never waits.
void cterminal_key(struct cterminal_event *event);

#endif
