/* ui: questions and progress, on stderr. */
#ifndef CMD_UI_H
#define CMD_UI_H

#include "base/ui.h"

void ui_init(struct ui *ui);
/* Take the last line of progress off the terminal. */
void ui_end(void);

#endif
