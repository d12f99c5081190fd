-- one row a target of a programme whose middle is past: how it stood at the review, and how it stands now
select
    now.target_id,
    now.programme_id,
    now.task_id,
    now.domain_code,
    now.lead_units_zh,
    now.lead_units_en,
    now.indicator_id,
    now.indicator_zh,
    now.indicator_en,
    reviews.review_on,
    judged.revision as revision_then,
    judged.value_base as value_base_then,
    judged.end_year as end_year_then,
    judged.actual_base as actual_base_then,
    judged.actual_to as actual_to_then,
    judged.completion as completion_then,
    judged.expected as expected_then,
    judged.status as status_then,
    judged.reason as reason_then,
    now.base_unit_code,
    now.revision,
    now.value_base,
    now.end_year,
    now.actual_base,
    now.actual_to,
    now.completion,
    now.status,
    now.revision is distinct from judged.revision as is_revised_since,
    now.fictional
from {{ ref('attainment') }} as now
inner join {{ ref('int_review_days') }} as reviews on now.programme_id = reviews.programme_id
inner join {{ ref('int_attainment') }} as judged
    on now.target_id = judged.target_id and reviews.review_on = judged.as_of
where now.kind = 'target'
order by now.target_id
