-- So that a device which comes back after a restart is what it was: whether it was idle when it was last written, and whether its connection
-- had ended then. An earlier build leaves both as they are; what they say is wrong then until the device next says what it is.
alter table devices add column idle bigint not null default 0;
alter table devices add column ended bigint not null default 0;
