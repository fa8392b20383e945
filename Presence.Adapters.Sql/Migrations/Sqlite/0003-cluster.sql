-- What several nodes would share; a file has one. Lists are JSON arrays of texts.
create table sessions (
    user_id text not null,
    device_id text not null,
    connection text not null,
    sequence integer not null,
    subscriptions text not null,
    conversations text not null,
    saved_at integer not null,
    primary key (user_id, device_id)
) without rowid;

create index sessions_saved_at_idx on sessions (saved_at);

create table secrets (
    name text not null primary key,
    secret blob not null
) without rowid;
