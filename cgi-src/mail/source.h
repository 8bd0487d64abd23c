/* source.h: where the templates of a mail come from. */
#ifndef MAIL_SOURCE_H
#define MAIL_SOURCE_H

#include "cgi-src/mail/mail_int.h"
#include "latchkey/template.h"

/* A kind's templates as the settings name them. */
struct wanted {
	enum mail_kind kind;
	const char *locale;	      /* "": the one without */
	const char *subject, *source; /* source "": built-in body */
	const char *path;	      /* of a local file; NULL: an address, or built in */
};

/* In the language of the user (NULL: of nobody), where there is a file for it, else in that of the request. */
struct wanted template_wanted(struct request *req, enum mail_kind kind, const struct user *user);
/* Those in other languages that stand beside a file, in no order; at most max. */
size_t template_variants(struct request *req, const struct wanted *plain, struct wanted *variants, size_t max);

/* Both, parsed, and the body's source; false with the failure logged. */
bool template_load(struct request *req, const struct wanted *wanted, struct template **subject, struct template **body, struct text *source);
/* The log entry of a template that is of no use. event: as log readers know it (section 9.1). */
void template_complain(struct request *req, const struct wanted *wanted, const char *event, const char *why);

#endif
