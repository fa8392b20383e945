-- The table that Akka.Persistence.Sql would make for itself, and its indexes; a spec compares them.
create table journal (
    ordering integer not null primary key autoincrement,
    created integer not null,
    deleted Bit not null,
    persistence_id NVarChar(255) not null,
    sequence_number integer not null,
    message VarBinary not null,
    manifest NVarChar(500),
    identifier integer,
    tags NVarChar(100),
    writer_uuid NVarChar(128)
);

create unique index journal_uq on journal (persistence_id, sequence_number);
create index journal_created_idx on journal (created);
create index journal_sequence_number_idx on journal (sequence_number);
