-- How many client addresses each sender has, for conditions on that.
left join (
    select sender_key, count(distinct client_ip) as client_ip_count
    from (/* counted */) as counted_rows where client_ip <> '' group by sender_key
) as clients using (sender_key)
