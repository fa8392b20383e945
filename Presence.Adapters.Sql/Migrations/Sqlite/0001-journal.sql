-- The table that Akka.Persistence.Sql would make for itself, and its indexes; a spec compares them.
create table journal (
    ordering integer not null primary key autoincrement,
    created integer not null,
    deleted boolean not null,
    persistence_id nvarchar(255) not null,
    sequence_number integer not null,
    message blob not null,
    manifest nvarchar(500),
    identifier integer,
    tags nvarchar(100),
    writer_uuid nvarchar(128)
);

create unique index journal_uq on journal (persistence_id, sequence_number);
create index journal_created_idx on journal (created);
create index journal_sequence_number_idx on journal (sequence_number);
