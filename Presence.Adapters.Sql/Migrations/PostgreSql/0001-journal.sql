-- The table that Akka.Persistence.Sql would make for itself, and its indexes; a spec compares them.
create table journal (
    ordering bigint generated always as identity not null,
    created bigint not null,
    deleted boolean not null,
    persistence_id text not null,
    sequence_number bigint not null,
    message bytea not null,
    manifest text,
    identifier integer,
    tags text,
    writer_uuid text,
    constraint "PK_journal" primary key (ordering)
);

alter table journal add constraint journal_uq unique (persistence_id, sequence_number);
create index journal_created_idx on journal (created);
create index journal_sequence_number_idx on journal (sequence_number);
