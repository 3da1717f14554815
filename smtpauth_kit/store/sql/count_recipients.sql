-- To which domains each sender wrote on each day, for the rules and for readiness. Rules go by what
-- stands between the first @ and the next (is_addressed), readiness by what stands after the last @,
-- or by a recipient without one (is_last): of nearly every recipient these are the same. A list that
-- names fewer recipients than its message had is untold; of one that names none, domain is empty.
-- In: counting_recipients, of the days to count. Out: the rows of daily_by_recipient_domain.
with lists as (
    select source, tenant, ahead_of_clock, period_start, period_end, sender_key, recipients,
        max(coalesce(recipient_count, 0)) as recipient_count
    from counting_recipients
    group by all
), named as (
    select * exclude (recipients), [each for each in recipients if each <> ''] as named
    from lists
), one_each as (
    select * exclude (named, recipient_count), len(named) < greatest(recipient_count, 1) as is_untold,
        unnest(case when len(named) = 0 then [null] else named end) as recipient
    from named
), parted as (
    select * exclude (recipient), recipient like '%@%' as has_at,
        lower(split_part(recipient, '@', 2)) as addressed,
        case when recipient like '%@%' and recipient not like '%@%@%'
                and not contains(recipient, chr(10)) then lower(split_part(recipient, '@', 2))
            else lower(regexp_replace(recipient, '^.*@', '')) end as last
    from one_each
), domains as (
    select * exclude (has_at, addressed, last), coalesce(last, '') as domain,
        coalesce(has_at and addressed = last, false) as is_addressed, last is not null as is_last
    from parted
    union all
    select * exclude (has_at, addressed, last), addressed, true, false
    from parted
    where has_at and addressed <> last
)
select source, tenant, ahead_of_clock, period_start, period_end, sender_key, domain,
    bool_or(is_addressed) as is_addressed, bool_or(is_last) as is_last,
    bool_or(is_untold) as is_untold
from domains
group by all
