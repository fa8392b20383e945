-- Ids are compared byte by byte: the collation "C". Times are microseconds since 1970, in UTC.
create table users (
    user_id text collate "C" not null primary key,
    profile text,
    profile_sequence bigint not null default 0,
    last_seen_at bigint,
    connected bigint not null default 0
);

create table devices (
    user_id text collate "C" not null,
    device_id text collate "C" not null,
    name text,
    type text,
    platform text,
    app_version text,
    connected_at bigint not null,
    last_active_at bigint not null,
    primary key (user_id, device_id)
);

-- Two rows a pair, one for each side.
create table contacts (
    user_id text collate "C" not null,
    contact_id text collate "C" not null,
    primary key (user_id, contact_id)
);

create table participants (
    conversation_id text collate "C" not null,
    user_id text collate "C" not null,
    primary key (conversation_id, user_id)
);
