/* mail.h: what the files of `latchkey mail` share. */
#ifndef LATCHKEY_CTL_MAIL_H
#define LATCHKEY_CTL_MAIL_H

#include "command.h"
#include "latchkey/db.h"
#include "latchkey/mail.h"
#include "latchkey/outbound.h"
#include "latchkey/shared.h"

int mail_command_queue(struct request *req, const struct command_line *line);
int mail_command_show(struct request *req, const struct command_line *line);
int mail_command_retry(struct request *req, const struct command_line *line);
int mail_command_drop(struct request *req, const struct command_line *line);
int mail_command_run(struct request *req, const struct command_line *line);
int mail_command_suppressed(struct request *req, const struct command_line *line);
int mail_command_unsuppress(struct request *req, const struct command_line *line);

#endif
