-- Tickets that were not used yet, by the hash of their text: the row is deleted by whoever uses it, and that one alone has used it. Times are microseconds since 1970, in UTC.
create table tickets (
    hash text collate "C" not null primary key,
    user_id text collate "C" not null,
    device_id text collate "C",
    -- Of the token by which it was asked for; all null: by none. What it allows: 1 to read, 2 to write.
    subject text collate "C",
    token_id text,
    token_issued_at bigint,
    token_expires_at bigint,
    token_allows bigint,
    made_at bigint not null,
    expires_at bigint not null
);

create index tickets_of_user on tickets (user_id);
create index tickets_expiry on tickets (expires_at);

-- Tokens that are not to be taken any more. A column is empty where it is not what they are told by.
create table revocations (
    user_id text collate "C" not null,
    device_id text collate "C" not null,
    token_id text collate "C" not null,
    revoked_at bigint not null,
    held_until bigint not null,
    primary key (user_id, device_id, token_id)
);

create index revocations_said on revocations (revoked_at);
create index revocations_held on revocations (held_until);

create trigger fence before insert or update or delete on tickets for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on revocations for each statement execute function refuse_fenced_node();
