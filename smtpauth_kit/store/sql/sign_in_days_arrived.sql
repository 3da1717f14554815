-- The days of sign-ins that were appended, as changed: what is kept of them is counted anew.
-- In: arrived (of append_rows). Out: changed_periods.
insert into changed_periods
select distinct source, tenant, signed_in_at::date, signed_in_at::date from arrived;
