-- Forgets the addresses that no row has any more. In: addresses, submission_rows, smtp_sessions.
delete from addresses
where address_id <> 0
    and address_id not in (select distinct sender_id from submission_rows)
    and address_id not in (select distinct account_id from submission_rows)
    and address not in (select distinct account from smtp_sessions);
