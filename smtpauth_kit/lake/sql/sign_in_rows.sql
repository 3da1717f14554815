-- One row a row whose client app is of SMTP: what it says, and why it does not fit (why; null: it
-- does). The first row of an id counts, in whichever table it stands (nth = 1).
with smtp as (
    select *, split(case when location like '{%' or location like '[%' then '' else location end, ',')
            as places,
        coalesce(nullif(error_code, ''), btrim(get_json_object(status, k.error_code_path), k.space),
            case when regexp_like(status, k.code) then status end, '') as said_code
    from smtpauth_sign_in_cells
    where contains(lower(client_app), k.smtp)
), told as (
    select *,
        case
            when array_contains(k.success_words, lower(status)) then 'success'
            when array_contains(k.failure_words, lower(status)) then 'failure'
            when array_contains(k.success_words, lower(error_code)) then 'success'
            when array_contains(k.failure_words, lower(error_code)) then 'failure'
            when not regexp_like(said_code, k.code) then ''
            when cast(regexp_extract(said_code, k.code, 1) as bigint) = 0 then 'success'
            else 'failure'
        end as result,
        coalesce(nullif(country, ''), nullif(btrim(element_at(places, -1), k.space), ''),
            nullif(btrim(get_json_object(location_details, k.country_path), k.space), ''),
            nullif(btrim(get_json_object(location, k.country_path), k.space), ''), '')
            as said_country,
        coalesce(nullif(city, ''),
            case when size(places) > 1 then nullif(btrim(element_at(places, 1), k.space), '') end,
            nullif(btrim(get_json_object(location_details, k.city_path), k.space), ''),
            nullif(btrim(get_json_object(location, k.city_path), k.space), ''), '') as said_city,
        lower(coalesce(nullif(id, ''), report_id)) as sign_in_id,
        regexp_replace(lower(protocol), k.signs, '') as word
    from smtp
), spelled as (
    select *, regexp_replace(word, k.auth_before, '') as bare,
        exists(k.bridge_agents, one -> startswith(lower(user_agent), one))
            or contains(lower(protocol), k.password_grant) as is_bridge
    from told
), keyed as (
    select k, table_name, at, day, account_shown, account_key, result, said_code, client_ip,
        said_country, said_city, network, user_agent, sign_in_id,
        case
            when is_bridge then 'basic'
            when length(protocol) > k.max_word then 'unknown'
            when array_contains(k.basic_words, word) or array_contains(k.basic_words, bare)
                then 'basic'
            when startswith(word, k.modern) or regexp_like(bare, k.oauth) then 'oauth'
            else 'unknown'
        end as auth_protocol,
        coalesce(
            date_why, account_why, case when account_shown = '' then 'the account is empty' end,
            case when result = '' then 'it says neither success nor failure' end,
            case when at is null then 'the date has no time of day' end) as why,
        case when sign_in_id <> '' then concat('id:', sign_in_id)
            else concat_ws(chr(10), 'same:', cast(at as string), account_key, client_ip, result)
        end as row_key
    from spelled
)
select *, case when why is null then row_number() over (
        partition by why, row_key
        order by at, result, table_name, account_shown, client_ip, said_code, auth_protocol
    ) end as nth
from keyed
