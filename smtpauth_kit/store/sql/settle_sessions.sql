-- What an Exchange front end's log says of a session belongs to the messages in another log.
-- Runs at the end of each load and unload, so the order of loading does not matter.
-- In: smtp_sessions, submission_rows. Out: submission_rows, changed, unsettled.
create or replace temp table settled as
with once as (
    select tenant, session, arg_min(tls_version, (file_id, line)) as tls_version,
        arg_min(auth_protocol, (file_id, line)) as auth_protocol,
        arg_min(account, (file_id, line)) as account
    from smtp_sessions group by tenant, session
)
select distinct r.tenant, r.session, coalesce(o.tls_version, 'unknown')::tls_version as tls_version,
    coalesce(o.auth_protocol, 'unknown')::auth_protocol as auth_protocol,
    coalesce(a.address_id, 0) as account_id
from (
    select distinct tenant, session from submission_rows
    where session <> '' and session not like 'queue:%'
) r
left join once o using (tenant, session)
left join addresses a on a.address = o.account;

insert into changed
select distinct r.source, r.tenant, r.period_start, r.period_end
from submission_rows r join settled s using (tenant, session)
where r.tls_version <> s.tls_version or r.auth_protocol <> s.auth_protocol
    or r.account_id <> s.account_id;

insert into unsettled
select distinct r.source, r.tenant,
    key_of(r.row_key, r.network_message_id, r.message_id, d.address_key, r.period_start)
from submission_rows r join settled s using (tenant, session)
join addresses d on d.address_id = r.sender_id
where r.row_key = '' and not r.is_settled and (r.tls_version <> s.tls_version
    or r.auth_protocol <> s.auth_protocol or r.account_id <> s.account_id);

update submission_rows r
set tls_version = s.tls_version, auth_protocol = s.auth_protocol, account_id = s.account_id
from settled s
where r.tenant = s.tenant and r.session = s.session and not r.is_settled
    and (r.tls_version <> s.tls_version or r.auth_protocol <> s.auth_protocol
        or r.account_id <> s.account_id);
