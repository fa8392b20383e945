-- How late the clock was that all nodes share, in microseconds since 1970: one row, which only grows. Versions of the next life are above it.
create table shared_clock (
    id integer not null primary key,
    mark integer not null,
    -- By the clock of the store, which tells how much later it is by now.
    raised_at integer not null
) without rowid;
