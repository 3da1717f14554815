-- Question: which senders have an address that holds a text?
-- Grain:    one row per sender, as in sender_figures
-- Params:   $search (lower case; empty: all)
-- Reads:    sender_figures
select * from sender_figures
where $search = '' or contains(sender_key, $search) or contains(lower(sender_address), $search)
