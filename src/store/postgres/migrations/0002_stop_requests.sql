-- Breaks running workers: no. An older worker stops attempts of cancelled runs as it always did.

-- JSON: a wish that the attempt ends before it ends by itself; null = none.
alter table lease add column stop text;
