-- one row a target and day on which something of it was reported or revised: what was known and judged on that day
{{ attainment_rows('days.is_event') }}
order by target_id, as_of
