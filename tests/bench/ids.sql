-- Ids that follow from a number, for the rows of one kind.
create or replace function public.bench_id(kind int, n int) returns uuid language sql immutable as $$ select format('be9c%s-0000-4000-8000-%s', to_char(kind, 'FM0000'), lpad(to_hex(n), 12, '0'))::uuid $$;
