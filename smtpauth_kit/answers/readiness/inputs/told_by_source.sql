-- Question: which source tells of each sender?
-- Grain:    one row per tenant and sender: a chosen source where it sees the sender, else the one
--           that tells the authentication of it, then the one that counts most
-- Params:   $source, $sources
-- Reads:    asked_counts
with tellers as (
    select tenant, sender_key, source,
        max(case when source = $source or array_contains($sources, concat(tenant, '|', source))
            then 1 else 0 end) as is_chosen,
        max(case when auth_protocol <> 'unknown' then 1 else 0 end) as tells_auth,
        sum(message_count) as message_count
    from asked_counts
    group by tenant, sender_key, source
), ranked_tellers as (
    select tenant, sender_key, source,
        row_number() over (partition by tenant, sender_key
            order by is_chosen desc, tells_auth desc, message_count desc, source) as place
    from tellers
)
select tenant, sender_key, source
from ranked_tellers
where place = 1
