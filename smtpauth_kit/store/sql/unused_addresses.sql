-- Forgets the addresses that no row has any more. In: addresses, submission_rows, smtp_sessions.
delete from addresses
where address_id <> 0
    and address_id not in (select sender_id from submission_rows)
    and address_id not in (select account_id from submission_rows)
    and address not in (select account from smtp_sessions);
