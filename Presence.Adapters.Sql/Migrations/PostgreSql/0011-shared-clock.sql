-- How late the clock was that all nodes share, in microseconds since 1970: one row, which only grows. Versions of the next life are above it.
create table shared_clock (
    id bigint not null primary key,
    mark bigint not null,
    -- By the clock of the store, which tells how much later it is by now.
    raised_at bigint not null
);

create trigger fence before insert or update or delete on shared_clock for each statement execute function refuse_fenced_node();
