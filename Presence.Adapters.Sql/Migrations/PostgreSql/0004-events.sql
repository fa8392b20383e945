-- What backends sent to users: a row a recipient, until it is acknowledged or expired. Times are microseconds since 1970, in UTC.
create table events (
    ordering bigint generated always as identity primary key,
    user_id text collate "C" not null,
    event_id text collate "C" not null,
    event_type text not null,
    payload text not null,
    sender text collate "C",
    sent_at bigint not null,
    expires_at bigint not null,
    durable bigint not null,
    unique (user_id, event_id)
);

create index events_of_user on events (user_id, ordering);
create index events_expiry on events (expires_at);

create trigger fence before insert or update or delete on events for each statement execute function refuse_fenced_node();
