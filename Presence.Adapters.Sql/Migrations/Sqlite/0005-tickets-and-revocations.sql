-- Tickets that were not used yet, by the hash of their text: the row is deleted by whoever uses it, and that one alone has used it. Times are microseconds since 1970, in UTC.
create table tickets (
    hash text not null primary key,
    user_id text not null,
    device_id text,
    -- Of the token by which it was asked for; all null: by none. What it allows: 1 to read, 2 to write.
    subject text,
    token_id text,
    token_issued_at integer,
    token_expires_at integer,
    token_allows integer,
    made_at integer not null,
    expires_at integer not null
) without rowid;

create index tickets_of_user on tickets (user_id);
create index tickets_expiry on tickets (expires_at);

-- Tokens that are not to be taken any more. A column is empty where it is not what they are told by.
create table revocations (
    user_id text not null,
    device_id text not null,
    token_id text not null,
    revoked_at integer not null,
    held_until integer not null,
    primary key (user_id, device_id, token_id)
) without rowid;

create index revocations_said on revocations (revoked_at);
create index revocations_held on revocations (held_until);
