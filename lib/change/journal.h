/* journal: what lies in a transaction's folder, for those who write and read it. Private to
 * lib/change. */
#ifndef CHANGE_JOURNAL_H
#define CHANGE_JOURNAL_H

#include "change/state.h"
#include "host/boot_files.h" /* STATE_DIR */

#define TXN_DIR STATE_DIR "/txn"
#define MAX_JOURNAL (16 * 1024 * 1024)
#define TXN_SCHEMA "uringprep.transaction/"
#define MAX_WHY 1024

enum { STATE_WORD = 16, STATE_WIDTH = STATE_WORD + 21 };

/* The path of FILE (NULL: of the folder itself) of transaction ID. */
void txn_path(unsigned id, const char *file, char out[128]);
/* The text of `state`: OUT, and its time WHEN (the caller's to free; NULL: an older form has
 * none). -EINVAL. */
int state_parse(const char *text, size_t len, enum txn_state *out, char **when);

#endif
