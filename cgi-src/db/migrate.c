/* migrate.c: applies the steps of sql/migrations/ that are missing, each in a transaction of its own (contract 03 section 3). */
#include <stdio.h>
#include <string.h>

#include "migrate_int.h"

/* Ours alone; it is held within a transaction, so that a pooler between cannot leave it behind. "latchkey" in ASCII. */
#define BEGIN_LOCKED "begin isolation level read committed; select pg_advisory_xact_lock(x'6c617463686b6579'::bigint); "

static bool namespace_is_plain(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len < 64 && name[len] == '\0' && !(name[0] >= '0' && name[0] <= '9');
}

/* {ns} becomes the namespace. */
static const char *with_namespace(TALLOC_CTX *mem, const char *sql, const char *namespace_)
{
	struct buffer *buffer = buffer_new(mem, strlen(sql) + 256);
	const char *at;

	while ((at = strstr(sql, "{ns}")) != NULL) {
		buffer_add(buffer, sql, (size_t)(at - sql));
		buffer_string(buffer, namespace_);
		sql = at + 4;
	}
	buffer_string(buffer, sql);
	return buffer->data;
}

static bool is_yes(const PGresult *result, int column)
{
	return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

static int judge(struct migration *migration, const PGresult *state)
{
	struct request *req = migration->req;
	const char *ns = migration->namespace_, *role = PQgetvalue(state, 0, 4), *database = PQgetvalue(state, 0, 5);

	if (!is_yes(state, 0))
		return fail_unexpected(req, "namespace %s is a reserved word of PostgreSQL: choose another for GOTRUE_DB_DB_NAMESPACE", ns);
	if (!is_yes(state, 1))
		return fail_unexpected(req, "schema %s does not exist: run as a superuser `create schema %s authorization %s`", ns, ns, role);
	if (!is_yes(state, 2) && !migration->check_only)
		return fail_unexpected(req, "role %s may not create objects in schema %s: run as its owner `grant usage, create on schema %s to %s`",
				       role, ns, ns, role);
	if (strcmp(PQgetvalue(state, 0, 3), ns) != 0)
		return fail_unexpected(
			req,
			"search_path of role %s leads to schema \"%s\", not to %s: run `alter role %s in database %s set search_path = %s`, or "
			"add ?search_path=%s to the database URL",
			role, PQgetvalue(state, 0, 3), ns, role, database, ns, ns);
	if (strcmp(PQgetvalue(state, 0, 6), "UTF8") != 0)
		return fail_unexpected(req, "database %s has encoding %s: make one with encoding UTF8", database, PQgetvalue(state, 0, 6));
	if (is_yes(state, 7) && !migration->check_only)
		return fail_unexpected(req, "the server is a standby, which is read-only: connect to the primary");
	migration->has_table = is_yes(state, 8);
	migration->has_own_schema = is_yes(state, 9);
	migration->has_own_table = is_yes(state, 10);
	migration->may_create_schema = is_yes(state, 11);
	migration->role = must(talloc_strdup(req, role));
	migration->database = must(talloc_strdup(req, database));
	return 0;
}

static int look(struct migration *migration)
{
	static const char sql[] = "select quote_ident('{ns}') = '{ns}', to_regnamespace('{ns}') is not null, "
				  "case when to_regnamespace('{ns}') is null then false else has_schema_privilege('{ns}', 'usage, create') "
				  "and has_schema_privilege('{ns}', 'create') end, "
				  "coalesce(current_schema(), ''), quote_ident(current_user), quote_ident(current_database()), "
				  "current_setting('server_encoding'), pg_is_in_recovery(), to_regclass('{ns}.schema_migrations') is not null, "
				  "to_regnamespace('latchkey') is not null, to_regclass('latchkey.migrations') is not null, "
				  "has_database_privilege(current_database(), 'create')";
	PGresult *state;
	int result;

	if (migration_run(migration, NULL, with_namespace(migration->req, sql, migration->namespace_), &state) < 0)
		return -1;
	result = judge(migration, state);
	PQclear(state);
	return result;
}

/* The versions that table holds, as rows of one column. */
static int read_versions(struct migration *migration, bool there, const char *table, PGresult **versions)
{
	*versions = NULL;
	if (!there)
		return 0;
	return migration_run(migration, NULL, format(migration->req, "select version::text from %s", table), versions);
}

static bool has_version(const PGresult *versions, const char *version)
{
	for (int i = 0; versions && i < PQntuples(versions); i++)
		if (strcmp(PQgetvalue(versions, i, 0), version) == 0)
			return true;
	return false;
}

/* One step: under the lock it is asked again whether another process has done it meanwhile. */
static int apply(struct migration *migration, const struct migration_step *step, const char *table, int *applied)
{
	struct request *req = migration->req;
	const char *ask = format(req, BEGIN_LOCKED "select exists (select from %s where version = '%s')", table, step->version);
	const char *sql = format(req, "%s;\ninsert into %s (version) values ('%s'); commit", with_namespace(req, step->sql, migration->namespace_),
				 table, step->version);
	PGresult *known;
	bool done;

	if (migration_run(migration, step, ask, &known) < 0)
		return -1;
	done = is_yes(known, 0);
	PQclear(known);
	if (done)
		return migration_run(migration, step, "rollback", NULL);
	if (migration_run(migration, step, sql, NULL) < 0)
		return -1;
	(*applied)++;
	return 0;
}

static int apply_steps(struct migration *migration, const struct migration_step *steps, const PGresult *versions, const char *table, int *applied)
{
	for (const struct migration_step *step = steps; step->version; step++) {
		if (migration->last && strcmp(step->version, migration->last) > 0)
			break;
		if (has_version(versions, step->version))
			continue;
		migration->missing++;
		if (migration->silent)
			continue;
		if (migration->check_only)
			printf("%s %s: to be applied: %s\n", table, step->version, step->title);
		else if (apply(migration, step, table, applied) < 0)
			return -1;
	}
	return 0;
}

/* As the reference makes it; a table that is there in another form stays as it is (contract 03 sections 3.1, 3.2). */
static int make_table(struct migration *migration)
{
	static const char sql[] = BEGIN_LOCKED "do $$ begin if to_regclass('{ns}.schema_migrations') is null then "
					       "create table {ns}.schema_migrations (version varchar(14) not null, "
					       "constraint schema_migrations_pkey primary key (version)); "
					       "create unique index schema_migrations_version_idx on {ns}.schema_migrations (version); "
					       "end if; end $$; commit";

	if (migration->has_table || migration->check_only)
		return 0;
	return migration_run(migration, NULL, with_namespace(migration->req, sql, migration->namespace_), NULL);
}

static int make_own_table(struct migration *migration)
{
	static const char sql[] = BEGIN_LOCKED "do $$ begin if to_regnamespace('latchkey') is null then create schema latchkey; end if; end $$; "
					       "create table if not exists latchkey.migrations (version integer not null primary key, "
					       "applied_at timestamptz not null default now()); commit";

	if (migration->has_own_table || migration->check_only)
		return 0;
	if (!migration->has_own_schema && !migration->may_create_schema)
		return fail_unexpected(migration->req,
				       "role %s may not create schema latchkey: run as a superuser `create schema latchkey authorization %s`, or "
				       "`grant create on database %s to %s`",
				       migration->role, migration->role, migration->database, migration->role);
	return migration_run(migration, NULL, sql, NULL);
}

static int migrate_auth(struct migration *migration, int *applied)
{
	const char *table = format(migration->req, "%s.schema_migrations", migration->namespace_);
	PGresult *versions;
	int result;

	if (make_table(migration) < 0 || read_versions(migration, migration->has_table, table, &versions) < 0)
		return -1;
	result = apply_steps(migration, migration_steps, versions, table, applied);
	PQclear(versions);
	return result;
}

static int migrate_own(struct migration *migration)
{
	static const char table[] = "latchkey.migrations";
	PGresult *versions;
	int result, applied = 0;

	if (!migration_own_steps[0].version || migration->last)
		return 0;
	if (make_own_table(migration) < 0 || read_versions(migration, migration->has_own_table, table, &versions) < 0)
		return -1;
	result = apply_steps(migration, migration_own_steps, versions, table, &applied);
	PQclear(versions);
	return result;
}

static int migrate(struct migration *migration, int *applied)
{
	struct request *req = migration->req;
	int result = -1;

	*applied = 0;
	if (!namespace_is_plain(migration->namespace_))
		return fail_unexpected(req, "GOTRUE_DB_DB_NAMESPACE must be a name of lower-case letters, digits and underscores, 63 at most");
	if (migration_start(migration) < 0)
		return -1;
	if (look(migration) == 0 && migrate_auth(migration, applied) == 0 && migrate_own(migration) == 0)
		result = 0;
	db_close(req->db); /* it left pipeline mode */
	return result;
}

int db_migrate_until(struct request *req, const char *namespace_, const char *last, bool check_only, int *applied)
{
	struct migration migration = {.req = req, .db = req->db, .namespace_ = namespace_, .last = last, .check_only = check_only};

	return migrate(&migration, applied);
}

int db_migrations_missing(struct request *req, const char *namespace_, int *missing)
{
	struct migration migration = {.req = req, .db = req->db, .namespace_ = namespace_, .check_only = true, .silent = true};
	int none, result = migrate(&migration, &none);

	*missing = migration.missing;
	return result;
}

int db_migrate(struct request *req, const char *namespace_, bool check_only, int *applied)
{
	return db_migrate_until(req, namespace_, NULL, check_only, applied);
}
