-- steps of our own schema, numbered from 1; latchkey.migrations keeps which have been applied. A step that has been released is never
-- changed: a change is a further step. Names are qualified with latchkey.

-- step: 1 the counter from which a session's version 2 refresh tokens are of its higher level
-- No foreign key: auth stays as it is. Rows of sessions that are gone are removed by clean-up.
create table if not exists latchkey.session_levels (
	session_id uuid primary key,
	counter bigint not null,
	raised_at timestamptz not null
);
