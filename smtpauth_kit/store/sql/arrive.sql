-- Staged submissions of one file with their keys: what the steps of appended_rows.py work on.
-- In:  staged_submissions, addresses with every address in it. Out: arrived; ranked, empty.
create or replace temp table arrived as
select row_number() over () as rid, s.*, a.address_id as sender_id, a.address_key as sender_key,
    b.address_id as account_id,
    key_of(s.row_key, network_message_id, message_id, a.address_key, period_start) as key,
    hash_of(s.row_key, network_message_id, message_id) as short_key
from staged_submissions s
join addresses a on a.address = s.sender_address
join addresses b on b.address = s.account;


create or replace temp table ranked (rid bigint, key text, nth bigint, is_repeated boolean);
