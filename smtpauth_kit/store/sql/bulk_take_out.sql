-- Takes the rows of messages that stand apart out again. Params: $file_id.
-- In: bulk_apart, bulk_keys. Out: submission_rows.
delete from submission_rows using bulk_keys
where file_id = $file_id and address_id = sender_id
    and hash(message_id, key_id, period_start) in (from bulk_apart)
