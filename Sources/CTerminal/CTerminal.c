#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerminal.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static SCREEN *screen;
static struct termios before;
static volatile sig_atomic_t is_open;

// What a dying process can still write: a signal handler must not call curses.
static char farewell[512];
static size_t farewell_length;

// A terminal that knows them says where pasted text begins and ends; the others ignore the request.
enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END };

static void ask_for_pastes(int wanted) {
  const char *request = wanted ? "\033[?2004h" : "\033[?2004l";
  if (write(STDOUT_FILENO, request, strlen(request)) < 0) {
  }
}

static void add_farewell(const char *text) {
  if (text == NULL || text == (const char *)-1) return;
  size_t length = strlen(text);
  if (farewell_length + length > sizeof farewell) return;
  memcpy(farewell + farewell_length, text, length);
  farewell_length += length;
}

static void die(int number) {
  if (is_open) {
    is_open = 0;
    if (write(STDOUT_FILENO, farewell, farewell_length) < 0) {
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
  }
  signal(number, SIG_DFL);
  raise(number);
}

static void choose_locale(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  int said = 0;
  for (size_t index = 0; index < 3; index++) {
    const char *value = getenv(names[index]);
    if (value != NULL && *value != 0) said = 1;
  }
  // A container without any locale is not a terminal without UTF-8.
  if (setlocale(LC_CTYPE, said ? "" : "C.UTF-8") == NULL) setlocale(LC_CTYPE, "");
}

int cterminal_open(void) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0) {
    return CTERMINAL_NO_TERMINAL;
  }
  choose_locale();
  // newterm says no; initscr would end the program.
  screen = newterm(NULL, stdout, stdin);
  if (screen == NULL) return CTERMINAL_UNKNOWN_TERMINAL;
  set_term(screen);
  // A page cannot be drawn where the cursor cannot be moved (TERM=dumb).
  char *move_cursor = tigetstr("cup");
  if (move_cursor == NULL || move_cursor == (char *)-1) {
    endwin();
    delscreen(screen);
    screen = NULL;
    return CTERMINAL_UNKNOWN_TERMINAL;
  }
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  leaveok(stdscr, TRUE);
  set_escdelay(25);
  curs_set(0);
  // Asked for clicks too, curses loses a press and its release that arrive together.
  mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
  mouseinterval(0);
  define_key("\033[200~", PASTE_BEGIN);
  define_key("\033[201~", PASTE_END);
  ask_for_pastes(1);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  farewell_length = 0;
  add_farewell("\033[?2004l\033[?1000l\033[?1002l\033[?1006l");
  add_farewell(tigetstr("sgr0"));
  add_farewell(tigetstr("rmkx"));
  add_farewell(tigetstr("cnorm"));
  add_farewell(tigetstr("rmcup"));
  is_open = 1;
  atexit(cterminal_close);
  int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT, SIGHUP};
  for (size_t index = 0; index < sizeof fatal / sizeof *fatal; index++) signal(fatal[index], die);
  return 0;
}

void cterminal_close(void) {
  if (!is_open) return;
  is_open = 0;
  ask_for_pastes(0);
  endwin();
  delscreen(screen);
  screen = NULL;
}

int cterminal_look(struct cterminal_facts *facts) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return CTERMINAL_NO_TERMINAL;
  choose_locale();
  int problem;
  if (setupterm(NULL, STDOUT_FILENO, &problem) != OK) return CTERMINAL_UNKNOWN_TERMINAL;
  char *move_cursor = tigetstr("cup");
  int can_draw = move_cursor != NULL && move_cursor != (char *)-1;
  int colors = tigetnum("colors");
  del_curterm(cur_term);
  if (!can_draw) return CTERMINAL_UNKNOWN_TERMINAL;
  struct winsize size = {0};
  (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  facts->width = size.ws_col;
  facts->height = size.ws_row;
  facts->colors = colors > 0 ? colors : 0;
  return 0;
}

int cterminal_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

int cterminal_colors(void) { return has_colors() ? COLORS : 0; }

int cterminal_pair(int pair, int foreground, int background) {
  return init_pair((short)pair, (short)foreground, (short)background) == OK ? 0 : -1;
}

