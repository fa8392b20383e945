-- What belongs to a session, an id a row: it changes by the rows that differ. The kind is 0 for a user subscribed to, 1 for a conversation.
-- Of a session that is kept so, "sequence" in the table of sessions is negative, and its lists are empty. One that is positive was written
-- by an earlier version, and has its ids in the lists. The lowest number there is: the session is being forgotten.
create table session_ids (
    user_id text collate "C" not null,
    device_id text collate "C" not null,
    kind bigint not null,
    id text collate "C" not null,
    primary key (user_id, device_id, kind, id)
);

create trigger fence before insert or update or delete on session_ids for each statement execute function refuse_fenced_node();

-- A node of an earlier version that erases a user, while a cluster is upgraded, knows only the table of sessions.
create function forget_session_ids() returns trigger language plpgsql as $$
begin
    delete from session_ids using gone where session_ids.user_id = gone.user_id and session_ids.device_id = gone.device_id;
    return null;
end
$$;

create trigger forget_ids after delete on sessions referencing old table as gone for each statement execute function forget_session_ids();
