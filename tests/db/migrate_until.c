/* migrate_until.c: for tests: migrates up to a version, so that a later start meets an older database.
 * migrate_until URL NAMESPACE [VERSION|-] [check]: prints how many steps were applied, or the cause; exit status 1 on failure. */
#include <stdio.h>
#include <string.h>

#include "cgi-src/db/db_int.h"

int main(int argc, char **argv)
{
	struct request *req = request_new(NULL, NULL);
	const char *last = argc > 3 && strcmp(argv[3], "-") != 0 ? argv[3] : NULL;
	int applied, result;

	if (argc < 3)
		return 2;
	req->db = db_new(req, argv[1], true, "auth_migrations");
	result = db_migrate_until(req, argv[2], last, argc > 4, &applied);
	if (result < 0)
		fprintf(stderr, "%s\n", req->failure.cause);
	printf("%d\n", applied);
	talloc_free(req);
	return result < 0;
}
