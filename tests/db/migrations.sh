# migrations.sh: the migration of an empty database and of every older one (contract 03 section 17, checks 1 to 12). Sourced by run.

cluster_sql "$dir" -c "create database empty"
cluster_sql "$dir" -d empty -f "$root/tools/database.sql" 2>/dev/null

# a fresh database; url is set
fresh() {
	cluster_sql "$dir" -c "drop database if exists $1 with (force)" -c "create database $1 template ${2:-empty}" 2>/dev/null
	cluster_sql "$dir" -c "alter database $1 set search_path = auth" -c "grant create on database $1 to supabase_auth_admin"
	database=$1
	url="postgres://supabase_auth_admin@$socket/$1"
}
# migrates up to a version, or wholly; what it prints
migrate() { "$build/db_migrate_until" "$url" auth "$@" 2>&1 || true; }
sql() { psql -X -q -A -t -F '|' -v ON_ERROR_STOP=1 "$url" -c "set time zone 'UTC'" "$@"; }
as_superuser() { cluster_sql "$dir" -d "$database" -A -t "$@"; }
differences() { "$root/tests/schema/compare" "$url" "$@" 2>&1 || true; }

user_one=11111111-1111-4111-8111-111111111111
user_two=22222222-2222-4222-8222-222222222222
user_three=33333333-3333-4333-8333-333333333333

fresh m
expect "an empty database gets all 70" 70 "$(migrate)"
expect "and is what the contract says" "" "$(differences)"
expect "a second time does nothing" 0 "$(migrate)"
expect "our own steps are kept in a table of their own" "$(grep -c '^-- step: ' "$root/sql/migrations/latchkey.sql")" \
	"$(sql -c "select count(*) from latchkey.migrations")"
expect "none is left to tell of" "" "$(migrate - check | grep 'to be applied')"
sql -c "truncate schema_migrations"
expect "every step does nothing where its result is there" 70 "$(migrate)"
expect "and changes nothing" "" "$(differences)"
sql -c "insert into schema_migrations values ('29990101000000')"
expect "an unknown version is left alone" "0 71" "$(migrate) $(sql -c 'select count(*) from schema_migrations')"
sql -c "delete from schema_migrations where version = '20260625000000'" -c "alter table custom_oauth_providers drop column custom_claims_allowlist"
expect "a single missing step is applied" 1 "$(migrate)"

for version in $(tail -n +2 "$root/tests/schema/expected/migrations.tsv" | cut -f 2); do
	fresh m
	migrate "$version" >/dev/null
	migrate >/dev/null
	expect "from version $version it ends as the contract says" "" "$(differences)"
done

# ---- back-fills ----
fresh m
migrate 20221114143410 >/dev/null
sql -c "insert into users (id, email, encrypted_password) values ('$user_one', 'one@example.com', 'hash'), ('$user_three', 'three@example.com', '')" \
	-c "insert into users (id, email, encrypted_password, invited_at) values ('$user_two', 'two@example.com', '', now())"
migrate >/dev/null
columns="provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email"
expect "back-fills A and A2: a user with a password gets an identity" \
	"$user_one|$user_one|{\"sub\": \"$user_one\", \"email\": \"one@example.com\"}|email|2022-11-25 00:00:00+00|2022-11-25 00:00:00+00|2022-11-25 00:00:00+00|one@example.com" \
	"$(sql -c "select $columns from identities where user_id = '$user_one'")"
expect "back-fill C: an invited user gets one, without a sign-in" \
	"$user_two|$user_two|{\"sub\": \"$user_two\", \"email\": \"two@example.com\"}|email||2023-01-25 00:00:00+00|2023-01-25 00:00:00+00|two@example.com" \
	"$(sql -c "select $columns from identities where user_id = '$user_two'")"
expect "a user without either gets none" "" "$(sql -c "select $columns from identities where user_id = '$user_three'")"
sql -c "truncate schema_migrations"
migrate >/dev/null
expect "the back-fills are not repeated" 2 "$(sql -c 'select count(*) from identities')"

fresh m
migrate 20221208132122 >/dev/null
sql -c "insert into users (id, email) values ('$user_one', 'One@example.com')" \
	-c "insert into identities (id, user_id, identity_data, provider, created_at, updated_at) values ('$user_one', '$user_one', '{\"sub\": \"x\"}', 'email', '2022-01-01', '2022-01-01'), ('g', '$user_one', '{\"sub\": \"g\"}', 'google', '2022-01-01', '2022-01-01')"
