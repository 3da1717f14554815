-- Rows that older kits put in the place of those of several files: what is settled of a message.
-- In: submission_rows. Out: is_settled.
update submission_rows r set is_settled = true
from (select * from submission_rows where duplicate_of = file_id) own
where r.duplicate_of is null and r.file_id = own.file_id and r.row_key = own.row_key
    and r.sender_id = own.sender_id and r.period_start = own.period_start
    and r.message_id = own.message_id and r.network_message_id = own.network_message_id;
