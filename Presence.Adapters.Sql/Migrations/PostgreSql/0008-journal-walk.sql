-- How far the walk over the journal is that cuts what grew before each projection cut its user's own facts: one row.
-- "walked" is the highest ordering of the journal that was looked at; "ended" is 1 when the end was reached.
create table journal_walk (
    id bigint not null primary key,
    walked bigint not null,
    ended bigint not null
);

insert into journal_walk (id, walked, ended) values (1, 0, 0);

create trigger fence before insert or update or delete on journal_walk for each statement execute function refuse_fenced_node();