void cterminal_size(int *width, int *height) { getmaxyx(stdscr, *height, *width); }

void cterminal_adopt_size(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    // Not resizeterm: that one puts KEY_RESIZE into the input, and whoever adopts the size on that key never ends.
    resize_term(size.ws_row, size.ws_col);
    // What the terminal has made of the old picture, only it knows.
    clearok(curscr, TRUE);
  }
}

void cterminal_put(int x, int y, const uint32_t *scalars, int count, int attributes, int pair) {
  attr_t attribute = A_NORMAL;
  if (attributes & CTERMINAL_BOLD) attribute |= A_BOLD;
  if (attributes & CTERMINAL_DIM) attribute |= A_DIM;
  if (attributes & CTERMINAL_REVERSE) attribute |= A_REVERSE;
  if (attributes & CTERMINAL_UNDERLINE) attribute |= A_UNDERLINE;
  attr_set(attribute, (short)pair, NULL);
  move(y, x);
  wchar_t text[512];
  int length = 0;
  for (int index = 0; index < count; index++) {
    if (scalars[index] == 0) continue;
    int width = index + 1 < count && scalars[index + 1] == 0 ? 2 : 1;
    // Where curses' table is another than the canvas', the rest of the row would shift.
    bool agrees = wcwidth((wchar_t)scalars[index]) == width;
    text[length++] = agrees ? (wchar_t)scalars[index] : L'?';
    if (!agrees && width == 2) text[length++] = L' ';
    if (length + 2 > 512) {
      addnwstr(text, length);
      length = 0;
    }
  }
  addnwstr(text, length);
}

void cterminal_erase(void) {
  attr_set(A_NORMAL, 0, NULL);
  erase();
}

void cterminal_show(void) { refresh(); }

static void take_mouse(struct cterminal_event *event) {
  MEVENT mouse;
  event->kind = CTERMINAL_OTHER;
  if (getmouse(&mouse) != OK) return;
  event->x = mouse.x;
  event->y = mouse.y;
  if (mouse.bstate & BUTTON1_PRESSED) event->kind = CTERMINAL_CLICK;
  if (mouse.bstate & BUTTON4_PRESSED) event->kind = CTERMINAL_WHEEL_UP;
  if (mouse.bstate & BUTTON5_PRESSED) event->kind = CTERMINAL_WHEEL_DOWN;
}

static int kind_of(wint_t key) {
  switch (key) {
  case KEY_UP: return CTERMINAL_UP;
  case KEY_DOWN: return CTERMINAL_DOWN;
  case KEY_LEFT: return CTERMINAL_LEFT;
  case KEY_RIGHT: return CTERMINAL_RIGHT;
  case KEY_PPAGE: return CTERMINAL_PAGE_UP;
  case KEY_NPAGE: return CTERMINAL_PAGE_DOWN;
  case KEY_HOME: return CTERMINAL_HOME;
  case KEY_END: return CTERMINAL_END;
  case KEY_BACKSPACE: return CTERMINAL_BACKSPACE;
  case KEY_DC: return CTERMINAL_DELETE;
  case KEY_BTAB: return CTERMINAL_BACK_TAB;
  case KEY_RESIZE: return CTERMINAL_RESIZE;
  case PASTE_BEGIN: return CTERMINAL_PASTE_BEGIN;
  case PASTE_END: return CTERMINAL_PASTE_END;
  default: return CTERMINAL_OTHER;
  }
}

void cterminal_key(struct cterminal_event *event) {
  wint_t key = 0;
  *event = (struct cterminal_event){.kind = CTERMINAL_NOTHING};
  int result = get_wch(&key);
  if (result == OK) {
    event->kind = CTERMINAL_TEXT;
    event->value = (uint32_t)key;
  } else if (result == KEY_CODE_YES) {
    if (key == KEY_MOUSE) return take_mouse(event);
    if (key == KEY_ENTER) {
      event->kind = CTERMINAL_TEXT;
      event->value = '\r';
    } else if (key >= KEY_F(1) && key <= KEY_F(24)) {
      event->kind = CTERMINAL_FUNCTION;
      event->value = key - KEY_F0;
    } else {
      event->kind = kind_of(key);
    }
  }
}
