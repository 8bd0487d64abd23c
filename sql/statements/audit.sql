-- name: audit_insert none
-- $1 id, $2 payload, $3 now, $4 address or ''
insert into audit_log_entries (instance_id, id, payload, created_at, ip_address)
values ('00000000-0000-0000-0000-000000000000', $1, $2, $3, $4)

-- fragment: audit_here
a.instance_id = '00000000-0000-0000-0000-000000000000'

-- name: audit_page many
-- $1 limit, $2 offset
select a.id, a.payload, a.created_at, a.ip_address from audit_log_entries a where {{audit_here}} order by a.created_at desc limit $1 offset $2

-- name: audit_count one
select count(*) from audit_log_entries a where {{audit_here}}

-- fragment: audit_search
-- $1 the payload's members that are searched, $2 what for; wildcards in it count (contract 05 section 12.4).
exists (select from unnest($1::text[]) as k where a.payload ->> k ilike '%' || $2::text || '%')

-- name: audit_search_page many
-- $1 members, $2 text, $3 limit, $4 offset
select a.id, a.payload, a.created_at, a.ip_address from audit_log_entries a where {{audit_here}} and {{audit_search}}
order by a.created_at desc limit $3 offset $4

-- name: audit_search_count one
-- $1 members, $2 text
select count(*) from audit_log_entries a where {{audit_here}} and {{audit_search}}