migrate >/dev/null
expect "back-fill B: the address goes into e-mail identities, and no others" \
	$'{"sub": "x", "email": "One@example.com"}|2022-11-25 00:00:00+00|one@example.com\n{"sub": "g"}|2022-01-01 00:00:00+00|' \
	"$(sql -c 'select identity_data, updated_at, email from identities order by provider')"

# ---- rows in the way ----
fresh m
migrate 20221003041400 >/dev/null
sql -c "insert into users (id) values ('$user_one')" -c "insert into sessions (id, user_id) values ('$user_two', '$user_one')" \
	-c "insert into mfa_amr_claims values ('$user_two', now(), now(), 'password'), ('$user_two', now(), now(), 'totp')"
migrate 20230322519590 >/dev/null
sql -c "insert into flow_state (id, auth_code, code_challenge_method, code_challenge, provider_type) values ('$user_one', 'c', 's256', 'x', 'github')"
migrate 20251201000000 >/dev/null
sql -c "insert into oauth_clients (id, registration_type, redirect_uris, grant_types, client_type) values ('$user_one', 'manual', '', '', 'public'), ('$user_two', 'manual', '', '', 'confidential')"
migrate >/dev/null
expect "rows in the way of a column that may not be NULL are given a value" "2|oauth|none,client_secret_basic|" \
	"$(sql -c "select (select count(distinct id) from mfa_amr_claims), (select authentication_method from flow_state), (select string_agg(token_endpoint_auth_method, ',' order by id) from oauth_clients)")|"
expect "and the schema is right" "" "$(differences)"

# ---- variants (contract 03 section 3.2) ----
fresh m
sql -c "create table schema_migrations (version varchar(255) not null primary key)"
expect "bookkeeping made before the tool stays as it is" "70 varchar(255)" "$(migrate) $(sql -c "select 'varchar(' || character_maximum_length || ')' from information_schema.columns where table_schema = 'auth' and table_name = 'schema_migrations'")"
fresh m
migrate 20221114143410 >/dev/null
sql -c "create view phones as select phone from users" -c "create table mine (email varchar(255) references users (email))"
migrate >/dev/null
expect "views and foreign keys of others keep old forms alive" "70|t|character varying" \
	"$(sql -c "select (select count(*) from schema_migrations), exists (select from pg_constraint where conname = 'users_email_key'), (select data_type from information_schema.columns where table_schema = 'auth' and table_name = 'users' and column_name = 'phone')")"
fresh m
migrate >/dev/null
sql -c "drop index one_time_tokens_token_hash_hash_idx" -c "create index one_time_tokens_token_hash_hash_idx on one_time_tokens (token_hash)" \
	-c "create index idx_users_email on users (email)" -c "truncate schema_migrations"
expect "btree token indexes and the optional indexes are accepted" 70 "$(migrate)"

# ---- failures ----
fresh m
migrate 20231114161723 >/dev/null
sql -c "create table mine (provider text, id text, foreign key (provider, id) references identities (provider, id))"
words=$(migrate)
for part in "step 20231117164230" "2BP01" "mine" "drop or change them"; do
	expect "a failure says: $part" yes "$(case $words in *"$part"*) echo yes ;; *) echo "$words" ;; esac)"
done
expect "steps before it stay" 20231114161723 "$(sql -c 'select max(version) from schema_migrations')"
sql -c "drop table mine"
expect "it goes on from there" "20" "$(migrate | sed 's/^2[0-9]$/20/')"

fresh m
as_superuser -c "alter schema auth owner to postgres" -c "grant usage on schema auth to supabase_auth_admin"
words=$(migrate)
expect "a role without rights is told which to ask for" yes "$(case $words in *"grant usage, create on schema auth to supabase_auth_admin"*) echo yes ;; *) echo "$words" ;; esac)"
as_superuser -c "drop schema auth cascade"
words=$(migrate)
expect "a schema that is not there is told" yes "$(case $words in *"create schema auth authorization supabase_auth_admin"*) echo yes ;; *) echo "$words" ;; esac)"

fresh m
as_superuser -c "revoke create on database m from supabase_auth_admin"
words=$(migrate)
expect "a role that may not make our own schema is told which right to ask for" yes \
	"$(case $words in *"grant create on database m to supabase_auth_admin"*) echo yes ;; *) echo "$words" ;; esac)"
