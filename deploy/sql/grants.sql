-- What the service does to its tables once others make them (Presence:Storage:Migrate=false). With psql, the role as the variable "role".
grant usage on schema public to :"role";
grant select, insert, update, delete on all tables in schema public to :"role";
revoke insert, update, delete on schemaversions from :"role";
