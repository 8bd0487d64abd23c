/* migrate_int.h: what the two files of the migration share. */
#ifndef LATCHKEY_MIGRATE_INT_H
#define LATCHKEY_MIGRATE_INT_H

#include "db_int.h"

struct migration {
	struct request *req;
	struct db *db;
	const char *namespace_, *last; /* last: the version after which it stops, NULL: none */
	const char *role, *database;   /* quoted as identifiers */
	bool check_only, silent;       /* silent: nothing is printed of what is missing */
	int missing;
	bool has_table, has_own_schema, has_own_table, may_create_schema;
};

/* Takes the connection out of pipeline mode: a step is many statements in one message. */
int migration_start(struct migration *migration);
/* Runs statements; *result is that of the last one, to be cleared (result NULL: nobody needs it). The failure's cause names step
 * (NULL: none yet), object and remedy. */
int migration_run(struct migration *migration, const struct migration_step *step, const char *sql, PGresult **result);

#endif
