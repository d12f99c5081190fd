-- the day of the mid-term review of a programme: the middle of its period and the days left for reporting
select
    programme_id,
    cast(
        make_date(start_year, 1, 1)
        + to_days(cast(
            datediff('day', make_date(start_year, 1, 1), make_date(end_year, 12, 31)) // 2 as integer
        ))
        + to_days({{ var('report_due_days') }}) as date
    ) as review_on
from {{ ref('stg_programmes') }}
