-- Ids are compared byte by byte: the collation "binary", the default. Times are microseconds since 1970, in UTC.
create table users (
    user_id text not null primary key,
    profile text,
    profile_sequence integer not null default 0,
    last_seen_at integer,
    connected integer not null default 0
) without rowid;

create table devices (
    user_id text not null,
    device_id text not null,
    name text,
    type text,
    platform text,
    app_version text,
    connected_at integer not null,
    last_active_at integer not null,
    primary key (user_id, device_id)
) without rowid;

-- Two rows a pair, one for each side.
create table contacts (
    user_id text not null,
    contact_id text not null,
    primary key (user_id, contact_id)
) without rowid;

create table participants (
    conversation_id text not null,
    user_id text not null,
    primary key (conversation_id, user_id)
) without rowid;
