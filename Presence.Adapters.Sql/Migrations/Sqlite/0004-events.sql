-- What backends sent to users: a row a recipient, until it is acknowledged or expired. Times are microseconds since 1970, in UTC.
create table events (
    ordering integer not null primary key autoincrement,
    user_id text not null,
    event_id text not null,
    event_type text not null,
    payload text not null,
    sender text,
    sent_at integer not null,
    expires_at integer not null,
    durable integer not null,
    unique (user_id, event_id)
);

create index events_of_user on events (user_id, ordering);
create index events_expiry on events (expires_at);