expect "the 70 are there all the same" "" "$(differences)"
as_superuser -c "create schema latchkey authorization supabase_auth_admin"
expect "with the schema made for it, it needs no such right" 0 "$(migrate)"

# ---- others ----
fresh m
expect "check only tells" "70 70 0" "$(migrate - check | grep -c '^auth.*to be applied') $(migrate - check | grep -c '^auth.*to be applied') $(sql -c "select count(*) from pg_tables where schemaname = 'auth'")"

fresh m
for i in 1 2 3 4; do migrate >"$scratch/count.$i" & pids[i]=$!; done
wait "${pids[@]}"
expect "four at once apply each step once" 70 "$(($(cat "$scratch"/count.*| tr '\n' '+')0))"
expect "and the schema is right" "" "$(differences)"

fresh m
(sql -c "begin" -c "select pg_advisory_xact_lock(x'6c617463686b6579'::bigint)" -c "select pg_sleep(1)" -c "commit" >/dev/null) &
holder=$!
sleep 0.3
migrate >/dev/null &
waiting=$!
sleep 0.3
expect "it waits for another's lock, under its name" auth_migrations \
	"$(as_superuser -c "select application_name from pg_stat_activity where wait_event = 'advisory' and datname = 'm'")"
wait "$holder" "$waiting"
expect "and goes on" 0 "$(migrate)"

cluster_sql "$dir" -c "create role boss superuser login"
psql -X -q -h "$dir" -U boss postgres -c "alter role postgres rename to elsewhere"
fresh_without() { psql -X -q -h "$dir" -U boss postgres -c "drop database if exists m with (force)" -c "create database m template empty" -c "alter database m set search_path = auth" -c "grant create on database m to supabase_auth_admin" 2>/dev/null; }
fresh_without
expect "without role postgres it works" 70 "$(migrate)"
psql -X -q -h "$dir" -U boss postgres -c "alter role elsewhere rename to postgres"

fresh m
as_superuser -c "create schema authx authorization supabase_auth_admin"
expect "another namespace, by the URL's search_path" 70 "$("$build/db_migrate_until" "$url?search_path=authx" authx 2>&1)"
expect "holds it all" "" "$("$root/tests/schema/compare" "$url" authx)"
expect "and auth nothing" 0 "$(sql -c "select count(*) from pg_tables where schemaname = 'auth'")"
words=$("$build/db_migrate_until" "$url?search_path=public" auth 2>&1 || true)
expect "a search_path that leads elsewhere is told" yes "$(case $words in *"set search_path = auth"*) echo yes ;; *) echo "$words" ;; esac)"

# ---- saving what was there (latchkey migrate --save) ----
fresh m
migrate 20240612123726 >/dev/null
printf 'DATABASE_URL="%s"\nGOTRUE_DB_DRIVER=postgres\nDB_NAMESPACE=auth\nAPI_EXTERNAL_URL=http://127.0.0.1\nGOTRUE_SITE_URL=http://127.0.0.1\n%s\n' "$url" \
	"GOTRUE_JWT_SECRET=tests-only-secret-that-is-long-enough-for-hs256" >"$scratch/save.env"
save() { PATH=${1:-$(cluster_bin):$PATH} "$build/latchkey" migrate --save "$scratch/saved.sql" -c "$scratch/save.env" >"$scratch/save.log" 2>&1 || echo failed; }
expect "without pg_dump nothing is saved" failed "$(save /nowhere)"
expect "and nothing is changed" "20240612123726 no" "$(sql -c 'select max(version) from schema_migrations') $([ -e "$scratch/saved.sql" ] && echo file || echo no)"
expect "the schema is saved before it is migrated" " 600 1 0" \
	"$(save) $(stat -c %a "$scratch/saved.sql") $(grep -c 'CREATE TABLE auth.one_time_tokens' "$scratch/saved.sql") $(grep -c 'CREATE TABLE auth.oauth_clients ' "$scratch/saved.sql" || true)"
expect "and then migrated" "" "$(differences)"
expect "where nothing is to be done nothing is saved" "no" "$(rm "$scratch/saved.sql"; save; [ -e "$scratch/saved.sql" ] && echo file || echo no)"
fresh m
touch "$scratch/saved.sql"
expect "a file that is there is not written over" "failed 0" "$(save) $(stat -c %s "$scratch/saved.sql")"
