/* admin.c: `latchkey admin createuser` and `deleteuser` (contract 02 section 5.5): no audit entry, no hook, no mail, no identity. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "latchkey/account.h"
#include "latchkey/crypto.h"

/* ---- what is said ---------------------------------------------------------------------------------------------------------------- */

static int fatal(const char *text)
{
	log_to(LOG_FATAL, text, log_text("error", text));
	return 1;
}

/* "WHAT: why", the cause where the failure has one. */
static int fatal_failure(const struct request *req, const char *what)
{
	const char *why = req->failure.cause ? req->failure.cause : req->failure.message;

	return fatal(format((TALLOC_CTX *)req, "%s: %s", what, why ? why : "it failed"));
}

static struct text audience(const struct request *req, const struct command_line *line)
{
	return text_of(line->aud ? line->aud : req->settings->jwt.aud);
}

/* ---- createuser ------------------------------------------------------------------------------------------------------------------ */

struct creation {
	const struct command_line *line;
	struct user *user;
};

static struct text role_of(const struct request *req, const struct command_line *line)
{
	struct text role = line->word_count > 4 ? text_trim_unicode_space(text_of(line->words[4])) : TEXT_NONE;

	if (role.len || !line->admin)
		return role;
	return text_of(req->settings->jwt.admin_group_name);
}

static int create(struct request *req, void *arg)
{
	struct creation *creation = arg;
	struct text role = role_of(req, creation->line);

	user_insert(req, creation->user, NULL);
	if (role.len)
		user_set_role(req, creation->user, role, NULL);
	if (req->settings->mailer.autoconfirm || creation->line->confirm)
		user_confirm_email(req, creation->user, NULL);
	return 0;
}

static int run_createuser(struct request *req, const struct command_line *line)
{
	const char *email = line->words[2], *password = line->words[3];
	struct creation creation = {.line = line};
	struct user *duplicate;

	if (user_duplicate_email(req, text_of(email), audience(req, line), NULL, &duplicate) < 0)
		return fatal_failure(req, "Error checking user email");
	if (duplicate)
		return fatal("Error creating new user: user already exists");
	creation.user = user_new(req, text_of(email), TEXT(""), audience(req, line));
	creation.user->encrypted_password = *password ? password_hash(req, text_of(password)) : "";
	if (!creation.user->encrypted_password)
		return fatal("Error creating new user: the password cannot be hashed");
	if (db_transaction(req, create, &creation) < 0)
		return fatal_failure(req, format(req, "Unable to create user (%s)", email));
	log_plain(LOG_INFO, format(req, "Created user: %s", email));
	return 0;
}

/* ---- deleteuser ------------------------------------------------------------------------------------------------------------------ */

/* By address, else by id; the audience counts for addresses only. */
static int find(struct request *req, const struct command_line *line, struct user **user)
{
	const char *named = line->words[2];
	struct uuid id;

	if (user_by_email(req, text_of(named), audience(req, line), user) < 0 && req->failure.final)
		return fatal_failure(req, format(req, "Error finding user (%s)", named));
	if (*user)
		return 0;
	failure_clear(req);
	if (!uuid_parse(text_of(named), &id))
		return fatal(format(req, "Error finding user (%s): there is no user of that address, and it is no UUID", named));
	if (user_by_id(req, &id, user) < 0)
		return fatal_failure(req, format(req, "Error finding user (%s)", named));
	return *user ? 0 : fatal(format(req, "Error finding user (%s): User not found", uuid_string(req, &id)));
}

static int delete (struct request *req, void *arg)
{
	user_delete(req, arg, NULL);
	return 0;
}

static int run_deleteuser(struct request *req, const struct command_line *line)
{
	struct user *user = NULL;

	if (find(req, line, &user) != 0)
		return 1;
	if (db_transaction(req, delete, user) < 0)
		return fatal_failure(req, format(req, "Error removing user (%s)", line->words[2]));
	log_plain(LOG_INFO, format(req, "Removed user: %s", line->words[2]));
	return 0;
}

/* ---- which ------------------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name, *arguments, *help;
	int least; /* arguments; more are ignored */
	const char *too_few;
	int (*run)(struct request *req, const struct command_line *line);
} all[] = {
	{"createuser", "EMAIL PASSWORD [ROLE]", "make a user who signs in with an e-mail address and a password", 2,
	 "Not enough arguments to createuser command. Expected at least email and password values", run_createuser},
	{"deleteuser", "EMAIL_OR_ID", "delete a user and all that belongs to them", 1,
	 "Not enough arguments to deleteuser command. Expected at least ID or email", run_deleteuser},
};

static void print_usage(void)
{
	printf("Usage:\n  latchkey admin COMMAND [flags]\n\nCommands:\n");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		printf("  %-10s %-21s  %s\n", all[i].name, all[i].arguments, all[i].help);
	printf("\nFlags:\n"
	       "  -a, --aud AUD          audience (default GOTRUE_JWT_AUD)\n"
	       "      --confirm          createuser: the address is confirmed\n"
	       "      --admin            createuser: with the role of GOTRUE_JWT_ADMIN_GROUP_NAME, where no ROLE is given\n");
}

int command_admin(TALLOC_CTX *mem, const struct command_line *line)
{
	for (size_t i = 0; line->word_count > 1 && i < sizeof(all) / sizeof(all[0]); i++) {
		struct request *req;

		if (strcmp(all[i].name, line->words[1]) != 0)
			continue;
		if (line->word_count - 2 < all[i].least)
			return fatal(all[i].too_few);
		req = command_request(mem, line, "admin", true);
		return req ? all[i].run(req, line) : 1;
	}
	print_usage();
	return 0;
}
