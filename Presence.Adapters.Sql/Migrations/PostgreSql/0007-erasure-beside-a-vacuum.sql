-- Whoever writes shares the lock of the users, and whoever erases one has it alone: a lock of the tables would wait for each vacuum of them,
-- and everybody else behind it. It is taken before that of the node, and whoever takes that of the directory does so before both.
create or replace function refuse_fenced_node() returns trigger language plpgsql as $$
declare
    writer text := current_setting('presence.node', true);
begin
    perform pg_advisory_xact_lock_shared(hashtext('presence users'));
    if writer <> '' then
        perform pg_advisory_xact_lock_shared(hashtext('presence node'), hashtext(writer));
        if exists (select from fenced_nodes where node = writer) then
            raise exception 'the node % was shut out of the store', writer using errcode = 'PRF01';
        end if;
    end if;
    return null;
end
$$;
