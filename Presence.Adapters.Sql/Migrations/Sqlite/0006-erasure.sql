-- By which all of a user is found, to be handed out or erased.
create index participants_of_user on participants (user_id);
create index events_of_sender on events (sender) where sender is not null;
