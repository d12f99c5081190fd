-- one row a target and day on which something of it was reported or revised: what was known and judged on that day
-- in no order: to sort a million wide rows takes as long as to make them, and a release sorts what it writes
{{ attainment_rows('judged.is_event') }}
