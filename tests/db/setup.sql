-- what the integration test works on
create table things (id bigserial primary key, name text not null, constraint no_taboo check (name <> 'taboo'));
create table children (thing bigint references things (id) deferrable initially deferred);
create function raise_nope() returns void language plpgsql as $$
begin
	raise exception 'nope' using errcode = 'PT418', detail = 'the detail', hint = 'the hint';
end $$;
create role crowded login connection limit 0;
