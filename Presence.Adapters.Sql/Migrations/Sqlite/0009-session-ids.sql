-- What belongs to a session, an id a row: it changes by the rows that differ. The kind is 0 for a user subscribed to, 1 for a conversation.
-- Of a session that is kept so, "sequence" in the table of sessions is negative, and its lists are empty. One that is positive was written
-- by an earlier version, and has its ids in the lists. The lowest number there is: the session is being forgotten.
create table session_ids (
    user_id text not null,
    device_id text not null,
    kind integer not null,
    id text not null,
    primary key (user_id, device_id, kind, id)
) without rowid;
