-- What several nodes share. Lists are JSON arrays of texts.
create table sessions (
    user_id text collate "C" not null,
    device_id text collate "C" not null,
    connection text not null,
    sequence bigint not null,
    subscriptions text not null,
    conversations text not null,
    saved_at bigint not null,
    primary key (user_id, device_id)
);

create index sessions_saved_at_idx on sessions (saved_at);

create table secrets (
    name text collate "C" not null primary key,
    secret bytea not null
);

-- The lives of nodes that were taken for dead and replaced: nothing that they write is accepted. Each connection of a node
-- carries its name in the setting "presence.node".
create table fenced_nodes (
    node text collate "C" not null primary key,
    at bigint not null
);

-- The lock is the writer's until its transaction ends: whoever shuts a node out waits for it, and knows then that nothing of
-- that node is still to come. It is taken before the table is read, so one of the two sees the other.
create function refuse_fenced_node() returns trigger language plpgsql as $$
declare
    writer text := current_setting('presence.node', true);
begin
    if writer <> '' then
        perform pg_advisory_xact_lock_shared(hashtext('presence node'), hashtext(writer));
        if exists (select from fenced_nodes where node = writer) then
            raise exception 'the node % was shut out of the store', writer using errcode = 'PRF01';
        end if;
    end if;
    return null;
end
$$;

create trigger fence before insert or update or delete on journal for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on users for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on devices for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on contacts for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on participants for each statement execute function refuse_fenced_node();
create trigger fence before insert or update or delete on sessions for each statement execute function refuse_fenced_node();
