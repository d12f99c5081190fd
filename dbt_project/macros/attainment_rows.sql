{# The columns of attainment, of the target's days that `which` picks: today's in one mart, the past ones in another. #}
{% macro attainment_rows(which) -%}
select
    judged.target_id,
    -- a promise of which nothing was said reads the same on every day, so a new day alone makes no new release of it
    case when judged.is_event or judged.is_reported or judged.revision is not null then judged.as_of end
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
    judged.revision,
    judged.comparator,
    judged.value_base,
    judged.upper_value_base,
    judged.base_unit_code,
    targets.start_year,
    judged.end_year,
    judged.rule,
    judged.baseline_base,
    judged.accumulation,
    judged.reports,
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
inner join {{ ref('targets') }} as targets on judged.target_id = targets.target_id
where {{ which }}
{%- endmacro %}
