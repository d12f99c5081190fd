{# The columns of attainment, of the target's days that `which` picks: today's in one mart, the past ones in another. #}
{% macro attainment_rows(which) -%}
select
    judged.target_id,
    -- a promise of which nothing was said reads the same on every day, so a new day alone makes no new release of it
    case when days.is_event or actuals.target_id is not null or promised.revision is not null then judged.as_of end
        as as_of,
    targets.programme_id,
    targets.task_id,
    targets.domain_code,
    targets.lead_units_zh,
    targets.lead_units_en,
    targets.lead_organization_ids,
    targets.indicator_id,
    targets.indicator_zh,
    targets.indicator_en,
    targets.measure_type,
    targets.direction,
    targets.aggregation,
    targets.kind,
    targets.basis,
    targets.value as first_value,
    targets.unit_code as first_unit_code,
    targets.end_year as first_end_year,
    promised.revision,
    promised.comparator,
    promised.value_base,
    promised.upper_value_base,
    promised.base_unit_code,
    targets.start_year,
    promised.end_year,
    judged.rule,
    judged.baseline_base,
    actuals.accumulation,
    actuals.reports,
    judged.window_start,
    judged.window_end,
    judged.actual_base,
    judged.actual_to,
    judged.periods_missing,
    judged.completion,
    judged.expected,
    judged.status,
    case
        when judged.status in ('achieved', 'on_track') then 'green'
        when judged.status = 'behind' then 'yellow'
        when judged.status in ('at_risk', 'overdue') then 'red'
    end as warning,
    judged.reason,
    targets.fictional
from {{ ref('int_attainment') }} as judged
inner join {{ ref('int_judgement_days') }} as days
    on judged.target_id = days.target_id and judged.as_of = days.as_of
inner join {{ ref('int_targets_as_of') }} as promised
    on judged.target_id = promised.target_id and judged.as_of = promised.as_of
inner join {{ ref('targets') }} as targets on judged.target_id = targets.target_id
left join {{ ref('int_actuals_as_of') }} as actuals
    on judged.target_id = actuals.target_id and judged.as_of = actuals.as_of
where {{ which }}
{%- endmacro %}
